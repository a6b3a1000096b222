"""The area that the docks stand in."""

from __future__ import annotations

from PySide6.QtCore import QChildEvent, QEvent, Qt
from PySide6.QtWidgets import QMainWindow, QTabBar, QTabWidget, QToolButton


class PanelArea(QMainWindow):
    """Docks beside each other; those that share a place have tabs, which it names."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setDockNestingEnabled(True)
        self.setDocumentMode(True)  # no frame around the tabs
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)

    def childEvent(self, event: QChildEvent) -> None:  # noqa: N802
        """Name a bar of tabs as soon as Qt has made it."""
        super().childEvent(event)
        bar = event.child()
        if event.type() == QEvent.Type.ChildPolished and isinstance(bar, QTabBar):
            bar.setAccessibleName("Panels that share this place")
            bar.setToolTip("Bring a panel to the front")
            bar.setUsesScrollButtons(False)
            bar.setDrawBase(False)
            for arrow in bar.findChildren(QToolButton):  # the arrow keys do the same
                arrow.setFocusPolicy(Qt.FocusPolicy.NoFocus)
