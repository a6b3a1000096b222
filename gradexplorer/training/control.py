"""The only way up: what the window may ask of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition

from gradexplorer.config.experiment import LiveSettings
from gradexplorer.training.inside import Detail
from gradexplorer.training.pace import TracePace


@dataclass(frozen=True)
class Turn:
    """Leave to make one update.

    Attributes
    ----------
    live : LiveSettings or None
        To act from this update on.
    trace : bool
        Whether a trace of it is wanted.
    moment : bool
        Whether a moment is, to which one can go back.
    details : Detail
        What a trace is to have.
    again : bool
        No leave for an update: a trace of the last one is wanted again, with other details.
    """

    live: LiveSettings | None
    trace: bool
    moment: bool = False
    details: Detail = Detail.NONE
    again: bool = False


class Control:
    """Commands to a run, safe to give from any thread.

    A paused run makes one update for each `step`. Stopping is final. The run waits on
    an event, never by sleeping.

    Parameters
    ----------
    paused : bool
        Whether the run waits before its first update.

    Attributes
    ----------
    pace : TracePace
        Puts off traces that are wanted too often; those of single steps and moments never.
    """

    def __init__(self, *, paused: bool = False) -> None:
        self.pace = TracePace()
        self._changed = Condition()
        self._paused = paused
        self._stopped = False
        self._steps = 0
        self._live: LiveSettings | None = None
        self._trace = self._moment = False
        self._last_is_traced = False
        self._details, self._again, self._has_begun = Detail.NONE, False, False

    def pause(self) -> None:
        """Let the run wait, after one more update unless the last one begun is traced."""
        with self._changed:
            if not self._paused:
                self._paused, self._steps = True, int(not self._last_is_traced)

    def resume(self) -> None:
        """Let a paused run go on."""
        with self._changed:
            self._paused = False
            self._changed.notify_all()

    def step(self) -> None:
        """Let a paused run make one update, and trace it."""
        with self._changed:
            self._steps += 1
            self._changed.notify_all()

    def stop(self) -> None:
        """End the run after the update it is making."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def change(self, live: LiveSettings) -> None:
        """Let other live settings act from the next update on."""
        with self._changed:
            self._live = live

    def want_trace(self) -> None:
        """Ask for a trace of the next update, or of the first one that the pace allows."""
        with self._changed:
            self._trace = True

    def want_moment(self) -> None:
        """Ask for a moment to be kept of the next update, with a trace."""
        with self._changed:
            self._moment = True

    def look_into(self, details: Detail) -> None:
        """Let traces have these details from now on; while the run waits, the last one at once."""
        with self._changed:
            self._again = self._has_begun and bool(details & ~self._details)
            self._details = details
            self._changed.notify_all()

    def turn(self, rest: Callable[[], None] = lambda: None) -> Turn | None:
        """Wait until an update may be made; ``None`` when the run is to end.

        Parameters
        ----------
        rest : callable
            Called if there is something to wait for.
        """
        with self._changed:
            if not self._may_go_on():
                rest()
                self._changed.wait_for(self._may_go_on)
            if self._stopped:
                return None
            again, self._again = self._again and not self._may_update(), False
            if again:
                return Turn(None, trace=True, details=self._details, again=True)
            single = self._paused
            if single:
                self._steps -= 1
            moment = self._moment or single
            trace = moment or (self._trace and self.pace.allows())
            turn = Turn(self._live, trace, moment, self._details)
            self._live, self._moment = None, False
            self._trace = self._trace and not trace
            self._last_is_traced, self._has_begun = turn.trace, True
            return turn

    def _may_go_on(self) -> bool:
        return self._stopped or self._again or self._may_update()

    def _may_update(self) -> bool:
        return self._steps > 0 or not self._paused
