"""The application, an empty home, windows that close, and runs to draw.

What a window must not do fails every test here: raise while it paints, make Qt complain, leave
a widget, a run or a thread behind, or open a dialog that nobody answers.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any
from weakref import WeakSet

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QtMsgType
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QMessageBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.presets import parse_preset
from gradexplorer.gui.application import make_application
from gradexplorer.gui.depth import DepthAxis
from gradexplorer.gui.main_window import MainWindow
from gradexplorer.gui.panels import make_panels
from gradexplorer.gui.panels.panel import Panel
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.session import Session
from gradexplorer.gui.theme import LIGHT, Colors, apply_theme
from gradexplorer.gui.view import RunView, magnitudes
from gradexplorer.gui.worker import Worker
from gradexplorer.training.checkpoint import Start
from gradexplorer.training.control import Control, Turn
from gradexplorer.training.history import History
from gradexplorer.training.mailbox import Mailbox
from gradexplorer.training.runner import LocalRun, MakeTrainer
from gradexplorer.training.shape import window_shape
from gradexplorer.training.snapshot import METRICS_DTYPE
from gradexplorer.training.trainer import Trainer

TIMEOUT = 3_000  # milliseconds; nothing here needs a hundredth of it
ENDLESS = "training.iterations=100000000"
DIVERGES = """\
schema = 1
task = {name = "adding", length = 10}
model = {hidden_size = 8, recurrent_gain = 4.0}
optimizer = {learning_rate = 900.0}
training = {batch_size = 4, iterations = 500, evaluate_every = 1, seed = 3}
"""

Until = Callable[[Callable[[], bool]], None]
MakeWindow = Callable[..., MainWindow]
MakeView = Callable[..., RunView]
ShowPanels = Callable[..., dict[str, Panel]]


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    """Make the application as the program does."""
    return make_application()


@pytest.fixture(autouse=True)
def collect_garbage(qapp: QApplication) -> Iterator[None]:
    """Collect after tests only, as the program does from its event loop; see `GarbageCollector`.

    Anywhere else it may end in a deadlock: what is collected within connect() or disconnect()
    may need the lock that these hold.
    """
    gc.disable()
    yield
    delete_later(qapp)
    for generation in (2, 1, 0):
        if gc.get_count()[generation] > gc.get_threshold()[generation]:
            gc.collect(generation)
            return


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test a home of its own, with no recent files in it."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    return folder


@pytest.fixture(autouse=True)
def no_leaked_objects(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that leaves a top-level widget or one of our own objects behind."""
    born: WeakSet[QObject] = WeakSet()
    for kind in (Session, Worker):
        _note_births(kind, born, monkeypatch)
    yield
    delete_later(qapp)
    leaked = [widget for widget in qapp.topLevelWidgets() if widget.isVisible()]
    leaked += [thing for thing in born if isValid(thing)]
    assert not leaked, f"left behind: {leaked}"


def _note_births(kind: type, born: WeakSet[QObject], monkeypatch: pytest.MonkeyPatch) -> None:
    original = kind.__init__  # type: ignore[misc]

    def noted(self: QObject, *arguments: Any, **options: Any) -> None:
        original(self, *arguments, **options)
        born.add(self)

    monkeypatch.setattr(kind, "__init__", noted)


def delete_later(app: QApplication) -> None:
    """Carry out what ``deleteLater`` asked for."""
    app.processEvents()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture(autouse=True)
def no_qt_complaints(qtlog: Any) -> Iterator[None]:
    """Fail a test in which Qt complained."""
    yield
    harmless = "This plugin does not support "  # the offscreen platform, moving windows
    complaints = [
        record.message
        for record in qtlog.records
        if record.type != QtMsgType.QtDebugMsg and not record.message.startswith(harmless)
    ]
    assert not complaints


