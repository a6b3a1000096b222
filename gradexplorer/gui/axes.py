"""Axes: true logarithmic ticks, and a grid that costs next to nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QLineF
from PySide6.QtGui import QFont, QPainter

from gradexplorer.gui.items.painted import PaintedItem
from gradexplorer.gui.text import power_of_ten
from gradexplorer.gui.theme import Colors

_PLAIN = range(-3, 5)
_CLOSE = 1e-9
LEFT_WIDTH = 68
_LABEL = 34.0  # pixels from the middle of a label to that of the next
_LINE = 13.0  # pixels that a label needs from top to bottom
_MARGINS = 8.0  # pixels of a label that are empty
BOTTOM_HEIGHT, BOTTOM_HEIGHT_LOW = 34, 20  # pixels, with a label and without
_OVERHANG = 40  # pixels that a label may stand out at an end


class ValueAxis(pg.AxisItem):
    """A linear axis, or one over log10 of its quantity with ticks at decades.

    Attributes
    ----------
    logarithmic : bool
        Whether positions are log10 of the values.
    counts : bool
        Whether the values are counts, whose thousands are separated.
    ends : tuple of float
        Values that are labelled whenever they are in sight.
    last : float
        Beyond it no value is labelled.
    names : mapping of float to str
        Of places one apart, which are labelled instead of values; empty: none.
    """

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.logarithmic = False
        self.counts = False
        self.ends: tuple[float, ...] = ()
        self.last = math.inf
        self.names: Mapping[float, str] = {}
        self._known: dict[tuple[float, float, float], list[Any]] = {}
        self.enableAutoSIPrefix(False)

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Read positions as log10 of values, or as the values."""
        self.logarithmic = logarithmic
        self._forget()

    def set_ends(self, *ends: float) -> None:
        """Label these values whenever they are in sight."""
        if ends != self.ends:
            self.ends = ends
            self._forget()

    def set_last(self, last: float) -> None:
        """Label no value beyond this one."""
        if last != self.last:
            self.last = last
            self._forget()

    def set_names(self, names: Mapping[float, str]) -> None:
        """Label these places, one apart, as far as there is room; none: label values."""
        if names != self.names:
            self.names = names
            self._forget()

    def _forget(self) -> None:
        self._known = {}
        self.picture = None
        self.update()

    def resizeEvent(self, event: object = None) -> None:  # noqa: N802
        """Keep the label inside the axis, from which pyqtgraph lets it stand out, if it fits."""
        super().resizeEvent(event)
        own, label = self.geometry(), self.label.boundingRect()
        if self.orientation == "left":
            self.label.setX(2.0)
            fits = label.width() - _MARGINS <= own.height()
        else:
            fits = own.height() >= BOTTOM_HEIGHT
        self.label.setVisible(fits)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[Any]:  # noqa: N802, N803
        """Return (spacing, values) for labelled and for plain ticks."""
        low, high = min(minVal, maxVal), max(minVal, maxVal)
        # pyqtgraph gives the length in device pixels: as many ticks on a screen of any ratio.
        own = self.geometry()
        size = (own.height() if self.orientation == "left" else own.width()) or size
        if (low, high, size) not in self._known:  # the grid asks for them in every frame
            ticks = self._ticks(low, high, size)
            if self.orientation == "left":
                ticks = _thinned(ticks, _LINE * (high - low) / max(size, 1.0))
            self._known = {(low, high, size): ticks}
        return self._known[low, high, size]

    def _ticks(self, low: float, high: float, size: float) -> list[Any]:
        if self.names:
            stride = max(1, math.ceil(_LINE * (high - low) / max(size, 1.0)))
            return [(1.0, [place for place in list(self.names)[::stride] if low <= place <= high])]
        if not self.logarithmic:
            ticks: list[Any] = super().tickValues(low, high, size)
            if self.counts:
                ticks = [level for level in ticks if level[0] >= 1.0] or [(1.0, [])]
            ticks = [(spacing, [at for at in ats if at <= self.last]) for spacing, ats in ticks]
            ends = [end for end in self.ends if low <= end <= high]
            return _with_ends(ticks, ends, _LABEL * (high - low) / max(size, 1.0))
        return _decade_ticks(low, high, size)

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        """Return the labels: in a logarithm plain numbers near one, powers of ten elsewhere."""
        if self.names:
            return [self.names[value] for value in values]
        if not self.logarithmic:
            return self._linear_strings(values, scale, spacing)
        if spacing < 1.0:
            return [""] * len(values)
        plain = all(_decade(value) in _PLAIN for value in values)
        return [_label(value, plain=plain) for value in values]

    def _linear_strings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self.counts:
            return [f"{value * scale:,.0f}" for value in values]
        labels: list[str] = super().tickStrings(values, scale, spacing)
        return labels


