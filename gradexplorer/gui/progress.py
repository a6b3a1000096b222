"""Where the run is: iteration, speed, time."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from gradexplorer.gui.session import Session
from gradexplorer.gui.state import State
from gradexplorer.gui.text import duration, rate

_BETWEEN = "  ·  "
_AROUND = 28  # pixels beside the texts and between them


class ProgressView(QWidget):
    """Figures about a run over a thin bar."""

    def __init__(self) -> None:
        super().__init__()
        self._forecast = ""
        self._parts: list[str] = []
        self.iteration = QLabel()
        self.times = QLabel()
        self.times.setObjectName("muted")
        self.times.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self.bar.setAccessibleName("Progress of the run")
        row = QHBoxLayout()
        row.addWidget(self.iteration)
        row.addStretch(1)
        row.addWidget(self.times)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 8, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.bar)
        self.setMinimumWidth(210)
        self.setMaximumWidth(420)

    @Slot(str)
    def show_forecast(self, text: str) -> None:
        """Say what a run that has not begun would take."""
        self._forecast = text
        self._parts = [text] if text else []
        self._show_times()

    def show_session(self, session: Session) -> None:
        """Show where a run is."""
        done, budget = session.iteration, session.config.training.iterations
        state = "" if session.state is State.RUNNING else f", {session.state.value}"
        if session.is_settling:
            state = ", finishing an update"
        self.iteration.setText(f"{done:,} of {budget:,}{state}")
        self.bar.setRange(0, 1000)
        self.bar.setValue(round(1000 * done / budget))
        parts = [self._forecast] if session.state is State.READY and self._forecast else []
        clock = session.clock
        if session.state is State.RUNNING and clock.updates_per_second:
            parts.append(rate(clock.updates_per_second))
        if clock.seconds:
            parts.append(duration(clock.seconds))
        if session.state is State.RUNNING and clock.updates_per_second:
            parts.append(f"{duration((budget - done) / clock.updates_per_second)} left")
        self._parts = parts
        self._show_times()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Say as much about time as there is room for."""
        super().resizeEvent(event)
        self._show_times()

    def _show_times(self) -> None:
        """Show the times, those that matter least left out where there is no room."""
        texts = [_BETWEEN.join(self._parts[first:]) for first in range(len(self._parts))]
        room = self.width() - self.iteration.sizeHint().width() - _AROUND
        width = self.times.fontMetrics().horizontalAdvance
        fitting = (text for text in texts if width(text) <= room)
        self.times.setText(next(fitting, texts[-1] if texts else ""))
        self.times.setToolTip(texts[0] if texts else "")
