"""The window: puts its parts together and passes on what each says."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QApplication, QMainWindow

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.training import MAX_SEED
from gradexplorer.gui.actions import Actions
from gradexplorer.gui.area import PanelArea
from gradexplorer.gui.branching import Branching
from gradexplorer.gui.comparing import Comparing
from gradexplorer.gui.depth import DepthAxis
from gradexplorer.gui.dock import Dock, PanelDock
from gradexplorer.gui.documents import Documents
from gradexplorer.gui.editing import Editing
from gradexplorer.gui.exports import Exports
from gradexplorer.gui.forecast import Forecast
from gradexplorer.gui.form import Form
from gradexplorer.gui.layout import body, compare, explore, form_column, lecture, name_once
from gradexplorer.gui.measure_choices import MeasureChoices
from gradexplorer.gui.measurer import Measurer
from gradexplorer.gui.measuring import Measuring
from gradexplorer.gui.menus import Menus
from gradexplorer.gui.message_bar import MessageBar
from gradexplorer.gui.opening import Opening, dropped_file
from gradexplorer.gui.own_data import OwnData
from gradexplorer.gui.panels import make_instruments, make_panels
from gradexplorer.gui.pending import PendingNotice
from gradexplorer.gui.progress import ProgressView
from gradexplorer.gui.reach import Reach
from gradexplorer.gui.repeating import Repeating
from gradexplorer.gui.runs_table import RunsTable
from gradexplorer.gui.scrubber import Scrubber
from gradexplorer.gui.session import Session
from gradexplorer.gui.state import State
from gradexplorer.gui.theme import Colors, apply_theme, system_colors
from gradexplorer.gui.toolbar import make_toolbar
from gradexplorer.gui.verdict_bar import VerdictBar
from gradexplorer.training.inside import Detail
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
        self.reach = Reach(self)
        self.panels = make_panels(self.depth_axis)
        self.panels += make_instruments(self.depth_axis, self.reach)
        self.measurer = Measurer(self)
        self.form = Form(config)
        self.pending = PendingNotice()
        self.message = MessageBar()
        self.verdict = VerdictBar()
        self.scrubber = Scrubber(self.session, self.actions_)
        self.branching = Branching(self)
        self.area = PanelArea()
        self.docks = [PanelDock(panel) for panel in self.panels]
        self.form_dock = Dock("experiment", "Experiment", form_column(self))
        self.form_dock.setMaximumWidth(_WIDEST_FORM)
        self.runs = RunsTable()
        self.runs_dock = Dock("runs", "Runs compared", self.runs)
        self.measure_choices = MeasureChoices(self)
        self.menus = Menus(self)
        self.progress = ProgressView()
        self.forecast = Forecast(self)
        self.editing = Editing(self)
        self.opening = Opening(self)
        self.comparing = Comparing(self)
        self.measuring = Measuring(self)
        self.repeating = Repeating(self, self.measure_choices)
        self.preset_button = make_toolbar(self)
        self.setCentralWidget(body(self))
        self.setAcceptDrops(True)
        self.setMinimumSize(*_SMALLEST)
        self.resize(QSize(*_SIZE).boundedTo(self.screen().availableSize()))
        explore(self)
        self._connect_actions()
        self._connect_parts()
        self._connect_docks()
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
        self.scrubber.set_colors(colors)
        for dock in self.docks:
            dock.set_colors(colors)
        self.runs.set_colors(colors)

    def _connect_actions(self) -> None:
        for name, slot in {
            "run": self.run, "pause": self.session.pause, "toggle": self.toggle,
            "step": self.step, "reset": self.reset, "new_seed": self.new_seed,
            "continue": partial(self.editing.go_on, paused=False),
            "export_all": self.export_all, "quit": self.close, "show_all": self.show_all,
            "restore_layout": partial(explore, self),
            "lecture_layout": partial(lecture, self), "compare_layout": partial(compare, self),
        }.items():  # fmt: skip
            self.actions_[name].triggered.connect(slot)

    def _connect_parts(self) -> None:
        for signal, slot in (
            (self.session.state_changed, self._show_state),
            (self.session.refreshed, self._draw),
            (self.session.travel.changed, self._show_experiment),
            (self.measurer.progressed, self._draw),
            (self.editing.changed, self._show_experiment),
            (self.documents.saved, self._show_experiment),
            (self.exports.done, self.message.tell),
            (self.forecast.told, self.progress.show_forecast),
            (QGuiApplication.styleHints().colorSchemeChanged, self._follow_system),
        ):
            signal.connect(slot)
        for complaint in (
            self.editing.failed, self.documents.failed, self.branching.failed,
            self.comparing.failed, self.measurer.failed, self.exports.failed,
            self.forecast.refused,
        ):  # fmt: skip
            complaint.connect(self.message.complain)

    @Slot()
    def _look_into(self) -> None:
        details = Detail.NONE
        for panel in self.panels:
            details |= panel.details
        self.session.look_into(details)

    def _connect_docks(self) -> None:
        for dock in self.docks:
            dock.dockLocationChanged.connect(self._name_once)
            dock.topLevelChanged.connect(self._name_once)
            dock.picture_wanted.connect(self.exports.save_picture)
            dock.data_wanted.connect(self.exports.save_data)
            dock.copy_wanted.connect(self.exports.copy_picture)
            dock.panel.details_changed.connect(self._look_into)

    @Slot()
    def run(self) -> None:
        """Start or go on; changes that wait for a new run start one, unless a run is going on.

        Changes that were made while a moment is held go on from there.
        """
        if self.branching.wants_to_go_on():
            self.editing.go_on(paused=False)
        elif self.session.state is not State.RUNNING and self.editing.may_go_on():
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
        if self.branching.wants_to_go_on():
            self.editing.go_on(paused=True)
        elif self.session.state is State.RUNNING or self.editing.may_go_on():
            self.session.step()

    @Slot()
    def reset(self) -> None:
        """Go back to the initial weights of the experiment as it stands in the form."""
        if self.editing.is_valid():
            self.editing.load(self.form.config)

    @Slot()
    def new_seed(self) -> None:
        """Start from another seed, and go on running if a run was going on."""
        if not self.editing.is_valid():
            return
        config, running = self.form.config, self.session.state is State.RUNNING
        seed = random.randint(0, MAX_SEED)
        training = config.training.model_copy(update={"seed": seed})
        config = config.model_copy(update={"training": training})
        if self.editing.take_over(config) and running:
            self.session.run()

    @Slot()
    def export_all(self) -> None:
        """Export every plot, its data and the run."""
        self.exports.save_everything(self.panels)

    @Slot()
    def show_all(self) -> None:
        """Let all plots follow their data again."""
        for panel in self.panels:
            panel.plot.follow()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Give up the run and close, unless the user wants to keep unsaved changes."""
        if not self.opening.may_discard():
            event.ignore()
            return
        self.forecast.stop()
        self.measurer.forget()
        self.session.close()
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Leave the panels room in a low window."""
        super().resizeEvent(event)
        self.runs.fit_window(self.height())
        self.message.fit_window(self.height())

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Accept a file."""
        if dropped_file(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Open the file that was dropped."""
        path = dropped_file(event)
        if path is not None:
            event.acceptProposedAction()
            self.opening.open_file(path)

    @Slot()
    def _show_experiment(self) -> None:
        """Show the experiment's name, and whether it was changed since it was opened or saved."""
        config = self.form.config
        changed = self.documents.is_changed(config)
        self.setWindowTitle(f"{config.title}[*] – gradexplorer")
        self.setWindowModified(changed)
        self.preset_button.set_title(f"{config.title} *" if changed else config.title)
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
        self.verdict.show_session(self.session, at_once=True)
        self._draw()

    @Slot()
    def _draw(self) -> None:
        view = self.measuring.view()
        for panel in self.panels:
            panel.show_view(view)
        self.progress.show_session(self.session)
        self.comparing.show()
        self.verdict.show_session(self.session)

    def _show_message(self) -> None:
        self.message.show_run(self.session, self.form.config)

    @Slot()
    def _name_once(self) -> None:
        name_once(self)

    @Slot()
    def _follow_system(self) -> None:
        self.set_colors(self._chosen_colors)
