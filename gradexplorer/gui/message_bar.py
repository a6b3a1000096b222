"""The strip under the panels that says what to look at, or what went wrong."""

from __future__ import annotations

from html import escape
from typing import Literal

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.gui.session import Session
from gradexplorer.gui.state import State

_TABLE_LINES = 6
_MARGIN, _SLACK = 12, 4  # pixels

_REMEDY = (
    "The run stopped before that update was applied. Drag History back to see it come; a smaller "
    "learning rate, or clipping, keeps it finite."
)
_LOW = 800  # pixels: in a window that is lower a note has one line
Tone = Literal["note", "error"]


class MessageBar(QFrame):
    """One message at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("message")
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.RichText)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(_MARGIN, 8, _MARGIN, 8)
        layout.addWidget(self.label)
        self._is_low = False
        self._heading = self._text = ""
        self._fit_lines()

    def fit_window(self, height: int) -> None:
        """Leave the panels room in a window of so few pixels: a note has one line there."""
        if (height < _LOW) != self._is_low:
            self._is_low = height < _LOW
            self._fit_lines()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Show as much of a note as there is room for."""
        super().resizeEvent(event)
        if self._is_low:
            self._show()

    def _fit_lines(self) -> None:
        """Keep room for so many lines that most messages move nothing."""
        lines = 1 if self._is_low else 2
        self.label.setMinimumHeight(lines * self.label.fontMetrics().lineSpacing())
        self._show()

    def show_message(self, heading: str, text: str, tone: Tone = "note") -> None:
        """Show a message; both parts are plain text."""
        self._heading, self._text = heading, text
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)
        self.label.setAccessibleName(f"{heading}: {text}")
        self._show()

    def _show(self) -> None:
        sentence, *table = self._text.split("\n")
        if self._is_low and self.property("tone") == "note":
            sentence = self._in_one_line(sentence)
        self.label.setToolTip("" if sentence in self._text else f"<p>{escape(self._text)}</p>")
        shown = f"<b>{escape(self._heading)}</b>&ensp;{escape(sentence)}"
        if table:  # of which a screen has room for the beginning
            more = ["  …"] if len(table) > _TABLE_LINES else []
            lines = escape("\n".join(table[:_TABLE_LINES] + more))
            shown += f"<pre style='margin: 4px 0 0 0'>{lines}</pre>"
        self.label.setText(shown)

    def _in_one_line(self, sentence: str) -> str:
        bold = QFont(self.label.font())
        bold.setBold(True)
        heading = QFontMetrics(bold).horizontalAdvance(f"{self._heading}\u2002")
        room = self.contentsRect().width() - 2 * _MARGIN - heading - _SLACK
        mode = Qt.TextElideMode.ElideRight
        return self.label.fontMetrics().elidedText(sentence, mode, max(room, 0))

    def show_run(self, session: Session, config: ExperimentConfig) -> None:
        """Say what went wrong with a run, or else what its experiment is for."""
        history = session.view.history
        if session.state is State.FAILED:
            self.show_message("The run failed", session.failure, "error")
        elif history.divergence is not None:
            when = f"Diverged at update {history.divergence.iteration:,}"
            self.show_message(when, _REMEDY, "error")  # the verdict above says where it began
        elif history.problem:
            self.show_message("Metrics are lost", history.problem, "error")
        else:
            self.show_message(config.title, config.note)

    @Slot(str)
    def complain(self, text: str) -> None:
        """Say why something was not done."""
        self.show_message("Not done", text, "error")

    @Slot(str)
    def tell(self, text: str) -> None:
        """Say that something was done."""
        self.show_message("Done", text)
