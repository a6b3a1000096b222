"""Which runs are kept to be compared with the ones after them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from gradexplorer.gui.pinned import MOST_PINNED, PinnedRun

if TYPE_CHECKING:
    from gradexplorer.gui.session import Session


class Pins(QObject):
    """Runs of a session, each in a place of its own as long as it is pinned.

    Attributes
    ----------
    runs : tuple of PinnedRun
        In the order of their places, the present run among them if it was pinned.
    """

    changed = Signal()
    """Another run is pinned, or one is no longer."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.runs: tuple[PinnedRun, ...] = ()

    @property
    def has_present(self) -> bool:
        """Whether the present run is pinned."""
        return any(run.history is self._session.history for run in self.runs)

    @property
    def can_add(self) -> bool:
        """Whether the present run has something to compare, and there is a place for it."""
        has_place = len(self.runs) < MOST_PINNED
        return has_place and len(self._session.history) > 0 and not self.has_present

    @property
    def others(self) -> tuple[PinnedRun, ...]:
        """All but the present run: it is not drawn beside itself."""
        return tuple(run for run in self.runs if run.history is not self._session.history)

    def add(self) -> None:
        """Keep the present run, as far as it gets, to be drawn beside the ones after it."""
        if self.can_add:
            place = min(set(range(MOST_PINNED)) - {run.place for run in self.runs})
            run = PinnedRun(place, self._session.config, self._session.history)
            self._set((*self.runs, run))

    @Slot(object)
    def remove(self, run: PinnedRun) -> None:
        """Keep a run no longer; its place is free."""
        self._set(tuple(other for other in self.runs if other is not run))

    def _set(self, runs: tuple[PinnedRun, ...]) -> None:
        self.runs = tuple(sorted(runs, key=lambda run: run.place))
        self.changed.emit()
