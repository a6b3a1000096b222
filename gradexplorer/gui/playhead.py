"""Where in one update the unrolled graph is: played slowly, paused, or moved by hand."""

from __future__ import annotations

import math
import time

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from gradexplorer.gui.passes import Passes, Place

_FRAME = 33  # milliseconds
_LONGEST_FRAME = 0.2  # seconds: after a stall it goes on from where it was
_SLOWEST = 2.0  # places a second, before the user's factor
_LONGEST = 20.0  # seconds for an update, likewise


class Playhead(QObject):
    """Goes through the places of an update.

    ::

        away --play--> playing <--pause, play--> standing
        away --move--> standing
        playing --the end is reached--> standing
        any --leave, or there is no update--> away

    Its clock runs only while it plays and is in sight.

    Attributes
    ----------
    passes : Passes
    is_active : bool
        Whether it stands or plays, and is not away.
    is_playing : bool
    speed : float
        Factor on its own speed, which is two places a second, or more where an update would else
        take longer than twenty seconds.
    """

    moved = Signal()
    """It is elsewhere."""
    changed = Signal()
    """It plays, stands or is away, and was not before."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.passes = Passes(0)
        self.is_active = self.is_playing = False
        self.speed = 1.0
        self._position = 0.0
        self._in_sight = False
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME)
        self._timer.timeout.connect(self._tick)

    @property
    def index(self) -> int:
        """The last place that is reached."""
        return math.floor(self._position)

    @property
    def on_the_way(self) -> float:
        """The share of the way to the next place, in [0, 1)."""
        return self._position - self.index

    @property
    def place(self) -> Place:
        """What was computed last."""
        return self.passes.place(self.index)

    @property
    def is_at_end(self) -> bool:
        """Whether the update is made."""
        return self.index >= self.passes.update

    @property
    def is_running(self) -> bool:
        """Whether its clock runs."""
        return self._timer.isActive()

    def set_passes(self, passes: Passes) -> None:
        """Begin at the start of another update; without any steps be away."""
        self.passes, self._position = passes, 0.0
        if not passes.steps:
            self.leave()
        elif self.is_active:
            self.moved.emit()

    @Slot()
    def toggle(self) -> None:
        """Play, from the start where the end is reached, or pause at the next place."""
        if self.is_playing:
            self._position = float(math.ceil(self._position))
            self._be(active=True, playing=False)
        elif self.passes.steps:
            if self.is_at_end or not self.is_active:
                self._position = 0.0
            self._be(active=True, playing=True)
        self.moved.emit()

    def move(self, by: int) -> None:
        """Go so many places on or back, and stand there."""
        if not self.passes.steps:
            return
        if self.is_active:
            at = self._position
            start = math.floor(at) if by > 0 else math.ceil(at)
            self._go_to(start + by)
        else:
            self._go_to(0 if by > 0 else self.passes.update)
        self._be(active=True, playing=False)
        self.moved.emit()

    @Slot()
    def leave(self) -> None:
        """Be away: the whole update is shown."""
        was_active, self._position = self.is_active, 0.0
        self._be(active=False, playing=False)
        if was_active:
            self.moved.emit()

    def set_in_sight(self, *, in_sight: bool) -> None:
        """Let the clock stand while nobody can see where it is."""
        self._in_sight = in_sight
        self._follow()

    def _go_to(self, index: int) -> None:
        self._position = float(min(max(index, 0), self.passes.update))

    def _be(self, *, active: bool, playing: bool) -> None:
        before = self.is_active, self.is_playing
        self.is_active, self.is_playing = active, playing
        self._follow()
        if before != (active, playing):
            self.changed.emit()

    def _follow(self) -> None:
        wanted = self.is_playing and self._in_sight
        if wanted and not self._timer.isActive():
            self._last = time.monotonic()
            self._timer.start()
        elif not wanted:
            self._timer.stop()

    @Slot()
    def _tick(self) -> None:
        now = time.monotonic()
        self.advance(min(now - self._last, _LONGEST_FRAME))
        self._last = now

    def advance(self, seconds: float) -> None:
        """Play on for a time; at the end, stand."""
        rate = max(_SLOWEST, (self.passes.update + 1) / _LONGEST) * self.speed
        self._position = min(self._position + rate * seconds, float(self.passes.update))
        if self.is_at_end:
            self._be(active=True, playing=False)
        self.moved.emit()
