"""Which held-out sequence the output panel shows, or all of them as dots."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from gradexplorer.tasks.views import Sequences, View


class SequenceChoice(QObject):
    """Three actions of the panel's menu, of use where a view has sequences.

    Attributes
    ----------
    index : int
        Which sequence.
    as_dots : QAction
        Checkable: whether all of them are shown instead, output over target.
    """

    changed = Signal()
    """Another sequence was chosen, or the other way to show them."""

    def __init__(self, panel: QWidget) -> None:
        super().__init__(panel)
        self.index = 0
        self._panel, self._count = panel, 0
        self.as_dots = QAction("All outputs over their targets", panel, checkable=True)
        self.as_dots.toggled.connect(self._show_dots)
        self.next = self._step("Next sequence", "N", 1)
        self.previous = self._step("Previous sequence", "Shift+N", -1)
        self.offer(None)

    def _step(self, text: str, key: str, by: int) -> QAction:
        action = QAction(text, self._panel)
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setToolTip(f"{text} of those held out")
        action.setData(by)
        action.triggered.connect(self._go)
        self._panel.addAction(action)  # its key works in the whole window
        return action

    def add_to(self, menu: QMenu) -> None:
        """Put the actions into a menu."""
        for action in (self.next, self.previous, self.as_dots):
            menu.addAction(action)

    def offer(self, view: View | None) -> None:
        """Enable what is of use for a view."""
        self._count = len(view.inputs) if isinstance(view, Sequences) else 0
        self.as_dots.setEnabled(self._count > 0)
        for action in (self.next, self.previous):
            action.setEnabled(self._count > 1 and not self.as_dots.isChecked())

    def hides(self, view: View | None) -> bool:
        """Tell whether dots are to be shown instead of a view."""
        return isinstance(view, Sequences) and self.as_dots.isChecked()

    def note(self, view: View | None) -> str:
        """Return which sequence is shown, where one is."""
        if not isinstance(view, Sequences) or self.hides(view):
            return ""
        return f"sequence {self.index % len(view.inputs) + 1} of {len(view.inputs)} held out"

    @Slot()
    def _go(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        self.index = (self.index + int(action.data())) % max(1, self._count)
        self.changed.emit()

    @Slot()
    def _show_dots(self) -> None:
        self.changed.emit()
