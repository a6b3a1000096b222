"""The area between two curves."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyqtgraph.functions import arrayToQPolygonF
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter

from gradexplorer.gui.items.painted import PaintedItem

BAND_OPACITY = 0.25
_FAR = 1e5  # pixels


class BandItem(PaintedItem):
    """Fills between a lower and an upper curve, where both are finite."""

    def __init__(self) -> None:
        super().__init__()
        self._x = self._low = self._high = np.zeros(0)
        self._color = QColor()
        self.hide()

    def set_color(self, color: str) -> None:
        """Fill with this colour, thinly."""
        self._color = QColor(color)
        self._color.setAlphaF(BAND_OPACITY)
        self.update()

    def show_band(self, x: NDArray[Any], low: NDArray[Any], high: NDArray[Any]) -> None:
        """Fill between these curves."""
        finite = np.isfinite(low) & np.isfinite(high)
        self._x, self._low, self._high = (
            np.asarray(part, np.float64)[finite] for part in (x, low, high)
        )
        self.draw_anew(empty=len(self._x) < 2)

    def clear(self) -> None:
        """Draw nothing."""
        self.show_band(np.zeros(0), np.zeros(0), np.zeros(0))

    def draw(self, painter: QPainter, view: Any) -> None:
        """Draw the area in pixels."""
        dx, dy = view.viewPixelSize()
        (left, _), (bottom, _) = view.viewRange()
        painter.translate(left, bottom)
        painter.scale(dx, -dy)
        x = np.clip((np.concatenate([self._x, self._x[::-1]]) - left) / dx, -_FAR, _FAR)
        heights = np.concatenate([self._high, self._low[::-1]])
        y = np.clip((bottom - heights) / dy, -_FAR, _FAR)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._color)
        painter.drawPolygon(arrayToQPolygonF(x, y))
