"""How an unrolled graph is drawn, from named nodes down to strips of colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

from gradexplorer.engine.truncation import Cut
from gradexplorer.gui.items.marks import Marks
from gradexplorer.gui.scale import BINS, KINDS, ZERO, MagnitudeScale, kind_colors
from gradexplorer.gui.theme import Colors, mix

if TYPE_CHECKING:
    from gradexplorer.gui.items.unrolled import Link, Row, Unrolled

Numbers = NDArray[np.floating]

# Pixels that a column needs for names, for forward edges beside the backward ones, for nodes.
NAMES, FORWARD, NODES = 30.0, 24.0, 4.0
_THINNEST, _THICKEST = 1.0, 6.0


class Style:
    """Colours, widths and fonts of the graph."""

    def __init__(self, colors: Colors, font: QFont) -> None:
        self.colors = colors
        self.edges = kind_colors(colors)
        self.fills = list(self.edges)
        self.fills[ZERO] = QColor(colors.base)
        self.outline = QColor(mix(colors.text, colors.base, 0.7))
        self.forward = QColor(mix(colors.muted, colors.base, 0.75))
        self.casing = QColor(mix(colors.muted, colors.base, 0.5))
        widths = np.linspace(_THINNEST, _THICKEST, BINS)
        self.widths = [*widths, 1.2, 3.0, 3.0]
        self.font = QFont(font)

    def name_color(self, kind: int) -> QColor:
        """Return black or white, whichever stands out from a node of this kind."""
        fill = self.fills[kind]
        light = 0.299 * fill.red() + 0.587 * fill.green() + 0.114 * fill.blue() > 140
        return QColor("#000000" if light else "#ffffff")


class UnrolledPainter:
    """Draws one frame.

    Parameters
    ----------
    painter : QPainter
        In pixels; step t and level l are at ``(t * column, -l * row)``.
    marks : Marks
    style : Style
    scale : MagnitudeScale
    column, row : float
        Pixels from one step, and one row, to the next.
    visible : sequence of float
        The first and last step in view.
    """

    def __init__(
        self,
        painter: QPainter,
        marks: Marks,
        style: Style,
        scale: MagnitudeScale,
        column: float,
        row: float,
        visible: Any,
    ) -> None:
        self.painter, self.marks, self.style, self.scale = painter, marks, style, scale
        self.column, self.row = column, row
        self.first, self.last = visible[0] - 1.0, visible[1] + 1.0
        self.radius = float(np.clip(min(0.3 * column, 0.29 * row), 1.2, 18.0))
        if column < FORWARD:  # leave room for the edges between small nodes
            self.radius = max(1.2, 0.23 * column)
        self.apart = 0.42 * self.radius if column >= FORWARD else 0.0

    def paint(self, data: Unrolled) -> None:
        """Draw the whole graph."""
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, self.column >= NODES)
        if self.column < NODES:
            for row in data.rows:
                self._strip(row, data.steps)
        else:
            for link in data.links:
                self._link(link)
            for row in data.rows:
                if row.is_road:
                    self._road(row, data)
            for row in data.rows:
                self._nodes(row)
        self._cuts(data)

    def _strip(self, row: Row, steps: int) -> None:
        """Draw a row as one cell of colour a step, or a pixel where steps are narrower."""
        nodes = row.nodes if row.nodes is not None else np.zeros(len(row.steps))
        height = (0.5 if row.is_road else 0.22) * self.row
        group = max(1, int(np.ceil(1.0 / self.column)))
        starts = np.arange(0, len(nodes), group)
        strongest = np.fmax.reduceat(nodes, starts)
        worst = np.maximum.reduceat(np.where(np.isfinite(nodes), 0, nodes), starts)
        kinds = self._kinds(np.where(np.isnan(worst) | np.isinf(worst), worst, strongest))
        x = (row.steps[starts] - 0.5) * self.column
        width = max(group * self.column, 1.0 if len(nodes) > 1 else 3.0)
        top = -row.level * self.row - height / 2
        frame = QRectF(0.5 * self.column, top, steps * self.column, height)
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(self.style.fills[ZERO])
        if row.is_road:
            self.painter.drawRect(frame)
        for kind in np.unique(kinds):
            if kind != ZERO:
                self.painter.setBrush(self.style.edges[kind])
                self.marks.rects(self.painter, x[kinds == kind], top, width + 0.5, height)
        if row.is_road:
            self.painter.setBrush(Qt.BrushStyle.NoBrush)
            self.painter.setPen(QPen(self.style.casing, 1.0))
            self.painter.drawRect(frame)

    def _link(self, link: Link) -> None:
        """Draw edges from one row up to the next."""
        chosen = self._in_view(link.steps)
        x = link.steps[chosen] * self.column
        low = -link.lower * self.row - self.radius
        high = -(link.lower + 1) * self.row + self.radius
        if self.apart or link.magnitudes is None:
            self._forward(x - self.apart, low, x - self.apart, high)
        if link.magnitudes is not None:
            beside, widest = x + self.apart, 0.3 * self.column
            self._backward(link.magnitudes[chosen], beside, high, beside, low, widest)

    def _road(self, row: Row, data: Unrolled) -> None:
        """Draw the edges between a row's steps: forward above, backward below."""
        after = self._in_view(row.steps[:-1])
        x = row.steps[:-1][after] * self.column
        y = -row.level * self.row
        left, right = x + self.radius, x + self.column - self.radius
        if self.apart or row.arriving is None:
            self._forward(left, y - self.apart, right, y - self.apart)
        if row.arriving is not None:
            self._backward(row.arriving[:-1][after], right, y + self.apart, left, y + self.apart)
        if data.cuts[0] != Cut.NONE and self.first < 1.0:
            start = np.array([self.column - self.radius])
            self._forward(start - 0.5 * self.column, y - self.apart, start, y - self.apart)

    def _forward(self, x1: Any, y1: Any, x2: Any, y2: Any) -> None:
        self.painter.setPen(QPen(self.style.forward, 1.0))
        self.marks.lines(self.painter, x1, y1, x2, y2)
        if self.apart:
            self.painter.setBrush(self.style.forward)
            self._heads(x1, y1, x2, y2, 4.0)

    def _backward(
        self, magnitudes: Numbers, x1: Any, y1: Any, x2: Any, y2: Any, widest: float = 99.0
    ) -> None:
        """Draw edges whose colour and width tell a magnitude, with a rim to stand out."""
        kinds = self._kinds(magnitudes)
        x1, y1, x2, y2 = (np.broadcast_to(values, kinds.shape) for values in (x1, y1, x2, y2))
        for kind in np.unique(kinds):
            edges = kinds == kind
            ends = (x1[edges], y1[edges], x2[edges], y2[edges])
            color, width = self.style.edges[kind], min(widest, self.style.widths[kind])
            if kind < ZERO:
                self.painter.setPen(self._pen(self.style.casing, width + 1.5))
                self.marks.lines(self.painter, *ends)
            dotted = Qt.PenStyle.DotLine if kind == ZERO else Qt.PenStyle.SolidLine
            self.painter.setPen(self._pen(color, width, dotted))
            self.marks.lines(self.painter, *ends)
            if self.apart and kind != ZERO:
                self.painter.setPen(QPen(self.style.casing, 0.8))
                self.painter.setBrush(color)
                self._heads(*ends, 4.0 + 0.8 * width)

    @staticmethod
    def _pen(color: QColor, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
        return QPen(color, width, style, Qt.PenCapStyle.FlatCap)

    def _heads(self, x1: Any, y1: Any, x2: Any, y2: Any, size: float) -> None:
        """Draw arrow heads at the second ends of horizontal or vertical edges."""
        for ax, ay, bx, by in zip(*np.broadcast_arrays(x1, y1, x2, y2), strict=True):
            dx, dy = np.sign(bx - ax) * size, np.sign(by - ay) * size
            base = QPointF(bx - dx, by - dy)
            side = QPointF(0.5 * dy, 0.5 * dx)
            self.painter.drawPolygon(QPolygonF([QPointF(bx, by), base + side, base - side]))

    def _nodes(self, row: Row) -> None:
        chosen = self._in_view(row.steps)
        x = row.steps[chosen] * self.column
        y = np.full(len(x), -row.level * self.row)
        nodes = row.nodes[chosen] if row.nodes is not None else np.zeros(len(x))
        kinds = self._kinds(nodes)
        self.marks.discs(
            self.painter, x, y, self.radius, kinds, self.style.fills, self.style.outline
        )
        if self.column >= NAMES and self.radius >= 8.0:
            self._names(row.name, row.steps[chosen], x, y, kinds)

    def _names(
        self, name: str, steps: NDArray[np.intp], x: Numbers, y: Numbers, kinds: NDArray[np.intp]
    ) -> None:
        font = QFont(self.style.font)
        font.setPixelSize(max(8, round(0.95 * self.radius)))
        font.setItalic(True)
        self.painter.setFont(font)
        for step, left, top, kind in zip(steps, x, y, kinds, strict=True):
            color = self.style.name_color(kind) if kind != ZERO else QColor(self.style.colors.text)
            self.painter.setPen(color)
            area = QRectF(left - self.column / 2, top - self.radius, self.column, 2 * self.radius)
            text = name + "".join("₀₁₂₃₄₅₆₇₈₉"[int(digit)] for digit in str(step))
            self.painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)

    def _cuts(self, data: Unrolled) -> None:
        """Draw where truncation cuts: strokes on each road, a line where nothing passes."""
        steps = np.flatnonzero(data.cuts) + 1
        steps = steps[self._in_view(steps)]
        color = QColor(self.style.colors.limit)
        roads = [row for row in data.rows if row.is_road]
        top = -max((row.level for row in data.rows), default=0) * self.row - 0.4 * self.row
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for step in steps:
            x = (step - 0.5) * self.column
            full = data.cuts[step - 1] == Cut.FULL
            if full:
                self.painter.setPen(QPen(color, 1.2, Qt.PenStyle.DashLine))
                self.painter.drawLine(QPointF(x, top), QPointF(x, 0.4 * self.row))
            if self.column >= NODES and (full or self.column >= FORWARD):
                for row in roads:
                    self._scissors(x, -row.level * self.row + self.apart, color, full=full)

    def _scissors(self, x: float, y: float, color: QColor, *, full: bool) -> None:
        """Draw two slanted strokes with a gap between them; one stroke for a partial cut."""
        reach = min(7.0, 0.24 * self.row)
        lean, gap = 0.45 * reach, (2.5 if full else 0.0)
        if full:
            self.painter.setPen(QPen(QColor(self.style.colors.base), 2 * gap))
            self.painter.drawLine(QPointF(x + lean, y - reach), QPointF(x - lean, y + reach))
        self.painter.setPen(QPen(color, 1.8 if full else 1.2))
        for offset in (-gap, gap) if full else (0.0,):
            self.painter.drawLine(
                QPointF(x + offset + lean, y - reach), QPointF(x + offset - lean, y + reach)
            )

    def _in_view(self, steps: NDArray[np.intp]) -> NDArray[np.bool_]:
        chosen: NDArray[np.bool_] = (steps >= self.first) & (steps <= self.last)
        return chosen

    def _kinds(self, magnitudes: Numbers) -> NDArray[np.intp]:
        kinds = self.scale.kinds(magnitudes)
        assert kinds.size == 0 or kinds.max() < KINDS
        return kinds