def _thinned(levels: list[Any], room: float) -> list[Any]:
    """Return only as many of the labelled ticks as have room above each other."""
    spacing, major = levels[0] if levels else (1.0, [])
    apart: list[float] = []
    for value in sorted(major):
        if not apart or value - apart[-1] >= room * (1.0 - _CLOSE):
            apart.append(value)
    return levels if len(apart) == len(major) else [(spacing, apart)]


def _with_ends(levels: list[Any], ends: list[float], room: float) -> list[Any]:
    """Add values to the labelled ticks, with room for their labels."""
    if not ends or not levels:
        return levels
    spacing, major = levels[0]
    apart = [value for value in major if all(abs(value - end) >= room for end in ends)]
    finer = [(level, [value for value in at if value not in ends]) for level, at in levels[1:]]
    return [(spacing, sorted({*apart, *ends})), *finer]


def _decade_ticks(low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
    """Return ticks at decades and, where there is room, between them."""
    first, last = math.ceil(low - _CLOSE), math.floor(high + _CLOSE)
    decades, room = last - first + 1, max(2.0, size / 28.0)
    if decades < 2:
        return _digit_ticks(low, high, room)
    step = math.ceil(decades / room)
    major = list(map(float, range(-(-first // step) * step, last + 1, step)))
    minor: list[float] = []
    if decades * 8 < size / 3:
        minor = _digits(low, high)
    elif decades < size / 3:
        minor = list(map(float, range(first, last + 1)))
    return [(float(step), major), (0.1, [value for value in minor if value not in major])]


def _digit_ticks(low: float, high: float, room: float) -> list[tuple[float, list[float]]]:
    """Return ticks for less than two decades: at 1, 2, 5 or, closer still, at round numbers."""
    labelled = _digits(low, high, (1, 2, 5))
    if len(labelled) >= 2:
        return [(1.0, labelled), (0.1, _digits(low, high))]
    decade = math.floor(low)
    first, last = 10.0 ** (low - decade), 10.0 ** (high - decade)
    step = 10.0 ** math.ceil(math.log10((last - first) / room))
    step *= next(part for part in (0.2, 0.5, 1.0) if (last - first) / (part * step) <= room)
    counts = range(math.ceil(first / step), math.floor(last / step) + 1)
    return [(1.0, [decade + math.log10(count * step) for count in counts])]


def _digits(low: float, high: float, digits: Sequence[int] = range(1, 10)) -> list[float]:
    """Return where a decade's digits lie between two positions."""
    found = [
        decade + math.log10(digit)
        for decade in range(math.floor(low), math.ceil(high) + 1)
        for digit in digits
    ]
    return [value for value in found if low - _CLOSE <= value <= high + _CLOSE]


def _decade(exponent: float) -> int:
    return math.floor(exponent + _CLOSE)


def _label(exponent: float, *, plain: bool) -> str:
    decade = _decade(exponent)
    digits = f"{10.0 ** (exponent - decade):.10g}"
    if plain:
        return f"{float(digits) * 10.0**decade:.10g}"
    return power_of_ten(decade) if digits == "1" else f"{digits}·{power_of_ten(decade)}"


def style_axis(axis: pg.AxisItem, colors: Colors, font: QFont) -> None:
    """Give an axis its colours and font."""
    # Not cosmetic: as wide as it says on a screen of any pixel ratio.
    axis.setPen(pg.mkPen(colors.axis, cosmetic=False))
    axis.setTextPen(pg.mkPen(colors.muted))
    axis.setTickPen(pg.mkPen(colors.axis, cosmetic=False))
    axis.setStyle(tickFont=font, tickLength=4, autoExpandTextSpace=False, tickTextOffset=3)
    if axis.orientation == "bottom":
        axis.setStyle(hideOverlappingLabels=_OVERHANG)
    axis.label.setFont(font)
    axis.setLabel(axis.labelText, color=colors.muted)
    axis.resizeEvent()


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
        self._pen = pg.mkPen(color, cosmetic=False)
        self.update()

    def draw(self, painter: QPainter, view: Any) -> None:
        """Draw the lines."""
        (left, right), (low, high) = view.viewRange()
        levels = self._axis.tickValues(low, high, view.height())
        values = levels[0][1] if levels else []
        dx, dy = view.viewPixelSize()
        painter.translate(left, low)
        painter.scale(dx, -dy)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(self._pen)
        heights = [(low - value) / dy for value in values]
        painter.drawLines([QLineF(0.0, y, (right - left) / dx, y) for y in heights])
