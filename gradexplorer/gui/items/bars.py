"""Magnitudes over timesteps: bars up to the mean, a band from the 10th to the 90th percentile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from gradexplorer.gui.items.marks import Marks
from gradexplorer.gui.items.painted import PaintedItem
from gradexplorer.gui.scale import INFINITE, NOT_A_NUMBER, ZERO, MagnitudeScale, kind_colors
from gradexplorer.gui.theme import Colors, mix

Numbers = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Bars:
    """One value a step, each (T,), with its band and the steps in front of which all is cut."""

    mean: Numbers
    low: Numbers
    high: Numbers
    cuts: NDArray[np.uint8]


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
        mean, low, high = (
            np.clip(_height(values) * -decade, top, bottom)
            for values in (bars.mean, bars.low, bars.high)
        )
        kinds = self.scale.kinds(bars.mean)
        width = column * (0.72 if column > 6.0 else 1.0)
        self._bars(kinds, x, mean, width, bottom)
        if column > 6.0:
            self._whiskers(kinds, x, low, high, min(0.2 * column, 4.0))
        else:
            self._band(kinds, x, low, high, column)
        self._marks_for(kinds, x, width, bottom, top)
        self._cuts(bars.cuts, column, bottom, top)

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

    def _whiskers(
        self, kinds: NDArray[np.intp], x: Numbers, low: Numbers, high: Numbers, cap: float
    ) -> None:
        finite = kinds < ZERO
        x, low, high = x[finite], low[finite], high[finite]
        self.painter.setPen(QPen(QColor(self.colors.text), 1.2))
        self.marks.lines(self.painter, x, low, x, high)
        for end in (low, high):
            self.marks.lines(self.painter, x - cap, end, x + cap, end)

    def _band(
        self, kinds: NDArray[np.intp], x: Numbers, low: Numbers, high: Numbers, column: float
    ) -> None:
        color = QColor(self.colors.band)
        color.setAlpha(110)
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

    def _cuts(self, cuts: NDArray[np.uint8], column: float, bottom: float, top: float) -> None:
        full = np.flatnonzero(cuts == 2) + 0.5
        self.painter.setPen(QPen(QColor(self.colors.limit), 1.2, Qt.PenStyle.DashLine))
        for step in full:
            self.painter.drawLine(QPointF(step * column, bottom), QPointF(step * column, top))


def _height(magnitudes: Numbers) -> Numbers:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(np.log10(magnitudes), nan=0.0, posinf=300.0, neginf=-400.0)
