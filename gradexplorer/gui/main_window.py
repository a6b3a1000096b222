"""The window: puts its parts together and passes on what each says."""

from __future__ import annotations

import random
from pathlib import Path

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMainWindow

from gradexplorer.config.experiment import ExperimentConfig, differences
from gradexplorer.config.training import MAX_SEED
from gradexplorer.errors import InputError
from gradexplorer.gui.actions import Actions
from gradexplorer.gui.depth import DepthAxis
from gradexplorer.gui.dock import Dock, PanelDock
from gradexplorer.gui.documents import Documents, dropped_file
from gradexplorer.gui.exports import Exports
from gradexplorer.gui.forecast import Forecast
from gradexplorer.gui.form import Form
from gradexplorer.gui.layout import arrange, body, form_column
from gradexplorer.gui.menus import Menus
from gradexplorer.gui.message_bar import MessageBar
from gradexplorer.gui.own_data import TABLES, TEXTS, OwnData
from gradexplorer.gui.panels import make_panels
from gradexplorer.gui.pending import PendingNotice
from gradexplorer.gui.progress import ProgressView
from gradexplorer.gui.scale import RangeMode
from gradexplorer.gui.session import Session, State
from gradexplorer.gui.theme import Colors, apply_theme, system_colors
from gradexplorer.gui.toolbar import make_toolbar, name_of
from gradexplorer.training.remote import background_run
from gradexplorer.training.runner import MakeRun

_WIDEST_FORM = 330
_SMALLEST = (1000, 640)
_SIZE = (1440, 900)


