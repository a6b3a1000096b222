"""All metrics of a run on disk, a digest of them in memory, and the latest of everything else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gradexplorer.errors import InputError
from gradexplorer.training.buckets import Buckets, Digest, merge, of_single_updates, power_of_two
from gradexplorer.training.mailbox import Mail
from gradexplorer.training.moments import Moment, sample_of_moments, sample_of_profiles
from gradexplorer.training.smoothing import SMOOTHED_DTYPE, MovingAverage
from gradexplorer.training.snapshot import METRICS_DTYPE, Divergence, Evaluation, WindowTrace
from gradexplorer.training.spill import Spill

CAPACITY = 1 << 16
_BLOCK = 1 << 16


class History:
    """What a run has shown so far, in bounded memory however long it is.

    Parameters
    ----------
    capacity : int
        Buckets that are kept in memory.

    Attributes
    ----------
    trace, evaluation, divergence
        The latest, or ``None``.
    moments : EvenSample of Moment
        Those that one can go back to.
    profiles : EvenSample of Profile
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.trace: WindowTrace | None = None
        self.evaluation: Evaluation | None = None
        self.divergence: Divergence | None = None
        self.moments, self.profiles = sample_of_moments(), sample_of_profiles()
        self._capacity = capacity
        self._digest = Digest(capacity)
        self._averages = {name: MovingAverage() for name in SMOOTHED_DTYPE.names or ()}
        self._rows, self._smoothed = Spill(METRICS_DTYPE), Spill(SMOOTHED_DTYPE)

    def __len__(self) -> int:
        return self._digest.updates

    def add(self, mail: Mail) -> None:
        """Take in what came."""
        rows = mail.metrics
        if len(rows):
            smoothed = np.empty(len(rows), SMOOTHED_DTYPE)
            for name, average in self._averages.items():
                smoothed[name] = average.add(rows[name])
            self._digest.add(of_single_updates(rows, smoothed))
            if not self.problem:
                self._rows.append(rows)
                self._smoothed.append(smoothed)
        for moment in mail.moments:
            self._keep(moment)
        for profile in mail.profiles:
            self.profiles.add(profile)
        self.trace = mail.trace or self.trace
        self.evaluation = mail.evaluation or self.evaluation
        self.divergence = mail.divergence or self.divergence

    def until(self, moment: Moment) -> History:
        """Return a copy that ends with a moment, as it was then.

        Raises
        ------
        InputError
            The metrics up to there were not kept.
        """
        if moment.iteration > self.kept:
            raise InputError(
                f"The metrics of update {moment.iteration:,} were lost, for {self.problem} "
                f"Continue from update {self.kept:,} or earlier."
            )
        copy, rows = History(self._capacity), self.metrics[: moment.iteration]
        for start in range(0, len(rows), _BLOCK):
            copy.add(Mail(rows[start : start + _BLOCK]))
        copy.moments = self.moments.until(moment.iteration)
        copy.profiles = self.profiles.until(moment.iteration)
        copy.trace, copy.evaluation = moment.trace, moment.evaluation
        return copy

    def forget_moments(self) -> None:
        """Keep no moment to go back to; the profiles stay."""
        self.moments.take()

    def _keep(self, moment: Moment) -> None:
        """Take a moment; it shares with the one before it what is equal."""
        last = self.moments.items[-1] if len(self.moments) else None
        before = last.evaluation if last else None
        evaluation, checkpoint = moment.evaluation or before, moment.checkpoint
        if before and evaluation and evaluation.iteration == before.iteration:
            evaluation = before
        if checkpoint and last and last.checkpoint and last.checkpoint.config == checkpoint.config:
            checkpoint = replace(checkpoint, config=last.checkpoint.config)
        self.moments.add(Moment(moment.trace, checkpoint, evaluation))

    def flush(self) -> None:
        """Write what waits to be kept; afterwards `problem` tells of it."""
        self._rows.flush()
        self._smoothed.flush()

    @property
    def kept(self) -> int:
        """Updates whose metrics are there in full; fewer than all once there is a `problem`."""
        return min(len(self._rows), len(self._smoothed))

    @property
    def problem(self) -> str:
        """Why the metrics of later updates are not kept, in a sentence; empty if they are."""
        reason = self._rows.problem or self._smoothed.problem
        if not reason:
            return ""
        return (
            f"Metrics cannot be kept on disk from update {self.kept + 1:,} on: {reason}. "
            "Training and the plots go on; tables that are saved end there."
        )

    @property
    def metrics(self) -> NDArray[np.void]:
        """All rows that are kept, of type `METRICS_DTYPE`; read-only and on disk."""
        return self._rows.mapped()[: self.kept]

    @property
    def smoothed_loss(self) -> NDArray[np.float64]:
        """The `MovingAverage` of the loss after each of `metrics`; read-only and on disk."""
        smoothed: NDArray[np.float64] = self._smoothed.mapped()[: self.kept]["loss"]
        return smoothed

    def row(self, index: int) -> tuple[np.void, np.void] | None:
        """Return the metrics of one update, counted from 0, and what is smoothed, if kept."""
        if not 0 <= index < self.kept:
            return None
        return self._rows.read(index, index + 1)[0], self._smoothed.read(index, index + 1)[0]

    def buckets(self, updates: slice, columns: int) -> Buckets:
        """Return a range of updates for a plot of so many pixel columns.

        There are at most two buckets a column and one more, and at least one where there are
        updates enough. They begin at multiples of their length, so that a growing series does not
        shimmer; the first may therefore begin before the range.

        Parameters
        ----------
        updates : slice
            Counted from 0.
        columns : int
        """
        start, stop = updates.start, min(updates.stop, len(self))
        size = self._digest.size
        if size > 1 and (stop - start) < columns * size and stop <= self.kept:
            factor = power_of_two(stop - start, columns)
            start -= start % factor
            rows, smoothed = self._rows.read(start, stop), self._smoothed.read(start, stop)
            found = of_single_updates(rows, smoothed)
        else:
            start, stop = start // size, -(-stop // size)
            factor = power_of_two(stop - start, columns)
            found = self._digest.part(start - start % factor, stop)
        return merge(found, np.arange(0, len(found.first), factor))
