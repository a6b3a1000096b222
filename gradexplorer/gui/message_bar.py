"""The strip under the panels that says what to look at, or what went wrong."""

from __future__ import annotations

from html import escape
from typing import Literal

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.gui.session import Session
from gradexplorer.gui.state import State

_TABLE_LINES = 6

_REMEDY = "A smaller learning rate, or clipping, keeps it finite."
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
        layout.setContentsMargins(12, 8, 12, 8)
        layout.addWidget(self.label)
        lines = 2 * self.label.fontMetrics().lineSpacing()  # so that most messages move nothing
        self.label.setMinimumHeight(lines)

    def show_message(self, heading: str, text: str, tone: Tone = "note") -> None:
        """Show a message; both parts are plain text."""
        sentence, *table = text.split("\n")
        shown = f"<b>{escape(heading)}</b>&ensp;{escape(sentence)}"
        if table:  # of which a screen has room for the beginning
            more = ["  …"] if len(table) > _TABLE_LINES else []
            lines = escape("\n".join(table[:_TABLE_LINES] + more))
            shown += f"<pre style='margin: 4px 0 0 0'>{lines}</pre>"
        self.label.setText(shown)
        self.label.setAccessibleName(f"{heading}: {text}")
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)

    def show_run(self, session: Session, config: ExperimentConfig) -> None:
        """Say what went wrong with a run, or else what its experiment is for."""
        history = session.view.history
        if session.state is State.FAILED:
            self.show_message("The run failed", session.failure, "error")
        elif history.divergence is not None:
            self.show_message("Diverged", f"{history.divergence} {_REMEDY}", "error")
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
