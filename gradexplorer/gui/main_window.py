"""The window: puts its parts together and passes on what each says."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeGuard

from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMainWindow

from gradexplorer.analysis.remedies import Remedy
from gradexplorer.analysis.request import KINDS
from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.training import MAX_SEED
from gradexplorer.errors import InputError
from gradexplorer.gui.actions import Actions
from gradexplorer.gui.area import PanelArea
from gradexplorer.gui.branching import Branching
from gradexplorer.gui.depth import DepthAxis
from gradexplorer.gui.dock import Dock, PanelDock
from gradexplorer.gui.documents import Documents, dropped_file
from gradexplorer.gui.exports import Exports
from gradexplorer.gui.forecast import Forecast
from gradexplorer.gui.form import Form
from gradexplorer.gui.layout import body, compare, explore, form_column, lecture, name_once
from gradexplorer.gui.measurer import Measurer
from gradexplorer.gui.menus import Menus
from gradexplorer.gui.message_bar import MessageBar
from gradexplorer.gui.own_data import TABLES, TEXTS, OwnData
from gradexplorer.gui.panels import make_instruments, make_panels
from gradexplorer.gui.panels.measured_panel import MeasuredPanel
from gradexplorer.gui.panels.panel import Panel
from gradexplorer.gui.pending import PendingNotice
from gradexplorer.gui.progress import ProgressView
from gradexplorer.gui.reach import Reach
from gradexplorer.gui.runs_table import RunsTable
from gradexplorer.gui.scale import RangeMode
from gradexplorer.gui.scrubber import Scrubber
from gradexplorer.gui.session import Session, State
from gradexplorer.gui.theme import Colors, apply_theme, system_colors
from gradexplorer.gui.toolbar import make_toolbar, name_of
from gradexplorer.gui.verdict_bar import VerdictBar
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
        self.menus = Menus(self)
        self.progress = ProgressView()
        self.forecast = Forecast(self)
        self.preset_button = make_toolbar(self)
        self.setCentralWidget(body(self))
        self.setAcceptDrops(True)
        self.setMinimumSize(*_SMALLEST)
        self.resize(QSize(*_SIZE).boundedTo(self.screen().availableSize()))
        explore(self)
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
        self.scrubber.set_colors(colors)
        for dock in self.docks:
            dock.set_colors(colors)
        self.runs.set_colors(colors)

    def _connect(self) -> None:
        actions = self.actions_
        for name, slot in {
            "run": self.run, "pause": self.session.pause, "toggle": self.toggle,
            "step": self.step, "reset": self.reset, "new_seed": self.new_seed,
            "pin": self.pin, "measure": self.measure, "use_reach": self.use_reach,
            "open": self.open, "open_data": self.open_data,
            "save": self.save, "save_as": self.save_as, "continue": self.continue_from_here,
            "export_all": self.export_all, "quit": self.close,
            "restore_layout": self.restore_layout, "show_all": self.show_all,
            "lecture_layout": partial(lecture, self), "compare_layout": partial(compare, self),
        }.items():  # fmt: skip
            actions[name].triggered.connect(slot)
        self.session.state_changed.connect(self._show_state)
        self.session.refreshed.connect(self._draw)
        self.measurer.progressed.connect(self._draw)
        self.measurer.failed.connect(self.message.complain)
        self.verdict.remedy_wanted.connect(self.try_remedy)
        self.runs.unpin_wanted.connect(self.session.pins.remove)
        self.session.travel.changed.connect(self._show_pending)
        self.session.travel.changed.connect(self._show_experiment)
        self.branching.failed.connect(self.message.complain)
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
            dock.dockLocationChanged.connect(self._name_once)
            dock.topLevelChanged.connect(self._name_once)
            dock.picture_wanted.connect(self.exports.save_picture)
            dock.data_wanted.connect(self.exports.save_data)
            dock.copy_wanted.connect(self.exports.copy_picture)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)

    @Slot()
    def run(self) -> None:
        """Start or go on; changes that wait for a new run start one, unless a run is going on.

        Changes that were made while a moment is held go on from there.
        """
        if self.branching.wants_to_go_on():
            self.continue_from_here()
        elif self.session.state is not State.RUNNING and self._may_go_on():
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
            self._go_on(paused=True)
        elif self.session.state is State.RUNNING or self._may_go_on():
            self.session.step()

    @Slot()
    def continue_from_here(self) -> None:
        """Train on from the moment that is held, with the settings in the form."""
        self._go_on(paused=False)

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
    def pin(self) -> None:
        """Keep the present run to be drawn beside the next ones, and show the table of them."""
        self.session.pins.add()
        self.runs_dock.show()

    @Slot()
    def measure(self) -> None:
        """Measure what the visible instruments show, or give up the measurement being made."""
        trace = self.session.view.trace
        if self.measurer.fraction is not None:
            self.measurer.cancel()
        elif trace is not None:
            kinds = {panel.kind for panel in self.panels if _shows_measurement(panel)}
            self.measurer.measure(self.session.view.config, trace, sorted(kinds or KINDS))

    @Slot()
    def use_reach(self) -> None:
        """Take the length that the instruments try out as the run's truncation length."""
        bptt = self.session.config.bptt.model_copy(update={"k2": self.reach.steps, "k1": None})
        config = self.form.config.model_copy(update={"bptt": bptt})
        self.form.set_config(config)
        self._take_changes(config)

    @Slot(object)
    def try_remedy(self, remedy: Remedy) -> None:
        """Start the experiment that a remedy changes beside the present run."""
        try:
            self.compare_with(remedy.apply(self.session.config))
        except InputError as error:
            self.message.complain(str(error))

    def compare_with(self, config: ExperimentConfig) -> None:
        """Keep the present run and start another experiment beside it."""
        session = self.session
        if session.has_begun and not (session.pins.can_add or session.pins.has_present):
            self.message.complain("No more runs can be pinned; remove one from the table first.")
            return
        self.pin()
        self.form.set_config(config)
        if self._load(config):
            self.session.run()

    @Slot()
    def start_pending(self) -> None:
        """Start a new run with the changes that wait for one."""
        if self._form_is_valid() and self._load(self.form.config):
            self.session.run()

    @Slot()
    def undo_pending(self) -> None:
        """Go back to the settings of the present run."""
        self.form.set_config(self.session.travel.config)
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
        explore(self)

    @Slot()
    def _name_once(self) -> None:
        name_once(self)

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
        self.measurer.forget()
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
        if self.branching.is_held:  # the run may be going on, as it is
            self._show_pending()
            return
        waiting = self.branching.waiting(config)
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
            self.measurer.forget()
        except InputError as error:
            self.form.show_error(str(error))
            self.message.complain(str(error))
            return False
        self._show_pending()
        self._show_experiment()
        return True

    def _go_on(self, *, paused: bool) -> None:
        """Go on from the moment that is held with the changes that wait for that."""
        if not self._form_is_valid() or not self.branching.go_on(paused=paused):
            return
        if paused:
            self.session.step()
        self._show_pending()
        self._show_experiment()

    def _may_discard(self) -> bool:
        """Ask about unsaved changes, among them what is still being typed."""
        self.form.commit()
        return self.documents.may_discard(self.form.config)

    def _may_go_on(self) -> bool:
        """Tell whether the session has what is in the form, having loaded what waits."""
        if not self._form_is_valid():
            return False
        config = self.form.config
        return not self.branching.waiting(config) or self._load(config)

    def _form_is_valid(self) -> bool:
        valid = self.form.commit()
        if not valid:
            self.message.complain(f"A setting is not valid: {self.form.first_problem()}")
        return valid

    @Slot()
    def _show_pending(self) -> None:
        found = self.branching.waiting(self.form.config)
        found = found if self.session.has_begun else []
        self.pending.show_differences(found, held=self.branching.is_held)

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
        self.actions_["pin"].setEnabled(self.session.pins.can_add)
        if state is State.READY:
            self.forecast.ask(self.session.config)
        else:
            self.forecast.stop()
        self._show_message()
        self.verdict.show_session(self.session, at_once=True)
        self._draw()

    @Slot()
    def _draw(self) -> None:
        measurer, trace = self.measurer, self.session.view.trace
        view = replace(
            self.session.view,
            analysis=measurer.analysis,
            measuring=measurer.fraction,
            problem=measurer.problem,
        )
        for panel in self.panels:
            panel.show_view(view)
        self.actions_["measure"].setEnabled(trace is not None or measurer.fraction is not None)
        self.progress.show_session(self.session)
        self.actions_["pin"].setEnabled(self.session.pins.can_add)
        self.runs.show_session(self.session)
        self.verdict.show_session(self.session)

    def _show_message(self) -> None:
        self.message.show_run(self.session, self.form.config)

    @Slot()
    def _follow_system(self) -> None:
        self.set_colors(self._chosen_colors)


def _shows_measurement(panel: Panel) -> TypeGuard[MeasuredPanel]:
    return isinstance(panel, MeasuredPanel) and panel.is_in_sight
