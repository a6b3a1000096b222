"""The notice that what was changed needs a new run."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from gradexplorer.gui.keys import keep_space


class PendingNotice(QFrame):
    """Says which changes wait for a new run, and offers to start or to undo them."""

    start_wanted = Signal()
    undo_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("notice")
        self.label = QLabel()
        self.label.setWordWrap(True)
        start = QPushButton("Start new run")
        start.setToolTip("End this run and start one with the changes")
        start.clicked.connect(self.start_wanted)
        undo = QPushButton("Undo")
        undo.setToolTip("Go back to the settings of this run")
        undo.clicked.connect(self.undo_wanted)
        buttons = QHBoxLayout()
        for button in (start, undo):
            keep_space(button)
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addWidget(self.label)
        layout.addLayout(buttons)
        self.hide()

    def show_differences(
        self, differences: list[tuple[str, str, str]], *, held: bool = False
    ) -> None:
        """Name the settings that differ from the run's; hide where none does.

        While a moment is held, a run can also go on from there with them.
        """
        changes = "; ".join(f"{title}: {old} → {new}" for title, old, new in differences)
        needed = "For Continue from here, or a new run." if held else "Needs a new run."
        self.label.setText(f"{needed}  {changes}")
        self.setVisible(bool(differences))