@pytest.fixture(autouse=True)
def no_forecasts(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Start no process to estimate a run, except in a test that is about it."""
    if "forecasts" not in request.keywords:
        monkeypatch.setattr("gradexplorer.gui.forecast.Forecast._start", lambda _: None)


class Answers:
    """What a person would answer to dialogs, in turn; none is left over or missing."""

    def __init__(self) -> None:
        self.files: list[Path | None] = []
        self.buttons: list[QMessageBox.StandardButton] = []
        self.proposed: list[str] = []
        self.dialog: Callable[[QDialog], bool] | None = None

    def file(self, _parent: object, title: str, proposed: str, *_: object) -> tuple[str, str]:
        assert self.files, f"nobody answers {title!r}"
        self.proposed.append(proposed)
        chosen = self.files.pop(0)
        return ("" if chosen is None else str(chosen)), ""

    def button(self, _parent: object, title: str, *_: object) -> QMessageBox.StandardButton:
        assert self.buttons, f"nobody answers {title!r}"
        return self.buttons.pop(0)

    def execute(self, dialog: QDialog) -> int:
        assert self.dialog is not None, f"nobody answers {dialog.windowTitle()!r}"
        return int(self.dialog(dialog))


@pytest.fixture(autouse=True)
def answers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    """Answer dialogs without opening them."""
    answers = Answers()
    for name in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, name, answers.file)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *given: answers.file(*given)[0])
    monkeypatch.setattr(QMessageBox, "question", answers.button)
    monkeypatch.setattr(QDialog, "exec", lambda dialog: answers.execute(dialog))
    yield answers
    assert not answers.files
    assert not answers.buttons


@pytest.fixture
def until(qtbot: QtBot) -> Until:
    """Give a function that runs the event loop until something holds.

    ``qtbot.waitUntil`` waits in an event loop, which lets a run's thread go on;
    ``QTest.qWait`` would hold Python's lock and starve it.
    """
    return lambda condition: qtbot.waitUntil(condition, timeout=TIMEOUT)


class WatchedControl(Control):
    """A control that can tell whether its run has settled in a pause."""

    def __init__(self, *, paused: bool = False) -> None:
        super().__init__(paused=paused)
        self.asked = self.given = 0

    def turn(self, rest: Callable[[], None] = lambda: None) -> Turn | None:
        self.asked += 1
        turn = super().turn(rest)
        self.given += turn is not None and not turn.again
        return turn

    def is_waiting(self) -> bool:
        with self._changed:
            return self.asked > self.given and self._paused and not self._steps


@pytest.fixture
def settle(until: Until) -> Callable[[MainWindow | Session], int]:
    """Give a function that waits for a paused run to settle; it returns the updates made."""

    def wait(owner: MainWindow | Session) -> int:
        session = owner.session if isinstance(owner, MainWindow) else owner
        worker = session.findChild(Worker)
        assert isinstance(worker, Worker)
        control = worker.control
        assert isinstance(control, WatchedControl)
        until(control.is_waiting)
        until(lambda: len(session.view.history) == control.given)
        return control.given

    return wait


class WatchedRuns:
    """Makes runs in a thread of this process, which a `WatchedControl` controls.

    Attributes
    ----------
    make_trainer : callable
        What trains in them.
    """

    def __init__(self) -> None:
        self.make_trainer: MakeTrainer = Trainer

    def __call__(self, start: Start, *, paused: bool) -> LocalRun:
        control = WatchedControl(paused=paused)
        return LocalRun(start, control=control, make_trainer=self.make_trainer)


@pytest.fixture
def runs() -> WatchedRuns:
    """Give what makes the runs of windows and sessions."""
    return WatchedRuns()


@pytest.fixture
def make_window(qapp: QApplication, runs: WatchedRuns) -> Iterator[MakeWindow]:
    """Give a function that opens a window, which is closed after the test."""
    windows: list[MainWindow] = []

    def make(config: ExperimentConfig, path: Path | None = None) -> MainWindow:
        window = MainWindow(config, path, make_run=runs)
        windows.append(window)
        window.show()
        return window

    yield make
    for window in windows:
        window.documents.take(window.form.config, None)  # so that nothing is asked
        window.close()
        window.deleteLater()
    delete_later(qapp)


@pytest.fixture
def window(make_window: MakeWindow, small: Callable[..., ExperimentConfig]) -> MainWindow:
    """Open a window for a small experiment that does not end by itself."""
    return make_window(small(ENDLESS))


@pytest.fixture
def make_session(runs: WatchedRuns) -> Iterator[Callable[[ExperimentConfig], Session]]:
    """Give a function that makes a session without a window."""
    sessions: list[Session] = []

    def make(config: ExperimentConfig) -> Session:
        sessions.append(Session(config, make_run=runs))
        return sessions[-1]

    yield make
    for session in sessions:
        session.close()
        session.deleteLater()


@pytest.fixture(scope="session")
def diverging() -> ExperimentConfig:
    """Give an experiment that diverges within its first updates."""
    return parse_preset(DIVERGES, "diverging")


@pytest.fixture(scope="session")
def make_view() -> MakeView:
    """Give a function that runs an experiment without a window and returns what panels draw."""

    def make(config: ExperimentConfig, updates: int = 3, **trace: Any) -> RunView:
        trainer, mailbox, history = Trainer(config), Mailbox(), History()
        trainer.want_trace()
        for snapshot in islice(trainer, updates):
            mailbox.put(snapshot)
            trainer.want_trace()
        history.add(mailbox.fetch())
        if trace:
            assert history.trace is not None
            history.trace = replace(history.trace, **trace)
        view = RunView(trainer.config, window_shape(trainer.config), history)
        if history.trace is not None:
            view.scale.fit(magnitudes(history.trace))
        return view

    return make


@pytest.fixture
def show_panels(qapp: QApplication) -> Iterator[ShowPanels]:
    """Give a function that makes and shows panels, all or those of some names."""
    made: list[Panel] = []

    def show(view: RunView | None, *names: str, colors: Colors = LIGHT) -> dict[str, Panel]:
        apply_theme(qapp, colors)
        # All are kept: what the garbage collector takes apart, Qt may still want to lay out.
        made.extend(panels := make_panels(DepthAxis()))
        chosen = [panel for panel in panels if panel.name in names or not names]
        for panel in chosen:
            panel.resize(760, 320)
            panel.set_colors(colors)
            panel.show()
            if view is not None:
                panel.show_view(view)
        return {panel.name: panel for panel in chosen}

    yield show
    for panel in made:
        panel.close()
        panel.deleteLater()
    delete_later(qapp)


@pytest.fixture
def show_panel(show_panels: ShowPanels) -> Callable[..., Panel]:
    """Give a function that makes and shows one panel."""
    return lambda name, view=None, **options: show_panels(view, name, **options)[name]


@pytest.fixture(scope="session")
def losses() -> Callable[[Any], bytes]:
    """Give a function that returns the bits of a run's losses so far."""
    return lambda session: session.view.history.metrics["loss"].tobytes()


@pytest.fixture(scope="session")
def headless_rows() -> Callable[..., np.ndarray]:
    """Give a function that returns the metrics of an experiment's first updates."""
    return lambda config, updates=None: np.array(
        [tuple(snapshot.metrics) for snapshot in islice(Trainer(config), updates)], METRICS_DTYPE
    )


@pytest.fixture
def enter() -> Callable[[QWidget, str, object], None]:
    """Give a function that enters a value into the editor of a title, as a person does."""

    def type_or_choose(form: QWidget, title: str, value: object) -> None:
        for segment in form.findChildren(QToolButton):
            if segment.accessibleName() == f"{title}: {value}" and segment.isVisibleTo(form):
                segment.click()
                return
        editor = editor_of(form, title)
        if isinstance(editor, QComboBox):
            index = editor.findText(str(value))
            assert index >= 0
            editor.setCurrentIndex(index)
            editor.activated.emit(index)
            return
        editor.selectAll()  # type: ignore[attr-defined]
        QTest.keyClick(editor, Qt.Key.Key_Delete)
        QTest.keyClicks(editor, str(value))
        QTest.keyClick(editor, Qt.Key.Key_Return)

    return type_or_choose


def editor_of(form: QWidget, title: str) -> QWidget:
    """Return the visible editor of a title."""
    QCoreApplication.processEvents()  # layouts show new widgets from the event loop
    found = [
        widget
        for widget in form.findChildren(QWidget)
        if widget.accessibleName() == title and widget.isVisibleTo(form)
    ]
    assert len(found) == 1, f"{len(found)} editors are called {title!r}"
    return found[0]


@pytest.fixture
def editor() -> Callable[[QWidget, str], QWidget]:
    """Give `editor_of`."""
    return editor_of


@pytest.fixture
def plot(qtbot):
    """A shown plot from 0 to 10 across and 0 to 1 up."""
    plot = Plot("x", "y")
    qtbot.addWidget(plot)
    plot.set_colors(LIGHT)
    plot.resize(400, 200)
    plot.show()
    plot.set_x_range(0.0, 10.0)
    plot.set_y_range(0.0, 1.0)
    return plot
