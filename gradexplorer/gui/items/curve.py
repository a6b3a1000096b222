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

Numbers = NDArray[np.floating]

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
        self._radii: Numbers = np.zeros(0)
        self._marks = Marks()
        self.hide()

    @property
    def pen(self) -> QPen:
        """The pen, for a legend that shows the same mark."""
        return self._pen

    def set_color(self, color: str, rim: str = "#ffffff") -> None:
        """Draw in this colour; dots have a rim of the other."""
        self._pen.setColor(QColor(color))
        self._rim = QColor(rim)
        self.update()

    def show_points(
        self,
        x: NDArray[Any],
        y: NDArray[np.floating],
        radii: NDArray[np.floating] | None = None,
    ) -> None:
        """Draw through these points, whose dots may each have a radius of its own."""
        self._x, self._y = np.asarray(x, np.float64), np.asarray(y, np.float64)
        self._radii = np.full(len(self._x), self._dots) if radii is None else np.round(radii, 1)
        self.draw_anew(empty=not len(self._x))

    def clear(self) -> None:
        """Draw nothing."""
        self.show_points(np.zeros(0), np.zeros(0))

    def points(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what is drawn."""
        return self._x, self._y

    def radii(self) -> Numbers:
        """Return the radius of each point's dot, in pixels."""
        return self._radii

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
            self._draw_dots(painter, x, y)

    def _draw_dots(self, painter: QPainter, x: Numbers, y: Numbers) -> None:
        fills, rims = (self._pen.color(),), (QPen(self._rim, 0.5),)
        finite = np.isfinite(x) & np.isfinite(y)
        for radius in np.unique(self._radii):
            chosen = finite & (self._radii == radius)
            kinds = np.zeros(np.count_nonzero(chosen), np.intp)
            self._marks.discs(painter, x[chosen], y[chosen], radius, kinds, fills, rims)


def _runs(finite: NDArray[np.bool_]) -> list[slice]:
    """Return the stretches without a gap."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], finite, [False]]).astype(np.int8)))
    return [slice(start, stop) for start, stop in zip(edges[::2], edges[1::2], strict=True)]
