"""Magnitudes over timesteps: bars up to the mean, a band from the 10th to the 90th percentile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

from gradexplorer.gui.items.marks import Marks
from gradexplorer.gui.items.painted import PaintedItem
from gradexplorer.gui.items.unrolled_style import hatch
from gradexplorer.gui.scale import INFINITE, NOT_A_NUMBER, ZERO, MagnitudeScale, kind_colors
from gradexplorer.gui.theme import Colors, mix

Numbers = NDArray[np.floating]

BAND_OPACITY = 0.3
_WHISKER_OPACITY = 0.6


@dataclass(frozen=True, eq=False)
class Bars:
    """One value a step, each (T,), with its band; cuts as in `Unrolled`."""

    mean: Numbers
    low: Numbers
    high: Numbers
    cuts: NDArray[np.uint8]
    cut_off: int = 0
    cut_off_label: str = ""


class BarsItem(PaintedItem):
    """Paints `Bars` on a log10 axis; zero, NaN and infinity get marks of their own."""

    def __init__(self, font: QFont) -> None:
        super().__init__()
        self._bars: Bars | None = None
        self._scale = MagnitudeScale()
        self._font = font
        self._marks = Marks()
        self._colors: Colors | None = None

    def set_colors(self, colors: Colors) -> None:
        """Draw in these colours."""
        self._colors = colors
        self.update()

    def show_bars(self, bars: Bars | None, scale: MagnitudeScale) -> None:
        """Draw other bars."""
        self._bars, self._scale = bars, scale
        self.update()

    def draw(self, painter: QPainter, view: Any) -> None:
        """Draw the bars in pixels."""
        if self._bars is None or self._colors is None:
            return
        dx, dy = view.viewPixelSize()
        painter.scale(dx, -dy)
        bottom, top = (-value / dy for value in view.viewRange()[1])
        _BarsPainter(painter, self._marks, self._colors, self._scale, self._font).paint(
            self._bars, 1.0 / dx, 1.0 / dy, bottom, top
        )


class _BarsPainter:
    def __init__(
        self,
        painter: QPainter,
        marks: Marks,
        colors: Colors,
        scale: MagnitudeScale,
        font: QFont,
    ) -> None:
        self.painter, self.marks, self.colors, self.scale = painter, marks, colors, scale
        self.font = font
        self.kinds_colors = kind_colors(colors)

    def paint(self, bars: Bars, column: float, decade: float, bottom: float, top: float) -> None:
        """Draw on a canvas where step t is at ``t * column`` and 10^e at ``-e * decade``."""
        x = np.arange(1, len(bars.mean) + 1) * column
        heights = [_height(values) * -decade for values in (bars.mean, bars.low, bars.high)]
        mean, low, high = (np.clip(height, top, bottom) for height in heights)
        kinds = self.scale.kinds(bars.mean)
        width = column * (0.72 if column > 6.0 else 1.0)
        self._bars(kinds, x, mean, width, bottom)
        if column > 6.0:
            self._whiskers(kinds, x, low, high)
        else:
            self._band(kinds, x, low, high, column)
        size = min(0.3 * width, 4.0)
        self._beyond(x[(kinds < ZERO) & (heights[0] > bottom)], bottom, -size)
        self._beyond(x[(kinds < ZERO) & (heights[0] < top)], top, size)
        reached = np.arange(len(x)) >= bars.cut_off
        self._marks_for(kinds[reached], x[reached], width, bottom, top)
        self._cuts(bars.cuts, column, bottom, top)
        self._cut_off(bars, column, bottom, top)

    def _bars(
        self, kinds: NDArray[np.intp], x: Numbers, mean: Numbers, width: float, bottom: float
    ) -> None:
        rim = Qt.PenStyle.NoPen
        if width > 5.0:
            self.painter.setPen(QPen(QColor(mix(self.colors.text, self.colors.base, 0.6)), 0.8))
        else:
            self.painter.setPen(rim)
        overlap = 0.0 if width > 5.0 else 0.4  # no seams between bars that touch
        for kind in np.unique(kinds[kinds < ZERO]):
            chosen = kinds == kind
            self.painter.setBrush(self.kinds_colors[kind])
            self.marks.rects(
                self.painter,
                x[chosen] - width / 2,
                mean[chosen],
                width + overlap,
                bottom - mean[chosen],
            )
        if width <= 5.0:
            self.painter.setPen(QPen(QColor(self.colors.text), 1.0))
            finite = kinds < ZERO
            joined = finite[:-1] & finite[1:]
            self.marks.lines(
                self.painter, x[:-1][joined], mean[:-1][joined], x[1:][joined], mean[1:][joined]
            )

    def _whiskers(self, kinds: NDArray[np.intp], x: Numbers, low: Numbers, high: Numbers) -> None:
        finite = kinds < ZERO
        color = QColor(self.colors.text)
        color.setAlphaF(_WHISKER_OPACITY)
        self.painter.setPen(QPen(color, 1.0))
        self.marks.lines(self.painter, x[finite], low[finite], x[finite], high[finite])

    def _beyond(self, x: Numbers, edge: float, size: float) -> None:
        """Point at means that lie beyond an edge."""
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(QColor(self.colors.text))
        for at in x if abs(size) >= 1.5 else ():
            corners = [QPointF(at - abs(size), edge + size), QPointF(at + abs(size), edge + size)]
            self.painter.drawPolygon(QPolygonF([QPointF(at, edge), *corners]))

    def _band(
        self, kinds: NDArray[np.intp], x: Numbers, low: Numbers, high: Numbers, column: float
    ) -> None:
        color = QColor(self.colors.band)
        color.setAlphaF(BAND_OPACITY)
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(color)
        finite = kinds < ZERO
        x, low, high = x[finite], low[finite], high[finite]
        self.marks.rects(self.painter, x - column / 2, high, column, low - high)

    def _marks_for(
        self, kinds: NDArray[np.intp], x: Numbers, width: float, bottom: float, top: float
    ) -> None:
        """Mark zeros at the foot, NaN and infinity at the head."""
        self.painter.setPen(Qt.PenStyle.NoPen)
        for kind, y in ((ZERO, bottom - 5.0), (NOT_A_NUMBER, top), (INFINITE, top)):
            at = x[kinds == kind]
            if not len(at):
                continue
            self.painter.setBrush(self.kinds_colors[kind])
            if kind == ZERO and width > 14.0:
                self._zeros(at, bottom)
            else:
                height = 4.0 if kind == ZERO else 7.0
                self.marks.rects(self.painter, at - width / 2, y, width, height)

    def _zeros(self, x: Numbers, bottom: float) -> None:
        font = QFont(self.font)
        self.painter.setFont(font)
        self.painter.setPen(QColor(self.colors.zero))
        for center in x:
            area = QRectF(center - 10.0, bottom - 20.0, 20.0, 16.0)
            self.painter.drawText(area, Qt.AlignmentFlag.AlignCenter, "0")
        self.painter.setPen(Qt.PenStyle.NoPen)

    def _cut_off(self, bars: Bars, column: float, bottom: float, top: float) -> None:
        """Shade the steps that truncation keeps the gradient from, and say so."""
        if not bars.cut_off:
            return
        area = QRectF(0.5 * column, top, bars.cut_off * column, bottom - top)
        self.painter.fillRect(area, hatch(self.colors))
        self.painter.setFont(self.font)
        metrics = self.painter.fontMetrics()
        room = round(area.width() - 12.0)
        text = metrics.elidedText(bars.cut_off_label, Qt.TextElideMode.ElideRight, max(0, room))
        size = QSizeF(metrics.horizontalAdvance(text) + 4.0, metrics.height())
        label = QRectF(QPointF(), size)
        label.moveCenter(area.center())
        self.painter.fillRect(label, QColor(self.colors.base))
        self.painter.setPen(QColor(self.colors.limit))
        self.painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)

    def _cuts(self, cuts: NDArray[np.uint8], column: float, bottom: float, top: float) -> None:
        full = np.flatnonzero(cuts == 2) + 0.5
        self.painter.setPen(QPen(QColor(self.colors.limit), 1.2, Qt.PenStyle.DashLine))
        for step in full:
            self.painter.drawLine(QPointF(step * column, bottom), QPointF(step * column, top))


def _height(magnitudes: Numbers) -> Numbers:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(np.log10(magnitudes), nan=0.0, posinf=300.0, neginf=-400.0)
