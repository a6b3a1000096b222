"""A line through points, and points, drawn in pixels.

Pens that are told in pixels of the view, not of the device, keep their width on a screen with
a device pixel ratio of two, and in a picture of any scale.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradexplorer.gui.items.marks import Marks
from gradexplorer.gui.items.painted import PaintedItem

_FAR = 1e5  # pixels; beyond them a line is cut short, before its numbers get too large for Qt


class CurveItem(PaintedItem):
    """A line that leaves gaps where a value is NaN.

    Parameters
    ----------
    width : float
        In pixels.
    smooth : bool
        Whether to draw it antialiased: affordable for smooth or short data only.
    style : Qt.PenStyle
    dots : float
        The radius of a dot at each point, in pixels; 0: none.
    """

    def __init__(
        self,
        *,
        width: float = 1.0,
        smooth: bool = False,
        style: Qt.PenStyle = Qt.PenStyle.SolidLine,
        dots: float = 0.0,
    ) -> None:
        super().__init__()
        self._smooth, self._dots = smooth, dots
        self._pen = QPen(QColor(), width, style)
        self._pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        self._rim = QColor()
        self._x: NDArray[np.float64] = np.zeros(0)
        self._y: NDArray[np.float64] = np.zeros(0)
        self._marks = Marks()

    @property
    def pen(self) -> QPen:
        """The pen, for a legend that shows the same mark."""
        return self._pen

    def set_color(self, color: str, rim: str = "#ffffff") -> None:
        """Draw in this colour; dots have a rim of the other."""
        self._pen.setColor(QColor(color))
        self._rim = QColor(rim)
        self.update()

    def show_points(self, x: NDArray[Any], y: NDArray[np.floating]) -> None:
        """Draw through these points."""
        self._x, self._y = np.asarray(x, np.float64), np.asarray(y, np.float64)
        self.update()

    def clear(self) -> None:
        """Draw nothing."""
        self.show_points(np.zeros(0), np.zeros(0))

    def points(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what is drawn."""
        return self._x, self._y

    def draw(self, painter: QPainter, view: Any) -> None:
        """Draw the line, and the dots on it."""
        dx, dy = view.viewPixelSize()
        (left, _), (bottom, _) = view.viewRange()
        # From the view's corner: far from zero, a pixel's coordinate would lose its digits.
        painter.translate(left, bottom)
        painter.scale(dx, -dy)
        with np.errstate(over="ignore"):
            x = np.clip((self._x - left) / dx, -_FAR, _FAR)
            y = np.clip((bottom - self._y) / dy, -_FAR, _FAR)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._smooth)
        painter.setPen(self._pen)
        for part in _runs(np.isfinite(x) & np.isfinite(y)):
            self._marks.polyline(painter, x[part], y[part])
        if self._dots:
            finite = np.isfinite(x) & np.isfinite(y)
            kinds = np.zeros(np.count_nonzero(finite), np.intp)
            fills, rims = (self._pen.color(),), (QPen(self._rim, 0.5),)
            self._marks.discs(painter, x[finite], y[finite], self._dots, kinds, fills, rims)


def _runs(finite: NDArray[np.bool_]) -> list[slice]:
    """Return the stretches without a gap."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], finite, [False]]).astype(np.int8)))
    return [slice(start, stop) for start, stop in zip(edges[::2], edges[1::2], strict=True)]
