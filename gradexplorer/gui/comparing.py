"""Keeping runs, and starting others beside them, in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from gradexplorer.analysis.remedies import Remedy
from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.errors import InputError

if TYPE_CHECKING:
    from gradexplorer.gui.main_window import MainWindow


class Comparing(QObject):
    """Pins runs, shows their table, and starts an experiment beside the present run."""

    failed = Signal(str)
    """An experiment cannot be started beside the present run, for the reason given."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._session = window, window.session
        window.actions_["pin"].triggered.connect(self.pin)
        window.verdict.remedy_wanted.connect(self.try_remedy)
        window.runs.unpin_wanted.connect(self._session.pins.remove)

    @Slot()
    def pin(self) -> None:
        """Keep the present run to be drawn beside the next ones, and show the table of them."""
        self._session.pins.add(self._window.measurer.analysis)
        self._window.runs_dock.show()

    @Slot(object)
    def try_remedy(self, remedy: Remedy) -> None:
        """Start the experiment that a remedy changes beside the present run."""
        try:
            self.compare_with(remedy.apply(self._session.config))
        except InputError as error:
            self.failed.emit(str(error))

    def compare_with(self, config: ExperimentConfig) -> None:
        """Keep the present run and start another experiment beside it."""
        pins = self._session.pins
        if self._session.has_begun and not (pins.can_add or pins.has_present):
            self.failed.emit("No more runs can be pinned; remove one from the table first.")
            return
        self.pin()
        if self._window.editing.take_over(config):
            self._session.run()

    def show(self) -> None:
        """Show which runs there are, and whether the present one can be pinned."""
        self._window.actions_["pin"].setEnabled(self._session.pins.can_add)
        self._window.runs.show_session(self._session)
