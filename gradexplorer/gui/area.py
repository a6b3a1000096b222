"""The area that the docks stand in."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QChildEvent, QEvent, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QTabWidget, QToolButton

_Share = tuple[list[QDockWidget], list[int], Qt.Orientation]


class PanelArea(QMainWindow):
    """Docks beside each other; those that share a place have tabs, which it names."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setDockNestingEnabled(True)
        self.setDocumentMode(True)  # no frame around the tabs
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self._shares: list[_Share] = []

    def share(
        self, docks: Sequence[QDockWidget], parts: Sequence[int], orientation: Qt.Orientation
    ) -> None:
        """Share the room among docks; an area that was never shown does it again when it is."""
        share = list(docks), list(parts), orientation
        self.resizeDocks(*share)
        if not self.isVisible():  # Qt knows no sizes yet, and will forget these
            self._shares.append(share)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Share the room as was asked for before there was any."""
        super().showEvent(event)
        if self._shares:  # soon: the window is still being laid out
            QTimer.singleShot(0, self, self._share_again)

    def _share_again(self) -> None:
        for share in self._shares:
            self.resizeDocks(*share)
        self._shares.clear()

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
