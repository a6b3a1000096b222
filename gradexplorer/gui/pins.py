"""Which runs are kept to be compared with the ones after them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from gradexplorer.analysis.request import Analysis
from gradexplorer.gui.pinned import MOST_PINNED, PinnedRun
from gradexplorer.training.history import History
from gradexplorer.training.shape import window_shape

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
    """Another run is pinned, one is no longer, or more is known of one."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.runs: tuple[PinnedRun, ...] = ()

    @property
    def has_present(self) -> bool:
        """Whether the present run is pinned."""
        return self._of(self._session.history) is not None

    @property
    def can_add(self) -> bool:
        """Whether the present run has something to compare, and there is a place for it."""
        has_place = len(self.runs) < MOST_PINNED
        return has_place and len(self._session.history) > 0 and not self.has_present

    @property
    def others(self) -> tuple[PinnedRun, ...]:
        """All but the present run: it is not drawn beside itself."""
        return tuple(run for run in self.runs if run.history is not self._session.history)

    def add(self, analysis: Analysis | None = None) -> None:
        """Keep the present run, as far as it gets, to be drawn beside the ones after it.

        Parameters
        ----------
        analysis : Analysis, optional
            What was measured of it so far.
        """
        if self.can_add:
            place = min(set(range(MOST_PINNED)) - {run.place for run in self.runs})
            config = self._session.config
            shape = window_shape(config)
            self._set(
                (*self.runs, PinnedRun(place, config, shape, self._session.history, analysis))
            )

    @Slot(object)
    def remove(self, run: PinnedRun) -> None:
        """Keep a run no longer; its place is free."""
        self._set(tuple(other for other in self.runs if other.place != run.place))

    def keep(self, history: History, analysis: Analysis) -> None:
        """Keep what was measured of a run with it, if it is pinned."""
        run = self._of(history)
        if run is not None:
            self._replace(run, replace(run, analysis=analysis.joined_with(run.analysis)))
            self.changed.emit()

    def follow(self) -> None:
        """Take a live change of the present run, if it is pinned."""
        run, config = self._of(self._session.history), self._session.config
        if run is not None and run.config != config:
            self._replace(run, replace(run, config=config, shape=window_shape(config)))

    def trim(self) -> None:
        """Let go of what takes room and is of no use any longer: no one goes back in these runs."""
        for run in self.others:
            run.history.forget_moments()

    def _of(self, history: History) -> PinnedRun | None:
        return next((run for run in self.runs if run.history is history), None)

    def _replace(self, old: PinnedRun, new: PinnedRun) -> None:
        self.runs = tuple(new if run is old else run for run in self.runs)

    def _set(self, runs: tuple[PinnedRun, ...]) -> None:
        self.runs = tuple(sorted(runs, key=lambda run: run.place))
        self.changed.emit()
