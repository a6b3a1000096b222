"""How long a run has been running, and how fast."""

from __future__ import annotations

import time

_READABLE = 0.5  # seconds that a speed is averaged over, so that the figure can be read


class Clock:
    """Counts the time spent running, pauses left out, and the updates of the last half second.

    Attributes
    ----------
    updates_per_second : float
        Or 0, where it is too soon to tell.
    """

    def __init__(self) -> None:
        self.reset()

    @property
    def seconds(self) -> float:
        """Time spent running."""
        since = 0.0 if self._started is None else time.monotonic() - self._started
        return self._seconds + since

    def reset(self) -> None:
        """Stand at zero."""
        self._seconds = 0.0
        self._started: float | None = None
        self.forget_speed()

    def start(self) -> None:
        """Run on, if it does not."""
        if self._started is None:
            self._started = time.monotonic()

    def stop(self) -> None:
        """Stand still."""
        self._seconds, self._started = self.seconds, None

    def forget_speed(self) -> None:
        """Measure the speed anew."""
        self.updates_per_second = 0.0
        self._counted = 0
        self._counted_from = time.monotonic()

    def count(self, updates: int) -> None:
        """Take the updates that were made since the last count into the speed."""
        self._counted += updates
        elapsed = time.monotonic() - self._counted_from
        if elapsed >= _READABLE:
            self.updates_per_second = self._counted / elapsed
            self._counted, self._counted_from = 0, time.monotonic()
