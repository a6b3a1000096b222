"""The truncation length that the instruments try out: one for all of them."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QObject, Qt, Signal, Slot

from gradexplorer.gui.plot import Plot
from gradexplorer.gui.theme import Colors


class Reach(QObject):
    """K, how many steps back a loss is followed; dragged in one view, moved in all."""

    changed = Signal(int)
    """K is now another."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._steps = self._most = 1

    @property
    def steps(self) -> int:
        """K, at least 1."""
        return self._steps

    def set_steps(self, steps: int) -> None:
        """Try another K, between 1 and the longest there is."""
        steps = min(max(1, steps), self._most)
        if steps != self._steps:
            self._steps = steps
            self.changed.emit(steps)

    def set_most(self, most: int, preferred: int) -> None:
        """Let K be at most so many steps; where that is news, begin with the preferred one."""
        if most != self._most:
            self._most = max(1, most)
            self.set_steps(preferred)


class ReachCursor(QObject):
    """A vertical line at K that can be dragged.

    Parameters
    ----------
    plot : Plot
        Whose x axis counts steps.
    reach : Reach
    offset : float
        Where K stands on the x axis, beside itself: -1 where that counts lags from 0.
    """

    def __init__(self, plot: Plot, reach: Reach, offset: float = 0.0) -> None:
        super().__init__(plot)
        self._reach, self._offset = reach, offset
        self.line = pg.InfiniteLine(angle=90, movable=True)
        self.line.setZValue(50)
        self.line.hide()
        plot.view.addItem(self.line, ignoreBounds=True)
        self.line.sigPositionChanged.connect(self._dragged)
        reach.changed.connect(self._follow)
        self._follow(reach.steps)

    def set_colors(self, colors: Colors) -> None:
        """Draw in these colours."""
        self.line.setPen(pg.mkPen(colors.limit, width=2, style=Qt.PenStyle.DashLine))
        self.line.setHoverPen(pg.mkPen(colors.limit, width=4))

    @Slot()
    def _dragged(self) -> None:
        self._reach.set_steps(round(self.line.value() - self._offset))

    @Slot(int)
    def _follow(self, steps: int) -> None:
        if round(self.line.value() - self._offset) != steps:
            self.line.setValue(steps + self._offset)
