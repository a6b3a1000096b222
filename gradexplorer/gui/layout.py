"""Where the panels stand by default: the story reads from left to right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

if TYPE_CHECKING:
    from gradexplorer.gui.dock import PanelDock
    from gradexplorer.gui.main_window import MainWindow

_COLUMNS = (320, 600, 500)
_TABS = {
    "unrolled-graph": ("units",),
    "timestep-gradient": ("gradient-heatmap", "flow-matrix", "jacobian-norms"),
    "loss": ("clipping-lens",),
    "gradient-norm": ("lag-profile", "truncation-lens"),
    "output": ("eigenvalues", "lyapunov", "histograms"),
}
_COMPARED = {
    "unrolled-graph": ("units",),
    "timestep-gradient": ("gradient-heatmap", "flow-matrix", "jacobian-norms"),
    "loss": ("output", "clipping-lens", "histograms"),
    "gradient-norm": ("lag-profile", "truncation-lens", "eigenvalues", "lyapunov"),
}
_HORIZONTAL, _VERTICAL = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


def explore(window: MainWindow) -> None:
    """Put the form left, the depth axis in the middle, what goes over updates right.

    Behind each panel stand the instruments that look deeper into the same.
    """
    area, docks = window.area, _taken_out(window)
    graph, bars = docks["unrolled-graph"], docks["timestep-gradient"]
    loss, norm, output = docks["loss"], docks["gradient-norm"], docks["output"]
    area.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, window.form_dock)
    area.splitDockWidget(window.form_dock, graph, _HORIZONTAL)
    area.splitDockWidget(graph, loss, _HORIZONTAL)
    area.splitDockWidget(graph, bars, _VERTICAL)
    area.splitDockWidget(loss, norm, _VERTICAL)
    area.splitDockWidget(norm, output, _VERTICAL)
    window.form_dock.show()
    _put_behind(window, docks, _TABS)
    area.share([window.form_dock, graph, loss], _COLUMNS, _HORIZONTAL)
    area.share([graph, bars], [1, 1], _VERTICAL)
    area.share([loss, norm, output], [10, 10, 14], _VERTICAL)
    name_once(window)


def name_once(window: MainWindow) -> None:
    """Leave out the titles of panels that a tab names."""
    for dock in window.docks:
        dock.name_itself(dock.isFloating() or not window.area.tabifiedDockWidgets(dock))


def lecture(window: MainWindow) -> None:
    """Show the unrolled graph and the gradients, large, and the loss beside them."""
    area, docks = window.area, _taken_out(window)
    graph, bars, loss = docks["unrolled-graph"], docks["timestep-gradient"], docks["loss"]
    area.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, graph)
    area.splitDockWidget(graph, bars, _VERTICAL)
    area.splitDockWidget(bars, loss, _HORIZONTAL)
    for dock in (graph, bars, loss):
        dock.show()
    area.share([bars, loss], [2, 1], _HORIZONTAL)
    area.share([graph, bars], [1, 1], _VERTICAL)
    name_once(window)


def compare(window: MainWindow) -> None:
    """Show what pinned runs are drawn in, the gradients in front, and the table of them."""
    area, docks = window.area, _taken_out(window)
    graph, bars = docks["unrolled-graph"], docks["timestep-gradient"]
    loss, norm = docks["loss"], docks["gradient-norm"]
    area.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, window.form_dock)
    area.splitDockWidget(window.form_dock, bars, _HORIZONTAL)
    area.splitDockWidget(bars, loss, _HORIZONTAL)
    area.splitDockWidget(bars, graph, _VERTICAL)
    area.splitDockWidget(loss, norm, _VERTICAL)
    for dock in (window.form_dock, window.runs_dock):
        dock.show()
    _put_behind(window, docks, _COMPARED)
    area.share([window.form_dock, bars, loss], [320, 555, 555], _HORIZONTAL)
    area.share([bars, graph], [1, 1], _VERTICAL)
    area.share([loss, norm], [1, 1], _VERTICAL)
    name_once(window)


def _put_behind(
    window: MainWindow, docks: dict[str, PanelDock], tabs: dict[str, tuple[str, ...]]
) -> None:
    """Show panels, with others in tabs behind them."""
    for front, behind in tabs.items():
        for name in behind:
            window.area.tabifyDockWidget(docks[front], docks[name])
        for name in (front, *behind):
            docks[name].show()
    for front, behind in tabs.items():
        docks[front].raise_()
        for name in behind:  # Qt tells that only once it has laid the tabs out
            docks[name].panel.set_in_sight(in_sight=False)


def _taken_out(window: MainWindow) -> dict[str, PanelDock]:
    """Take every dock out, put the table of runs at the bottom, and return the panels' by name."""
    area = window.area
    for dock in (window.form_dock, *window.docks, window.runs_dock):
        dock.setFloating(False)
        area.removeDockWidget(dock)
    area.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, window.runs_dock)
    window.runs_dock.setVisible(bool(window.session.pins.runs))
    return {dock.panel.name: dock for dock in window.docks}


def body(window: MainWindow) -> QWidget:
    """Stack the docks' area on history, verdict and message, which take the height they need."""
    return _column(window.area, window.scrubber, window.verdict, window.message, margin=8)


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
