"""Marks along the upper edge of a plot."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter

from gradexplorer.gui.items.marks import Marks
from gradexplorer.gui.items.painted import PaintedItem

HEIGHT = 6.0


class RugItem(PaintedItem):
    """Ticks at some x values; where several share a pixel column, it is as opaque as it is full.

    Parameters
    ----------
    row : int
        Rugs of one plot stand below each other.
    """

    def __init__(self, row: int = 0) -> None:
        super().__init__()
        self._row = row
        self._x: NDArray[np.floating] = np.zeros(0)
        self._counts: NDArray[np.floating] = np.zeros(0)
        self._color = QColor("black")
        self._marks = Marks()
        self.hide()

    def set_color(self, color: str) -> None:
        """Draw in this colour."""
        self._color = QColor(color)
        self.update()

    def show_ticks(
        self, x: NDArray[np.floating], counts: NDArray[np.floating] | None = None
    ) -> None:
        """Mark these whole numbers, which ascend; each stands for so many, or for one."""
        self._x = x
        self._counts = np.ones(len(x)) if counts is None else counts
        self.draw_anew(empty=self.is_empty())

    def is_empty(self) -> bool:
        """Tell whether nothing is marked."""
        return not len(self._x)

    def draw(self, painter: QPainter, view: Any) -> None:
        """Draw the ticks in pixels."""
        dx, dy = view.viewPixelSize()
        (left, right), (_, top) = view.viewRange()
        first, last = np.searchsorted(self._x, (left, right))
        x = self._x[first:last]
        if not len(x):
            return
        painter.scale(dx, -dy)
        painter.setPen(Qt.PenStyle.NoPen)
        y = -top / dy + 1.0 + self._row * (HEIGHT + 1.0)
        if dx < 1.0:
            painter.setBrush(self._color)
            self._marks.rects(painter, (x - 0.5) / dx, y, max(1.0 / dx, 1.5), HEIGHT)
            return
        pixels, places = np.unique(np.floor(x / dx), return_inverse=True)
        counts = np.bincount(places, self._counts[first:last])
        opacity = np.ceil(4.0 * np.minimum(1.0, counts / dx)) / 4.0
        for level in np.unique(opacity):
            color = QColor(self._color)
            color.setAlphaF(float(0.25 + 0.75 * level))
            painter.setBrush(color)
            self._marks.rects(painter, pixels[opacity == level], y, 1.0, HEIGHT)
