"""Where a run leaves its snapshots and the window fetches them."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from threading import Condition

import numpy as np
from numpy.typing import NDArray

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
    """

    metrics: NDArray[np.void]
    trace: WindowTrace | None = None
    evaluation: Evaluation | None = None
    divergence: Divergence | None = None


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
        self._closed = False

    def put(self, snapshot: Snapshot) -> None:
        """Leave a snapshot; waits while the box is full and open."""
        row = _ROW.pack(*snapshot.metrics)
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._rows) < self._capacity)
            self._rows += row
            self._trace = snapshot.trace or self._trace
            self._evaluation = snapshot.evaluation or self._evaluation
            self._divergence = snapshot.divergence or self._divergence

    def fetch(self) -> Mail:
        """Take what is there."""
        with self._changed:
            rows, self._rows = self._rows, bytearray()
            mail = Mail(
                np.frombuffer(rows, METRICS_DTYPE), self._trace, self._evaluation, self._divergence
            )
            self._trace = self._evaluation = self._divergence = None
            self._changed.notify_all()
        return mail

    def close(self) -> None:
        """Never let a run wait for a reader again."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
