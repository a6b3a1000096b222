"""Axes: true logarithmic ticks, and a grid that costs next to nothing."""

from __future__ import annotations

import math
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QLineF
from PySide6.QtGui import QFont, QPainter

from gradexplorer.gui.items.painted import PaintedItem
from gradexplorer.gui.theme import Colors

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_PLAIN = range(-3, 5)
LEFT_WIDTH = 68


class ValueAxis(pg.AxisItem):
    """A linear axis, or one over log10 of its quantity with ticks at decades.

    Attributes
    ----------
    logarithmic : bool
        Whether positions are log10 of the values.
    counts : bool
        Whether the values are counts, whose thousands are separated.
    """

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.logarithmic = False
        self.counts = False
        self.enableAutoSIPrefix(False)

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Read positions as log10 of values, or as the values."""
        self.logarithmic = logarithmic
        self.picture = None
        self.update()

    def resizeEvent(self, event: object = None) -> None:  # noqa: N802
        """Keep the label inside the axis; pyqtgraph lets it stand out a little."""
        super().resizeEvent(event)
        if self.orientation == "left":
            self.label.setX(2.0)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[Any]:  # noqa: N802, N803
        """Return (spacing, values) for labelled and for plain ticks."""
        low, high = min(minVal, maxVal), max(minVal, maxVal)
        if not self.logarithmic:
            ticks: list[Any] = super().tickValues(minVal, maxVal, size)
            return [level for level in ticks if level[0] >= 1.0] if self.counts else ticks
        return _decade_ticks(low, high, size)

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        """Return the labels: in a logarithm plain numbers near one, powers of ten elsewhere."""
        if not self.logarithmic:
            return self._linear_strings(values, scale, spacing)
        if spacing < 1.0:
            return [""] * len(values)
        whole = [value for value in values if value == round(value)]
        plain = all(round(value) in _PLAIN for value in whole)
        return [_label(value, plain=plain) for value in values]

    def _linear_strings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self.counts:
            return [f"{value * scale:,.0f}" for value in values]
        labels: list[str] = super().tickStrings(values, scale, spacing)
        return labels


def _decade_ticks(low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
    """Return ticks at decades and, where there is room, between them."""
    room = max(2.0, size / 28.0)
    decades = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    between = [
        decade + math.log10(digit)
        for decade in range(math.floor(low), math.ceil(high) + 1)
        for digit in range(2, 10)
    ]
    inside = [value for value in between if low <= value <= high]
    if len(decades) < 2:
        labelled = [v for v in inside if round(10 ** (v % 1.0)) in (2, 5)] + list(decades)
        return [(1.0, sorted(labelled)), (0.1, inside)]
    step = math.ceil(len(decades) / room)
    major = [float(decade) for decade in decades if decade % step == 0]
    minor = inside if step == 1 and len(decades) * 8 < size / 3 else map(float, decades)
    return [(float(step), major), (0.1, [value for value in minor if value not in major])]


def _label(exponent: float, *, plain: bool) -> str:
    if exponent != round(exponent):
        return f"{10.0**exponent:.1g}"
    if plain:
        return f"{10.0**exponent:.{max(0, round(-exponent))}f}"
    return power_of_ten(exponent)


def power_of_ten(exponent: float) -> str:
    """Return e.g. ``10⁻³``."""
    return "10" + str(round(exponent)).translate(_SUPERSCRIPT)


def style_axis(axis: pg.AxisItem, colors: Colors, font: QFont) -> None:
    """Give an axis its colours and font."""
    axis.setPen(pg.mkPen(colors.border))
    axis.setTextPen(pg.mkPen(colors.muted))
    axis.setTickPen(pg.mkPen(colors.border))
    axis.setStyle(tickFont=font, tickLength=-3, autoExpandTextSpace=False, tickTextOffset=5)
    axis.label.setFont(font)
    axis.setLabel(axis.labelText, color=colors.muted)


class Grid(PaintedItem):
    """Lines at an axis's labelled ticks, behind everything else.

    Parameters
    ----------
    axis : pyqtgraph.AxisItem
        A left axis; the lines are horizontal.
    """

    def __init__(self, axis: pg.AxisItem) -> None:
        super().__init__()
        self._axis = axis
        self._pen = pg.mkPen("k")
        self.setZValue(-100)

    def set_color(self, color: str) -> None:
        """Give the lines another colour."""
        self._pen = pg.mkPen(color)
        self.update()

    def draw(self, painter: QPainter, view: Any) -> None:
        """Draw the lines."""
        (left, right), (low, high) = view.viewRange()
        _, values = self._axis.tickValues(low, high, view.height())[0]
        painter.setPen(self._pen)
        painter.drawLines([QLineF(left, value, right, value) for value in values])
