"""Going through a run's moments, and on from one of them, in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from gradexplorer.config.experiment import ExperimentConfig, differences
from gradexplorer.errors import InputError

if TYPE_CHECKING:
    from gradexplorer.gui.main_window import MainWindow


class Branching(QObject):
    """Keeps the form on the moment that is shown, and starts runs that go on from there.

    While a moment is held, what is changed in the form waits for such a run: it reaches neither
    the run that may be going on nor is it lost from one moment to the next. Going back to the
    run drops it.
    """

    failed = Signal(str)
    """No run can go on from there, for the reason given."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._session = window, window.session
        travel, actions = self._session.travel, window.actions_
        for name, slot in {
            "earlier": self.earlier,
            "later": self.later,
            "first": self.first,
            "live": travel.release,
        }.items():
            actions[name].triggered.connect(slot)
        travel.changed.connect(self._follow)
        self._session.state_changed.connect(self._allow)
        self._session.refreshed.connect(self._allow)
        self._allow()

    @property
    def is_held(self) -> bool:
        """Whether the views are held at a moment."""
        return self._session.travel.moment is not None

    def waiting(self, config: ExperimentConfig) -> list[tuple[str, str, str]]:
        """Return the changes that need another run; where none goes on, live ones are among them.

        So they are while a moment is held: they are for a run that goes on from there.
        """
        live = self._session.state.is_over or self.is_held
        return differences(self._session.travel.config, config, live=live)

    @Slot()
    def earlier(self) -> None:
        """Show the moment kept before the one shown."""
        self._session.travel.move(-1)

    @Slot()
    def later(self) -> None:
        """Show the moment kept after the one shown, or after the last one the present."""
        self._session.travel.move(1)

    @Slot()
    def first(self) -> None:
        """Show the first moment that is kept."""
        self._session.travel.hold(1)

    def go_on(self, *, paused: bool = False) -> bool:
        """Train on from the moment that is held, with the settings in the form.

        Returns whether that could be done; ``failed`` tells why not.
        """
        try:
            self._session.continue_from(self._window.form.config, paused=paused)
        except InputError as error:
            self.failed.emit(str(error))
            return False
        return True

    def wants_to_go_on(self) -> bool:
        """Whether changes wait that were made for a run from the moment that is held."""
        return self.is_held and bool(self.waiting(self._window.form.config))

    @Slot(object)
    def _follow(self, before: ExperimentConfig) -> None:
        """Show the settings in force at the moment, but leave those that the user changed."""
        form, session = self._window.form, self._session
        if self.is_held and differences(before, form.config, live=True):
            return
        texts = {"title": form.config.title, "note": form.config.note}
        config = session.travel.config.model_copy(update=texts)
        if config != form.config:
            form.set_config(config)
        if not self.is_held and config != session.config:
            session.change(config)

    @Slot()
    def _allow(self) -> None:
        """Let be done what can be done."""
        travel, actions = self._session.travel, self._window.actions_
        for name in ("earlier", "first"):
            actions[name].setEnabled(len(self._session.history.moments) > 0)
        for name in ("later", "live"):
            actions[name].setEnabled(self.is_held)
        actions["continue"].setEnabled(travel.start is not None)
