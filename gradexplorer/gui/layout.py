"""Where the panels stand by default: the story reads from left to right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

if TYPE_CHECKING:
    from gradexplorer.gui.main_window import MainWindow

_COLUMNS = (320, 690, 420)


def arrange(window: MainWindow) -> None:
    """Put the form left, the depth axis in the middle, what goes over updates right."""
    horizontal, vertical = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
    area = window.area
    graph, bars, heatmap, loss, norm, output = window.docks
    for dock in (window.form_dock, *window.docks):
        dock.setFloating(False)
        area.removeDockWidget(dock)
    area.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, window.form_dock)
    area.splitDockWidget(window.form_dock, graph, horizontal)
    area.splitDockWidget(graph, loss, horizontal)
    area.splitDockWidget(graph, bars, vertical)
    area.tabifyDockWidget(bars, heatmap)
    area.splitDockWidget(loss, norm, vertical)
    area.splitDockWidget(norm, output, vertical)
    for dock in (window.form_dock, *window.docks):
        dock.show()
    bars.raise_()
    area.resizeDocks([window.form_dock, graph, loss], list(_COLUMNS), horizontal)
    area.resizeDocks([graph, bars], [1, 1], vertical)
    area.resizeDocks([loss, norm, output], [1, 1, 1], vertical)


def body(window: MainWindow) -> QWidget:
    """Stack the docks' area on the history and the message, which take the height they need."""
    return _column(window.area, window.scrubber, window.message, margin=8)


def form_column(window: MainWindow) -> QWidget:
    """Stack the form on the notice of what waits for a new run."""
    return _column(window.form, window.pending, margin=0)


def _column(main: QWidget, *below: QWidget, margin: int) -> QWidget:
    column = QWidget()
    layout = QVBoxLayout(column)
    layout.setContentsMargins(margin, 0, margin, margin)
    layout.setSpacing(margin)
    layout.addWidget(main, 1)
    for widget in below:
        layout.addWidget(widget)
    return column
