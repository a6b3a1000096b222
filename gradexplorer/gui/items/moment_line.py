"""A line at the update that the views are held at."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QLineF
from PySide6.QtGui import QPainter, QPen

from gradexplorer.gui.items.painted import PaintedItem


class MomentLine(PaintedItem):
    """A line right across the view at a place of one axis, or none.

    Parameters
    ----------
    upright : bool
        Whether the place is on the x axis.
    """

    def __init__(self, *, upright: bool) -> None:
        super().__init__()
        self._upright = upright
        self._place: float | None = None
        self._pens: tuple[QPen, ...] = ()
        self.setZValue(50)
        self.hide()

    def set_color(self, color: str, rim: str) -> None:
        """Draw in this colour between rims of another, to stand out from any."""
        widths = ((rim, 3.5), (color, 1.5))
        self._pens = tuple(pg.mkPen(ink, width=width, cosmetic=False) for ink, width in widths)
        self.update()

    def show_at(self, place: float | None) -> None:
        """Draw it here, or nowhere."""
        if place != self._place:
            self._place = place
            self.draw_anew(empty=place is None)

    def draw(self, painter: QPainter, view: Any) -> None:
        """Draw the line."""
        assert self._place is not None
        (left, right), (low, high) = view.viewRange()
        dx, dy = view.viewPixelSize()
        painter.translate(left, low)
        painter.scale(dx, -dy)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        x, y = (self._place - left) / dx, (low - self._place) / dy
        upright = QLineF(x, 0.0, x, (low - high) / dy)
        line = upright if self._upright else QLineF(0.0, y, (right - left) / dx, y)
        for pen in self._pens:
            painter.setPen(pen)
            painter.drawLine(line)
