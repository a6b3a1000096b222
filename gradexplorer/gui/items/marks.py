"""Many marks in one call: lines, rectangles and discs from arrays.

One call a colour, however many marks it has: a thousand separate items, or a thousand
calls from Python, would cost a frame's whole time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyqtgraph.functions import arrayToQPolygonF
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPaintEngine, QPainter, QPen, QPixmap

_SMALLEST_DOTTED = 3.5  # pixels

Numbers = NDArray[np.floating]


class Marks:
    """Reused memory for one widget's marks."""

    def __init__(self) -> None:
        self._lines = PrimitiveArray(QLineF, 4)
        self._rects = PrimitiveArray(QRectF, 4)
        self._discs = _Discs()

    def lines(self, painter: QPainter, x1: Any, y1: Any, x2: Any, y2: Any) -> None:
        """Draw lines with the painter's pen; scalars stand for equal coordinates."""
        if _fill(self._lines, (x1, y1, x2, y2)):
            painter.drawLines(*self._lines.drawargs())

    def polyline(self, painter: QPainter, x: Any, y: Any) -> None:
        """Draw a line through points with the painter's pen."""
        if len(x) == 1:
            painter.drawPoint(QPointF(x[0], y[0]))
        elif len(x):
            painter.drawPolyline(arrayToQPolygonF(x, y))

    def rects(self, painter: QPainter, x: Any, y: Any, width: Any, height: Any) -> None:
        """Draw rectangles with the painter's pen and brush."""
        if _fill(self._rects, (x, y, width, height)):
            painter.drawRects(*self._rects.drawargs())

    def discs(
        self,
        painter: QPainter,
        x: Numbers,
        y: Numbers,
        radius: float,
        kinds: NDArray[np.intp],
        fills: Sequence[QColor],
        rims: Sequence[QPen],
    ) -> None:
        """Draw discs, each with the fill and the rim of its kind; on paper, true circles."""
        if len(x) == 0:
            return
        if paints_pixels(painter):
            self._discs.draw(painter, x, y, radius, kinds, fills, rims)
            return
        for kind in np.unique(kinds):
            painter.setPen(rims[kind])
            painter.setBrush(fills[kind])
            for index in np.flatnonzero(kinds == kind):
                painter.drawEllipse(QPointF(x[index], y[index]), radius, radius)


def paints_pixels(painter: QPainter) -> bool:
    """Tell a screen or an image from vector paper."""
    return painter.paintEngine().type() == QPaintEngine.Type.Raster


def _fill(array: PrimitiveArray, columns: Sequence[Any]) -> bool:
    """Copy columns, arrays of one length or scalars, into memory; return whether there is any."""
    count = min((len(column) for column in columns if np.ndim(column)), default=1)
    if count:
        array.resize(count)
        memory = array.ndarray()
        for index, column in enumerate(columns):
            memory[:, index] = column
    return count > 0


class _Discs:
    """Discs of every kind, painted once into a strip and copied from there."""

    def __init__(self) -> None:
        self._fragments = PrimitiveArray(QPainter.PixmapFragment, 10)
        self._key: tuple[Any, ...] = ()
        self._strip = QPixmap()
        self._cell = 0.0

    def draw(
        self,
        painter: QPainter,
        x: Numbers,
        y: Numbers,
        radius: float,
        kinds: NDArray[np.intp],
        fills: Sequence[QColor],
        rims: Sequence[QPen],
    ) -> None:
        ratio = painter.device().devicePixelRatio()
        key = (round(radius, 2), ratio, *(color.rgba() for color in fills), *map(_pen_key, rims))
        if key != self._key:
            self._key = key
            self._paint_strip(radius, ratio, fills, rims)
        self._fragments.resize(len(x))
        memory = self._fragments.ndarray()
        cell = self._cell
        memory[:, 0], memory[:, 1] = x, y
        memory[:, 2], memory[:, 3] = kinds * cell, 0.0
        memory[:, 4] = memory[:, 5] = cell
        memory[:, 6] = memory[:, 7] = 1.0 / ratio
        memory[:, 8], memory[:, 9] = 0.0, 1.0
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawPixmapFragments(*self._fragments.drawargs(), self._strip)  # type: ignore[call-arg]

    def _paint_strip(
        self, radius: float, ratio: float, fills: Sequence[QColor], rims: Sequence[QPen]
    ) -> None:
        self._cell = cell = float(int(np.ceil((2.0 * radius + 3.0) * ratio)))
        self._strip = QPixmap(int(cell * len(fills)), int(cell))
        self._strip.fill(Qt.GlobalColor.transparent)
        painter = QPainter(self._strip)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for kind, (fill, rim) in enumerate(zip(fills, rims, strict=True)):
            pen = QPen(rim)
            pen.setWidthF(rim.widthF() * ratio)
            if radius < _SMALLEST_DOTTED:  # of a smaller one only specks would be left
                pen.setStyle(Qt.PenStyle.SolidLine)
            painter.setPen(pen)
            painter.setBrush(fill)
            center = QPointF((kind + 0.5) * cell, 0.5 * cell)
            painter.drawEllipse(center, radius * ratio, radius * ratio)
        painter.end()


def _pen_key(pen: QPen) -> tuple[Any, ...]:
    return pen.color().rgba(), pen.widthF(), pen.style()