class MainWindow(QMainWindow):
    """The explorer.

    Parameters
    ----------
    config : ExperimentConfig
    path : Path, optional
        The user's file that it came from.
    make_run : callable
        Decides where runs are computed.
    """

    def __init__(
        self,
        config: ExperimentConfig,
        path: Path | None = None,
        *,
        make_run: MakeRun = background_run,
    ) -> None:
        super().__init__()
        self.session = Session(config, self, make_run=make_run)
        self.own_data = OwnData(self)
        self.documents = Documents(self, self.own_data.prepare)
        self.documents.take(config, path)
        self.exports = Exports(self)
        self.actions_ = Actions(self)
        self.depth_axis = DepthAxis(self)
        self.panels = make_panels(self.depth_axis)
        self.form = Form(config)
        self.pending = PendingNotice()
        self.message = MessageBar()
        self.area = QMainWindow()
        self.docks = [PanelDock(panel) for panel in self.panels]
        self.form_dock = Dock("experiment", "Experiment", form_column(self))
        self.form_dock.setMaximumWidth(_WIDEST_FORM)
        self.menus = Menus(self)
        self.progress = ProgressView()
        self.forecast = Forecast(self)
        self.preset_button = make_toolbar(self)
        self.setCentralWidget(body(self))
        self.setAcceptDrops(True)
        self.setMinimumSize(*_SMALLEST)
        self.resize(QSize(*_SIZE).boundedTo(self.screen().availableSize()))
        arrange(self)
        self._connect()
        self.set_colors(None)
        self._show_experiment()
        self._show_state()
        self.setFocus()

    def set_colors(self, colors: Colors | None) -> None:
        """Draw everything in these colours; ``None``: in those of the system, whatever they are."""
        self._chosen_colors = colors
        self._draw_in(self.colors)

    @property
    def colors(self) -> Colors:
        """The colours that everything is drawn in."""
        return self._chosen_colors or system_colors()

    def _draw_in(self, colors: Colors) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        apply_theme(app, colors)
        self.actions_.set_colors(colors)
        for dock in self.docks:
            dock.set_colors(colors)

    def _connect(self) -> None:
        actions = self.actions_
        for name, slot in {
            "run": self.run, "pause": self.session.pause, "toggle": self.toggle,
            "step": self.step, "reset": self.reset, "new_seed": self.new_seed,
            "open": self.open, "open_data": self.open_data,
            "save": self.save, "save_as": self.save_as,
            "export_all": self.export_all, "quit": self.close,
            "restore_layout": self.restore_layout, "show_all": self.show_all,
        }.items():  # fmt: skip
            actions[name].triggered.connect(slot)
        self.session.state_changed.connect(self._show_state)
        self.session.refreshed.connect(self._draw)
        self.form.changed.connect(self._take_changes)
        self.pending.start_wanted.connect(self.start_pending)
        self.pending.undo_wanted.connect(self.undo_pending)
        self.own_data.chosen.connect(self._take_data)
        self.documents.opened.connect(self._take_experiment)
        self.documents.saved.connect(self._show_experiment)
        self.documents.failed.connect(self.message.complain)
        self.exports.failed.connect(self.message.complain)
        self.exports.done.connect(self.message.tell)
        self.forecast.told.connect(self.progress.show_forecast)
        self.forecast.refused.connect(self.message.complain)
        for dock in self.docks:
            dock.picture_wanted.connect(self.exports.save_picture)
            dock.data_wanted.connect(self.exports.save_data)
            dock.copy_wanted.connect(self.exports.copy_picture)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)

    @Slot()
    def run(self) -> None:
        """Start or go on; changes that wait for a new run start one, unless a run is going on."""
        if self.session.state is not State.RUNNING and self._may_go_on():
            self.session.run()

    @Slot()
    def toggle(self) -> None:
        """Run or pause."""
        if self.session.state is State.RUNNING:
            self.session.pause()
        else:
            self.run()

    @Slot()
    def step(self) -> None:
        """Make one update and wait; changes that wait for a new run start one, as in `run`."""
        if self.session.state is State.RUNNING or self._may_go_on():
            self.session.step()

    @Slot()
    def reset(self) -> None:
        """Go back to the initial weights of the experiment as it stands in the form."""
        if self._form_is_valid():
            self._load(self.form.config)

    @Slot()
    def new_seed(self) -> None:
        """Start from another seed, and go on running if a run was going on."""
        if not self._form_is_valid():
            return
        config, running = self.form.config, self.session.state is State.RUNNING
        seed = random.randint(0, MAX_SEED)
        training = config.training.model_copy(update={"seed": seed})
        config = config.model_copy(update={"training": training})
        self.form.set_config(config)
        if self._load(config) and running:
            self.session.run()

    @Slot()
    def start_pending(self) -> None:
        """Start a new run with the changes that wait for one."""
        if self._form_is_valid() and self._load(self.form.config):
            self.session.run()

    @Slot()
    def undo_pending(self) -> None:
        """Go back to the settings of the present run."""
        self.form.set_config(self.session.config)
        self._show_pending()
        self._show_experiment()

    @Slot()
    def open(self) -> None:
        """Let the user choose an experiment."""
        if self._may_discard():
            self.documents.choose_and_open()

    @Slot()
    def open_data(self) -> None:
        """Let the user choose data of their own."""
        if self._may_discard():
            self.own_data.choose()

    def open_experiment(self, name_or_path: str | Path) -> None:
        """Open a bundled preset or a file, unless the user wants to keep what is here."""
        if self._may_discard():
            self.documents.open(name_or_path)

    @Slot()
    def save(self) -> None:
        """Save the experiment as it stands in the form."""
        if self._form_is_valid():
            self.documents.save(self.form.config)

    @Slot()
    def save_as(self) -> None:
        """Save the experiment to another file."""
        if self._form_is_valid():
            self.documents.save_as(self.form.config)

    @Slot()
    def export_all(self) -> None:
        """Export every plot, its data and the run."""
        self.exports.save_everything(self.panels)

    @Slot()
    def restore_layout(self) -> None:
        """Put every panel back in its place."""
        arrange(self)

    @Slot()
    def show_all(self) -> None:
        """Let all plots follow their data again."""
        for panel in self.panels:
            panel.plot.follow()

    def set_range_mode(self, mode: RangeMode) -> None:
        """Choose which range the views of gradient magnitudes span."""
        self.session.set_range_mode(mode)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Give up the run and close, unless the user wants to keep unsaved changes."""
        if not self._may_discard():
            event.ignore()
            return
        self.forecast.stop()
        self.session.close()
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Accept a file."""
        if dropped_file(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Open the file that was dropped."""
        path = dropped_file(event)
        if path is not None:
            event.acceptProposedAction()
            self.open_file(path)

    def open_file(self, path: Path) -> None:
        """Open an experiment or data, as the file's ending says."""
        if path.suffix.lower() not in (*TABLES, *TEXTS):
            self.open_experiment(path)
        elif self._may_discard():
            self.own_data.open(path)

    @Slot(object)
    def _take_changes(self, config: ExperimentConfig) -> None:
        """Let live changes act at once; others too, if no run would be lost by it."""
        prepared = self.own_data.prepare(config, self.session.config)
        if prepared is None:
            prepared = config.model_copy(update={"task": self.session.config.task})
        if prepared is not config:
            self.form.set_config(prepared)
            config = prepared
        self._show_experiment()
        waiting = self._waiting(config)
        if waiting and not self.session.has_begun:
            self._load(config)
            return
        if not waiting:
            self.session.change(config)
        elif not self.session.state.is_over:
            self.session.change(self.session.config.with_live(config.live()))
        if self.session.state is State.READY:
            self.forecast.ask(self.session.config)
        self._show_pending()

    @Slot(object)
    def _take_experiment(self, config: ExperimentConfig) -> None:
        self.form.set_config(config)
        self._load(config)

    @Slot(object)
    def _take_data(self, config: ExperimentConfig) -> None:
        """Begin an experiment on data that were just opened; it has no file yet."""
        if self._load(config):
            self.documents.take(config, None)
            self.form.set_config(config)
            self._show_experiment()

    def _load(self, config: ExperimentConfig) -> bool:
        """Give up the run for another experiment; tell whether that experiment can be run."""
        try:
            self.session.load(config)
        except InputError as error:
            self.form.show_error(str(error))
            self.message.complain(str(error))
            return False
        self._show_pending()
        self._show_experiment()
        return True

    def _waiting(self, config: ExperimentConfig) -> list[tuple[str, str, str]]:
        """Return the changes that need a new run; once it has ended, live ones are among them."""
        return differences(self.session.config, config, live=self.session.state.is_over)

    def _may_discard(self) -> bool:
        """Ask about unsaved changes, among them what is still being typed."""
        self.form.commit()
        return self.documents.may_discard(self.form.config)

    def _may_go_on(self) -> bool:
        """Tell whether the session has what is in the form, having loaded what waits."""
        if not self._form_is_valid():
            return False
        config = self.form.config
        return not self._waiting(config) or self._load(config)

    def _form_is_valid(self) -> bool:
        valid = self.form.commit()
        if not valid:
            self.message.complain(f"A setting is not valid: {self.form.first_problem()}")
        return valid

    def _show_pending(self) -> None:
        found = self._waiting(self.form.config)
        self.pending.show_differences(found if self.session.has_begun else [])

    @Slot()
    def _show_experiment(self) -> None:
        """Show the experiment's name, and whether it was changed since it was opened or saved."""
        config = self.form.config
        changed = self.documents.is_changed(config)
        self.setWindowTitle(f"{config.title}[*] – gradexplorer")
        self.setWindowModified(changed)
        name_of(self.preset_button, f"{config.title} *" if changed else config.title)
        self._show_message()

    @Slot()
    def _show_state(self) -> None:
        state = self.session.state
        self.actions_["run"].setEnabled(state is not State.RUNNING)
        self.actions_["pause"].setEnabled(state is State.RUNNING)
        if state is State.READY:
            self.forecast.ask(self.session.config)
        else:
            self.forecast.stop()
        self._show_message()
        self._draw()

    @Slot()
    def _draw(self) -> None:
        view = self.session.view
        for panel in self.panels:
            panel.show_view(view)
        self.progress.show_session(self.session)

    def _show_message(self) -> None:
        self.message.show_run(self.session, self.form.config)

    @Slot()
    def _follow_system(self) -> None:
        self.set_colors(self._chosen_colors)
