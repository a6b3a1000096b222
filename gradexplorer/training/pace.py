"""How often a run is traced, so that watching it costs next to nothing."""

from __future__ import annotations

import time
from collections.abc import Callable

SHARE = 0.01  # of a run's time that traces take
SELDOM = 1.0  # seconds from one to the next at most, unless that would take
MOST_SHARE = 0.04
_NEW = 0.2  # weight of the newest in an average


class TracePace:
    """Allows traces by what they cost: the time of an update with one less that of one without.

    Parameters
    ----------
    clock : callable
        Returns seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._seconds: dict[bool, float] = {}  # of an update, by whether it was traced
        self._began = 0.0
        self._last = -float("inf")  # when a trace was last made

    @property
    def interval(self) -> float:
        """Seconds from one trace, which there has to be, to the next at least.

        After the first one some update has to be made without, to know what one costs.
        """
        if False not in self._seconds:
            return float("inf")
        cost = max(0.0, self._seconds[True] - self._seconds[False])
        return min(cost / SHARE, max(SELDOM, cost / MOST_SHARE))

    def allows(self) -> bool:
        """Tell whether it is time for another trace."""
        return True not in self._seconds or self._clock() - self._last >= self.interval

    def begin(self) -> None:
        """Note that an update begins."""
        self._began = self._clock()

    def end(self, *, traced: bool) -> None:
        """Note that it is done, and whether it was traced."""
        now = self._clock()
        seconds = now - self._began
        average = self._seconds.get(traced, seconds)
        self._seconds[traced] = average + _NEW * (seconds - average)
        if traced:
            self._last = now
