"""What a run does, as the window tells it."""

from __future__ import annotations

from enum import Enum


class State(Enum):
    """What the run does.

    ::

        READY -> RUNNING <-> PAUSED
                 RUNNING, PAUSED -> FINISHED | DIVERGED | FAILED
                 any -> READY  (reset, or another experiment)
                 any -> RUNNING or PAUSED  (from a moment that was kept)

    Which moment the views show is another matter; see `TimeTravel`.
    """

    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    DIVERGED = "diverged"
    FAILED = "failed"

    @property
    def is_over(self) -> bool:
        """Whether no further update can come."""
        return self in (State.FINISHED, State.DIVERGED, State.FAILED)
