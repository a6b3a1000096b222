"""Where a run leaves its snapshots and the window fetches them."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from threading import Condition
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradexplorer.training.moments import (
    Moment,
    Profile,
    profile_of,
    sample_of_moments,
    sample_of_profiles,
)
from gradexplorer.training.snapshot import (
    METRICS_DTYPE,
    Divergence,
    Evaluation,
    Snapshot,
    StepMetrics,
    WindowTrace,
)

_ROW = struct.Struct(
    "=" + "".join("q" if METRICS_DTYPE[name].kind == "i" else "d" for name in StepMetrics._fields)
)
pack_row = _ROW.pack
"""Return the bytes of the fields of a `StepMetrics`, as `METRICS_DTYPE` lays them out."""
CAPACITY = 1 << 18


@dataclass(frozen=True, eq=False)
class Mail:
    """What came since the last fetch: every update's metrics, and the latest of the rest.

    Attributes
    ----------
    metrics : structured ndarray
        One row an update, of `METRICS_DTYPE`.
    trace, evaluation, divergence
        ``None`` where nothing new came.
    resting : bool
        Whether the run began to wait for leave, after these updates.
    moments : tuple of Moment
    profiles : tuple of Profile
        Of every trace, or evenly spread ones where they were too many.
    """

    metrics: NDArray[np.void]
    trace: WindowTrace | None = None
    evaluation: Evaluation | None = None
    divergence: Divergence | None = None
    resting: bool = False
    moments: tuple[Moment, ...] = ()
    profiles: tuple[Profile, ...] = ()

    @classmethod
    def of_rows(cls, rows: bytes | bytearray, *rest: Any) -> Mail:
        """Return mail whose metrics are packed rows."""
        return cls(np.frombuffer(rows, METRICS_DTYPE), *rest)


class Mailbox:
    """A bounded box between a run's thread and its reader's.

    Scalars are packed bytes, so that a reader who was away for seconds is done in
    milliseconds. No row is lost: when the box is full, the run waits for its reader.

    Parameters
    ----------
    capacity : int
        Rows.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._changed = Condition()
        self._capacity = capacity * _ROW.size
        self._rows = bytearray()
        self._trace: WindowTrace | None = None
        self._evaluation: Evaluation | None = None
        self._divergence: Divergence | None = None
        self._moments, self._profiles = sample_of_moments(), sample_of_profiles()
        self._kept: tuple[Moment, ...] = ()
        self._measured: Evaluation | None = None
        self._resting = False
        self._closed = False

    def put(self, snapshot: Snapshot) -> None:
        """Leave a snapshot; waits while the box is full and open."""
        kept, self._kept = self._kept, ()
        trace = snapshot.trace
        self._measured = snapshot.evaluation or self._measured
        self._add(
            pack_row(*snapshot.metrics),
            trace,
            snapshot.evaluation,
            snapshot.divergence,
            tuple(replace(moment, evaluation=self._measured) for moment in kept),
            () if trace is None else (profile_of(trace),),
        )

    def keep(self, moment: Moment) -> None:
        """Leave a moment of the update that is put next."""
        self._kept = (moment,)

    def deliver(self, mail: Mail) -> None:
        """Leave what was fetched from another box; waits as `put` does."""
        rows, latest = mail.metrics.tobytes(), (mail.trace, mail.evaluation, mail.divergence)
        self._add(rows, *latest, mail.moments, mail.profiles)
        if mail.resting:
            self.rest()

    def show(self, trace: WindowTrace) -> None:
        """Leave another trace of the last update that was put."""
        with self._changed:
            self._trace = trace

    def rest(self) -> None:
        """Tell that the run waits for leave."""
        with self._changed:
            self._resting = True
            self._changed.notify_all()

    def fetch(self) -> Mail:
        """Take what is there."""
        with self._changed:
            rows, self._rows = self._rows, bytearray()
            mail = Mail.of_rows(
                rows,
                self._trace,
                self._evaluation,
                self._divergence,
                self._resting,
                self._moments.take(),
                self._profiles.take(),
            )
            self._trace = self._evaluation = self._divergence = None
            self._resting = False
            self._changed.notify_all()
        return mail

    def close(self) -> None:
        """Never let a run wait for a reader again."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _add(
        self,
        rows: bytes,
        trace: WindowTrace | None,
        evaluation: Evaluation | None,
        divergence: Divergence | None,
        moments: tuple[Moment, ...],
        profiles: tuple[Profile, ...],
    ) -> None:
        with self._changed:
            self._changed.wait_for(self._has_room)
            if not self._rows:
                self._changed.notify_all()
            self._rows += rows
            self._resting = False
            self._trace = trace or self._trace
            self._evaluation = evaluation or self._evaluation
            self._divergence = divergence or self._divergence
            for moment in moments:
                self._moments.add(moment)
            for profile in profiles:
                self._profiles.add(profile)

    def _has_room(self) -> bool:
        return self._closed or len(self._rows) < self._capacity
