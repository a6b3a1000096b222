"""The form's settings on their way into runs, in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.errors import InputError
from gradexplorer.gui.state import State

if TYPE_CHECKING:
    from gradexplorer.gui.main_window import MainWindow


class Editing(QObject):
    """Lets changes in the form act: at once, in another run, or when the user says so."""

    changed = Signal()
    """The experiment is another, or what the form has of it."""
    failed = Signal(str)
    """The experiment in the form cannot be run, for the reason given."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._session = window, window.session
        self._form, self._branching = window.form, window.branching
        self._form.changed.connect(self.take)
        window.pending.start_wanted.connect(self.start_pending)
        window.pending.undo_wanted.connect(self.undo_pending)
        self._session.travel.changed.connect(self._show_pending)

    @Slot(object)
    def take(self, config: ExperimentConfig) -> None:
        """Let live changes act at once; others too, if no run would be lost by it."""
        config = self._prepared(config)
        self.changed.emit()
        if self._branching.is_held:  # the run may be going on, as it is
            self._show_pending()
            return
        waiting = self._branching.waiting(config)
        if waiting and not self._session.has_begun:
            self.load(config)
            return
        if not waiting:
            self._session.change(config)
        elif not self._session.state.is_over:
            self._session.change(self._session.config.with_live(config.live()))
        if self._session.state is State.READY:
            self._window.forecast.ask(self._session.config)
        self._show_pending()

    def take_over(self, config: ExperimentConfig) -> bool:
        """Put another experiment into the form and load it; tell whether it can be run."""
        self._form.set_config(config)
        return self.load(config)

    def load(self, config: ExperimentConfig) -> bool:
        """Give up the run for another experiment; tell whether that experiment can be run."""
        try:
            self._session.load(config)
        except InputError as error:
            self._form.show_error(str(error))
            self.failed.emit(str(error))
            return False
        self._show_pending()
        self.changed.emit()
        return True

    def go_on(self, *, paused: bool) -> None:
        """Go on from the moment that is held with the changes that wait for that."""
        if not self.is_valid() or not self._branching.go_on(paused=paused):
            return
        if paused:
            self._session.step()
        self._show_pending()
        self.changed.emit()

    def may_go_on(self) -> bool:
        """Tell whether the session has what is in the form, having loaded what waits."""
        if not self.is_valid():
            return False
        config = self._form.config
        return not self._branching.waiting(config) or self.load(config)

    def is_valid(self) -> bool:
        """Tell whether the form can be used, with what is still being typed; complain if not."""
        valid = self._form.commit()
        if not valid:
            self.failed.emit(f"A setting is not valid: {self._form.first_problem()}")
        return valid

    @Slot()
    def start_pending(self) -> None:
        """Start a new run with the changes that wait for one."""
        if self.is_valid() and self.load(self._form.config):
            self._session.run()

    @Slot()
    def undo_pending(self) -> None:
        """Go back to the settings of the present run."""
        self._form.set_config(self._session.travel.config)
        self._show_pending()
        self.changed.emit()

    def _prepared(self, config: ExperimentConfig) -> ExperimentConfig:
        """Return it with its data read; with the session's task if the user does not want them."""
        prepared = self._window.own_data.prepare(config, self._session.config)
        if prepared is None:
            prepared = config.model_copy(update={"task": self._session.config.task})
        if prepared is not config:
            self._form.set_config(prepared)
        return prepared

    @Slot()
    def _show_pending(self) -> None:
        found = self._branching.waiting(self._form.config) if self._session.has_begun else []
        self._window.pending.show_differences(found, held=self._branching.is_held)
