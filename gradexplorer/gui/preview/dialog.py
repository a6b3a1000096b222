"""What was understood of a file, before anything runs on it."""

from __future__ import annotations

from contextlib import suppress
from html import escape
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gradexplorer.config.tasks.own import OwnSeriesTask
from gradexplorer.errors import InputError
from gradexplorer.gui.preview.choices import Choices
from gradexplorer.gui.preview.plot import TargetPlot
from gradexplorer.gui.preview.reader import TableReader
from gradexplorer.gui.preview.sample import SampleTable
from gradexplorer.gui.theme import Colors
from gradexplorer.tasks.own_series import Understood, understand
from gradexplorer.tasks.tables.roles import Roles, find_roles
from gradexplorer.tasks.tables.table import Layout, Table

_TICK_MILLISECONDS = 50
_SIZE = (940, 700)
_NOTE_LINES = 4  # so that most notes move nothing
_WORDS = {
    "task.file cannot be used. ": "",
    "task.missing is 'refuse', and ": "",
    "choose 'interpolate', 'carry' or 'drop'": "choose how to treat them",
    "task.target names": "The target is",
    "task.inputs names": "Among the inputs is",
    "task.time names": "The time is",
    ", or name another column as task.target": ", or choose another target",
    "or set task.time to # to": "or choose to",
}
_CHANGED = "The file has changed since the experiment was saved. Opening it takes it as it is now."


