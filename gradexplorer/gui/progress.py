"""Where the run is: iteration, speed, time."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from gradexplorer.gui.session import Session
from gradexplorer.gui.state import State
from gradexplorer.gui.text import duration, rate


class ProgressView(QWidget):
    """Figures about a run over a thin bar."""

    def __init__(self) -> None:
        super().__init__()
        self._forecast = ""
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
        self.times.setText(text)

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
        if session.state is State.RUNNING and session.clock.updates_per_second:
            parts.append(rate(session.clock.updates_per_second))
        if session.clock.seconds:
            parts.append(duration(session.clock.seconds))
        if session.state is State.RUNNING and session.clock.updates_per_second:
            parts.append(f"{duration((budget - done) / session.clock.updates_per_second)} left")
        self.times.setText("  ·  ".join(parts))
