"""Measuring again and again while a run goes on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from gradexplorer.gui.measure_choices import MeasureChoices

if TYPE_CHECKING:
    from gradexplorer.gui.main_window import MainWindow


class Repeating(QObject):
    """Asks for what the visible instruments show, at the chosen interval.

    Never while a measurement is being made, and after one not before as much time has passed as it
    took, so that measuring takes at most half of a processor from the run. Nothing is asked for
    while no instrument is in sight, or a moment of the past is shown.
    """

    def __init__(self, window: MainWindow, choices: MeasureChoices) -> None:
        super().__init__(window)
        self._window, self._choices = window, choices
        self._asked = 0  # the update that was last asked about
        self._began: float | None = None
        self._rest = QTimer(self, singleShot=True)
        came = (dock.visibilityChanged for dock in window.docks)
        for signal in (window.session.refreshed, choices.changed, self._rest.timeout, *came):
            signal.connect(self._ask_when_due)
        window.measurer.progressed.connect(self._note_progress)

    @Slot()
    def _note_progress(self) -> None:
        """Rest after a measurement, whoever asked for it, as long as it took."""
        now = time.monotonic()
        if self._window.measurer.fraction is not None:
            self._began = self._began or now
        elif self._began is not None:
            self._rest.start(round(1e3 * (now - self._began)))
            self._began = None

    @Slot()
    def _ask_when_due(self) -> None:
        if self._is_due():
            trace = self._window.session.view.trace
            assert trace is not None
            self._asked = trace.iteration
            self._window.measuring.measure_shown()

    def _is_due(self) -> bool:
        every, measurer = self._choices.every, self._window.measurer
        if every is None or measurer.fraction is not None or self._rest.isActive():
            return False
        view, shown = self._window.session.view, self._window.measuring.shown_kinds()
        if view.moment is not None or view.trace is None or not shown:
            return False
        if measurer.problem:
            return abs(view.trace.iteration - self._asked) >= every
        found = measurer.analysis
        if found is None or any(getattr(found, kind) is None for kind in shown):
            return True
        return view.trace.iteration - found.updates >= every