class PreviewDialog(QDialog):
    """Shows a file as a task would take it and lets everything about that be changed.

    It reads the file in a thread of its own and can be left at any time.

    Parameters
    ----------
    task : OwnSeriesTask
        The file, and how to take it as far as that is known.
    colors : Colors
    parent : QWidget, optional
    quiet : bool
        Whether to close by itself, accepted, if nothing is to be decided.
    """

    def __init__(
        self,
        task: OwnSeriesTask,
        colors: Colors,
        parent: QWidget | None = None,
        *,
        quiet: bool = False,
    ) -> None:
        super().__init__(parent)
        self._task, self._quiet = task, quiet
        self._expected, self._has_changed = task.sha256, False
        self._table: Table | None = None
        self._understood: Understood | None = None
        self.setWindowTitle("Open data")
        self.resize(*_SIZE)
        self._build(colors)
        self.choices.show_task(task)
        self.reader = TableReader(self)
        self.reader.finished.connect(self._take)
        self._clock = QTimer(self)
        self._clock.setInterval(_TICK_MILLISECONDS)
        self._clock.timeout.connect(self._show_progress)
        self._read()

    @property
    def task(self) -> OwnSeriesTask:
        """The task as it stands, with the hash of what was read."""
        return self._task

    @property
    def is_good(self) -> bool:
        """Whether the file is understood, and is the one that the task was made for."""
        return self._understood is not None and not self._has_changed

    def settle(self, seconds: float) -> None:
        """Wait so long for a file that is quickly read."""
        self.reader.settle(seconds)

    def done(self, code: int) -> None:
        """Read no further."""
        self._clock.stop()
        self.reader.cancel()
        super().done(code)

    def _build(self, colors: Colors) -> None:
        self.heading = QLabel(f"<b>{escape(Path(self._task.file).name)}</b>")
        self.heading.setToolTip(self._task.file)
        self.format = _text("muted")
        self.sample = SampleTable(colors)
        self.choices = Choices(self._read, self._choose, colors)
        self.choices.setFixedWidth(380)
        self.plot = TargetPlot(colors)
        self.notes = _text("notes")
        self.notes.setMinimumHeight(_NOTE_LINES * self.fontMetrics().lineSpacing())
        self.notes.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.warnings, self._warning_frame = _framed("notice")
        self.problem, self._problem_frame = _framed("message")
        self._problem_frame.setProperty("tone", "error")
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(6)
        self.progress.setAccessibleName("Reading")
        kinds = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(kinds.Open | kinds.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        right = QVBoxLayout()
        right.addWidget(self.plot, 1)
        right.addWidget(self.notes)
        columns = QHBoxLayout()
        columns.setSpacing(16)
        columns.addWidget(self.choices, 0, Qt.AlignmentFlag.AlignTop)
        columns.addLayout(right, 1)
        content = QWidget()
        inner = QVBoxLayout(content)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.sample)
        inner.addLayout(columns, 1)
        self.pages = QStackedWidget()
        self.pages.addWidget(_waiting(self.progress))
        self.pages.addWidget(content)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 12)
        layout.addWidget(self.heading)
        layout.addWidget(self.format)
        layout.addWidget(self.pages, 1)
        for widget in (self._warning_frame, self._problem_frame, self.buttons):
            layout.addWidget(widget)

    def _read(self) -> None:
        """Read the file as it is chosen to be read."""
        layout = Layout(**self.choices.reading())
        if self._table is not None and layout != self._layout_of(self._task):
            self._task = self._task.model_copy(update={"target": "", "inputs": "", "time": ""})
        self._task = self._task.model_copy(update=vars(layout))
        self._table = self._understood = None
        self.format.setText("Reading…")
        self._show_words("", ())
        self.pages.setCurrentIndex(0)
        self.progress.setValue(0)
        self.reader.start(Path(self._task.file), layout, self._prepared)
        self._clock.start()

    @staticmethod
    def _layout_of(task: OwnSeriesTask) -> Layout:
        return Layout(task.delimiter, task.decimal, task.header)

    @Slot()
    def _show_progress(self) -> None:
        self.progress.setValue(round(1000 * self.reader.share))

    @Slot(object)
    def _take(self, result: Table | str) -> None:
        self._clock.stop()
        self.pages.setCurrentIndex(1)  # to be read in another way, even where this one failed
        if isinstance(result, str):
            self.format.setText("")
            self.sample.show_nothing()
            self.plot.clear_series()
            self.notes.setText("")
            self._show_words(result, ())
            return
        self._table = result
        self._has_changed = self._expected not in ("", result.sha256)
        self._task = self._task.model_copy(update={"sha256": result.sha256})
        self.format.setText(f"{result.size}; {result.format}")
        self.sample.show_table(result)
        self.choices.show_table(result, self._roles())
        self._understand()
        if self._quiet and self.is_good and self.isVisible():
            self.accept()
        if self._understood is not None:
            self.buttons.button(QDialogButtonBox.StandardButton.Open).setFocus()

    def _prepared(self, table: Table) -> None:
        """Do in the reader's thread what would make the window wait."""
        with suppress(InputError):
            _understood(table, self._task)

    def _roles(self) -> Roles | None:
        """Return what the columns are for, as far as the task makes sense of them."""
        assert self._table is not None
        try:
            return find_roles(self._table, self._task.target, self._task.inputs, self._task.time)
        except InputError:
            return None

    def _choose(self) -> None:
        """Take what was chosen about the columns."""
        if self._table is None:
            return
        chosen: dict[str, Any] = self._task.model_dump() | self.choices.use()
        try:
            self._task = OwnSeriesTask.model_validate(chosen)
        except ValidationError:
            self._understood = None
            self._show_words("The held-out tail must be a number from 0.05 to 0.5.", ())
            return
        self._understand()

    def _understand(self) -> None:
        """Show what would be trained on, or why nothing would."""
        assert self._table is not None
        try:
            self._understood = _understood(self._table, self._task)
        except InputError as error:
            self._understood = None
            self.plot.clear_series()
            self.notes.setText("")
            self._show_words(_in_sight(str(error)), self._table.warnings)
        else:
            self.plot.show_series(self._understood)
            facts, doubts = self._understood.notes[1:4], self._understood.notes[4:]
            self.notes.setText("\n".join(facts))
            self._show_words("", doubts)
        self.sample.show_roles(self._table, self._roles())

    def _show_words(self, problem: str, doubts: tuple[str, ...]) -> None:
        if self._table is not None and self._has_changed:
            doubts = (_CHANGED, *doubts)
        self.problem.setText(problem)
        self._problem_frame.setVisible(bool(problem))
        self.warnings.setText("\n".join(doubts))
        self._warning_frame.setVisible(bool(doubts))
        opens = self.buttons.button(QDialogButtonBox.StandardButton.Open)
        opens.setEnabled(self._understood is not None)
        opens.setDefault(self._understood is not None)


def _understood(table: Table, task: OwnSeriesTask) -> Understood:
    return understand(table, task.target, task.inputs, task.time, task.missing, task.held_out)


def _in_sight(sentence: str) -> str:
    """Say of an error what a preset calls a setting as it is called here."""
    for key, words in _WORDS.items():
        sentence = sentence.replace(key, words)
    return sentence[:1].upper() + sentence[1:]


def _text(name: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)  # it may quote a file
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _framed(name: str) -> tuple[QLabel, QFrame]:
    frame, label = QFrame(), _text("")
    frame.setObjectName(name)
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(10, 6, 10, 6)
    layout.addWidget(label)
    frame.hide()
    return label, frame


def _waiting(progress: QProgressBar) -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(progress)
    layout.addStretch(1)
    return page
