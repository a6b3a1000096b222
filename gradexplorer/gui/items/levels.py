"""Thin dashed lines across a plot, each at a height of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradexplorer.gui.items.painted import PaintedItem

_PATTERNS = (Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
_FAR = 1e5  # pixels; a line so far off is not seen


class LevelsItem(PaintedItem):
    """Horizontal lines from edge to edge, told apart by how they are dashed."""

    def __init__(self) -> None:
        super().__init__()
        self._heights: tuple[float, ...] = ()
        self._color = QColor()
        self.setZValue(1)  # a loss that stays at a baseline must not hide it

    def set_color(self, color: str) -> None:
        """Draw in this colour."""
        self._color = QColor(color)
        self.update()

    def show_levels(self, heights: Sequence[float]) -> None:
        """Draw lines at these heights."""
        if tuple(heights) != self._heights:
            self._heights = tuple(heights)
            self.update()

    def levels(self) -> tuple[float, ...]:
        """Return what is drawn."""
        return self._heights

    def pen(self, index: int) -> QPen:
        """Return the pen of a line, for a legend that shows the same mark."""
        return QPen(self._color, 1.0, _PATTERNS[index % len(_PATTERNS)])

    def draw(self, painter: QPainter, view: Any) -> None:
        """Draw the lines in pixels."""
        dx, dy = view.viewPixelSize()
        (left, right), (_, top) = view.viewRange()
        painter.translate(left, top)
        painter.scale(dx, -dy)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for index, height in enumerate(self._heights):
            y = (top - height) / dy
            if abs(y) < _FAR:
                painter.setPen(self.pen(index))
                painter.drawLine(QLineF(0.0, y, (right - left) / dx, y))
