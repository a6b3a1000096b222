"""All metrics of a run, and the latest of everything else."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gradexplorer.training.mailbox import Mail
from gradexplorer.training.snapshot import METRICS_DTYPE, Divergence, Evaluation, WindowTrace

SMOOTHING = 0.95


class History:
    """What a run has shown so far, in columns that grow.

    Attributes
    ----------
    trace, evaluation, divergence
        The latest, or ``None``.
    """

    def __init__(self) -> None:
        self.trace: WindowTrace | None = None
        self.evaluation: Evaluation | None = None
        self.divergence: Divergence | None = None
        self._rows = np.empty(1024, METRICS_DTYPE)
        self._smoothed = np.empty(1024)
        self._length = 0
        self._average = self._weight = 0.0

    def __len__(self) -> int:
        return self._length

    def add(self, mail: Mail) -> None:
        """Take in what came."""
        self._append(mail.metrics)
        self.trace = mail.trace or self.trace
        self.evaluation = mail.evaluation or self.evaluation
        self.divergence = mail.divergence or self.divergence

    @property
    def metrics(self) -> NDArray[np.void]:
        """All rows so far, a view of type `METRICS_DTYPE`."""
        return self._rows[: self._length]

    @property
    def smoothed_loss(self) -> NDArray[np.float64]:
        """The exponential moving average of the loss, without its bias towards zero at the start.

        As Adam corrects its moments (Kingma & Ba 2015). Losses that are not finite are left out.
        """
        return self._smoothed[: self._length]

    def _append(self, rows: NDArray[np.void]) -> None:
        stop = self._length + len(rows)
        if stop > len(self._rows):
            size = max(stop, 2 * len(self._rows))
            self._rows = np.resize(self._rows, size)
            self._smoothed = np.resize(self._smoothed, size)
        self._rows[self._length : stop] = rows
        self._smoothed[self._length : stop] = self._smooth(rows["loss"])
        self._length = stop

    def _smooth(self, losses: NDArray[np.float64]) -> list[float]:
        smoothed = []
        for loss in losses.tolist():
            if np.isfinite(loss):
                self._average = SMOOTHING * self._average + (1.0 - SMOOTHING) * loss
                self._weight = SMOOTHING * self._weight + (1.0 - SMOOTHING)
            smoothed.append(self._average / self._weight if self._weight else np.nan)
        return smoothed
