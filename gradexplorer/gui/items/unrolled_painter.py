"""How an unrolled graph is drawn, from named nodes down to strips of colour."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

from gradexplorer.engine.truncation import Cut
from gradexplorer.gui.items.marks import Marks
from gradexplorer.gui.items.unrolled_cuts import draw_cuts, shade_cut_off
from gradexplorer.gui.items.unrolled_ends import mark_ends
from gradexplorer.gui.items.unrolled_style import NEUTRAL, Style, Widths, node_kinds
from gradexplorer.gui.items.value_scale import ValueScale
from gradexplorer.gui.scale import ZERO, MagnitudeScale
from gradexplorer.gui.text import subscript

if TYPE_CHECKING:
    from gradexplorer.gui.items.unrolled import Link, Row, Unrolled

Numbers = NDArray[np.floating]

# Pixels that a column needs for names, for forward edges beside the backward ones, for nodes.
NAMES, FORWARD, NODES = 38.0, 24.0, 4.0
GATE = 0.66  # of a node's radius
_GATE_NAMED = 5.5  # pixels of a gate's radius from which its letter has room
_LANES = 16.0  # pixels of a column in which the edges of every gate stand apart
_LOWEST = 9.0  # pixels from one gate up to the next
_MARGIN = 0.3  # rows, above the highest and below the lowest


class UnrolledPainter:
    """Draws one frame.

    Parameters
    ----------
    painter : QPainter
        In pixels; step t at height h is at ``(t * column, -h * row)``.
    marks : pair of Marks
        For nodes and edges, and for gates.
    style : Style
    scale : MagnitudeScale or ValueScale
    column, row : float
        Pixels from one step to the next, and of a unit of height.
    visible : sequence of float
        The first and last step in view.
    """

    def __init__(
        self,
        painter: QPainter,
        marks: tuple[Marks, Marks],
        style: Style,
        scale: MagnitudeScale | ValueScale,
        column: float,
        row: float,
        visible: Any,
    ) -> None:
        self.painter, self.style, self.scale = painter, style, scale
        self.marks, self.gate_marks = marks
        self.column, self.row = column, row
        self.first, self.last = visible[0] - 1.0, visible[1] + 1.0
        self.radius = radius_of(column, row)
        self.half_width = self.radius  # of a node
        self.gate_heights: set[float] = set()
        self.as_strips = False
        self.apart = 0.45 * self.radius if column >= FORWARD else 0.0
        self.draws_forward = self.apart > 0.0  # beside the backward edges, where these are
        widest = 9.0 if not self.apart else min(9.0, 1.1 * self.radius)
        self.road_widths = Widths(min(2.0, self.radius), min(widest, 1.0 + 2.4 * self.radius))
        self.link_widths = Widths(0.8, float(np.clip(0.12 * column, 0.8, 2.5)))

    def paint(self, data: Unrolled) -> None:
        """Draw the whole graph."""
        # Where columns are narrow only upright lines are drawn, and discs that are pictures.
        self.painter.setRenderHint(QPainter.RenderHint.Antialiasing, self.column >= FORWARD)
        self.draws_forward &= data.sides != "gradients"
        self.gate_heights = {row.height for row in data.rows if row.is_gate}
        self.as_strips = has_strips(data, self.column, self.row)
        shade_cut_off(self, data)
        if self.as_strips:
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
        for row in data.rows:
            if row.saturated is not None or row.dead is not None:
                mark_ends(self, row)
        draw_cuts(self, data)

    def _strip(self, row: Row, steps: int) -> None:
        """Draw a row as one cell of colour a step, or a pixel where steps are narrower."""
        group = max(1, int(np.ceil(1.0 / self.column)))
        starts = np.arange(0, len(row.steps), group)
        kinds = self._strip_kinds(row, starts)
        height = 2.0 * self.half_row(row)
        x = (row.steps[starts] - 0.5) * self.column
        width = max(group * self.column, 1.0 if len(row.steps) > 1 else 3.0)
        top = -row.height * self.row - height / 2
        frame = QRectF(0.5 * self.column, top, steps * self.column, height)
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(self.style.fills[ZERO])
        self.painter.drawRect(frame)
        for kind in np.unique(kinds[kinds != ZERO]):
            self.painter.setBrush(self.style.fills[kind])
            self.marks.rects(self.painter, x[kinds == kind], top, width + 0.5, height)
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        self.painter.setPen(QPen(self.style.casing, 1.0))
        self.painter.drawRect(frame)

    def _strip_kinds(self, row: Row, starts: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return each cell's kind: that of its largest magnitude, unless one is not finite."""
        if row.nodes is None:
            return node_kinds(self.scale, None, len(starts), has_gradient=row.has_gradient)
        strongest = np.fmax.reduceat(row.nodes, starts)
        if isinstance(self.scale, ValueScale):
            lowest = np.fmin.reduceat(row.nodes, starts)
            strongest = np.where(np.abs(lowest) > strongest, lowest, strongest)
        worst = np.maximum.reduceat(np.where(np.isfinite(row.nodes), 0, row.nodes), starts)
        return self.scale.kinds(np.where(np.isfinite(worst), strongest, worst))

    def _link(self, link: Link) -> None:
        """Draw edges from one row up to another."""
        if link.is_recurrent:
            self._recurrent(link)
            return
        chosen = self.in_view(link.steps)
        steps = link.steps[chosen]
        x = steps * self.column
        low = -link.low.height * self.row - self.half_height(link.low.height)
        high = -link.high.height * self.row + self.half_height(link.high.height)
        left, right = self.sides_of(link)
        apart = self.apart * (GATE if link.is_of_gate else 1.0)
        has_room = not link.is_of_gate or self.column >= NAMES
        if (self.draws_forward and has_room) or link.magnitudes is None:
            before = x[self.are_computed(link.high.stage, steps)] - apart
            self._forward(before + left, low, before + right, high)
        if link.magnitudes is not None:
            known = self._are_reached_back(link.low.stage, steps)
            beside, magnitudes = x[known] + apart, link.magnitudes[chosen][known]
            self._backward(magnitudes, beside + right, high, beside + left, low, self.link_widths)

    def sides_of(self, link: Link) -> tuple[float, float]:
        """Return how far right of its step an edge begins and ends, in pixels."""
        if link.is_of_gate and self.column < NAMES:  # only upright lines are clean there
            lane = (link.low.aside or link.high.aside) * self.column
            return lane, lane
        return link.low.aside * self.column, link.high.aside * self.column

    def _recurrent(self, link: Link) -> None:
        """Draw what a gate reads of the step before: down between two columns, then to it."""
        if not self.draws_forward or self.column < NAMES:
            return
        steps = link.steps[1:]
        steps = steps[self.in_view(steps)]
        steps = steps[self.are_computed(link.high.stage, steps)]
        between = (steps - 0.5) * self.column
        rim = (steps + self.aside(link.high)) * self.column - self.half_width_of(link.high)
        top, y = -link.low.height * self.row - self.apart, -link.high.height * self.row
        self.painter.setPen(QPen(self.style.forward, 1.0))
        self.marks.lines(self.painter, between, top, between, y)
        self.marks.lines(self.painter, between, y, rim, y)
        self.painter.setBrush(self.style.forward)
        self._heads(between, y, rim, y, 3.5)

    def _road(self, row: Row, data: Unrolled) -> None:
        """Draw the edges between a row's steps: forward above, backward below."""
        after = self.in_view(row.steps[:-1])
        steps = row.steps[:-1][after]
        y = -row.height * self.row
        left = steps * self.column + self.half_width
        right = left + self.column - 2.0 * self.half_width
        if self.draws_forward or row.arriving is None:
            known = self.are_computed(row.stage, steps + 1)
            self._forward(left[known], y - self.apart, right[known], y - self.apart)
        if row.arriving is not None:
            below, known = y + self.apart, self._are_reached_back(row.stage, steps)
            arriving = row.arriving[:-1][after][known]
            self._backward(arriving, right[known], below, left[known], below, self.road_widths)
        if data.cuts[0] != Cut.NONE and self.first < 1.0 and not row.run:
            start = np.array([self.column - self.half_width])
            self._forward(start - 0.5 * self.column, y - self.apart, start, y - self.apart)

    def _forward(self, x1: Any, y1: Any, x2: Any, y2: Any) -> None:
        self.painter.setPen(QPen(self.style.forward, self.style.forward_width))
        self.marks.lines(self.painter, x1, y1, x2, y2)
        if self.apart:
            self.painter.setBrush(self.style.forward)
            self._heads(x1, y1, x2, y2, 4.0)

    def _backward(
        self, magnitudes: Numbers, x1: Any, y1: Any, x2: Any, y2: Any, widths: Widths
    ) -> None:
        """Draw edges whose colour and width tell a magnitude."""
        kinds = self.scale.kinds(magnitudes)
        x1, y1, x2, y2 = (np.broadcast_to(values, kinds.shape) for values in (x1, y1, x2, y2))
        for kind in np.unique(kinds):
            edges = kinds == kind
            ends = (x1[edges], y1[edges], x2[edges], y2[edges])
            color, width = self.style.edges[kind], widths.of(kind)
            if self.apart and kind < ZERO and width > 2.0:  # the palest and the darkest need a rim
                self.painter.setPen(_pen(self.style.casing, width + 1.2))
                self.marks.lines(self.painter, *ends)
            dotted = Qt.PenStyle.DotLine if kind == ZERO else Qt.PenStyle.SolidLine
            self.painter.setPen(_pen(color, width, dotted))
            self.marks.lines(self.painter, *ends)
            if self.apart and kind != ZERO:
                self.painter.setPen(Qt.PenStyle.NoPen)
                self.painter.setBrush(self.style.head(kind))
                self._heads(*ends, 4.5 + 0.7 * width)

    def _heads(self, x1: Any, y1: Any, x2: Any, y2: Any, size: float) -> None:
        """Draw arrow heads at the second ends of edges."""
        for ax, ay, bx, by in zip(*np.broadcast_arrays(x1, y1, x2, y2), strict=True):
            length = float(np.hypot(bx - ax, by - ay)) or 1.0
            dx, dy = (bx - ax) / length * size, (by - ay) / length * size
            base = QPointF(bx - dx, by - dy)
            side = QPointF(0.5 * dy, -0.5 * dx)
            self.painter.drawPolygon(QPolygonF([QPointF(bx, by), base + side, base - side]))

    def _nodes(self, row: Row) -> None:
        chosen = self.in_view(row.steps)
        x = (row.steps[chosen] + self.aside(row)) * self.column
        y = np.full(len(x), -row.height * self.row)
        self._draw_nodes(row, chosen, x, y, self._kinds(row, chosen))

    def _draw_nodes(
        self, row: Row, chosen: NDArray[np.bool_], x: Numbers, y: Numbers, kinds: NDArray[np.intp]
    ) -> None:
        marks, radius = (self.marks, self.radius)
        if row.is_gate:
            marks, radius = self.gate_marks, GATE * self.radius
        marks.discs(self.painter, x, y, radius, kinds, self.style.fills, self.style.rims)
        if self.column >= NAMES and radius >= (_GATE_NAMED if row.is_gate else 8.0):
            ends = [""] * len(x) if row.is_gate else map(subscript, row.steps[chosen].tolist())
            self._names([row.name + row.mark + end for end in ends], x, y, kinds)

    def _kinds(self, row: Row, chosen: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Return the kinds of those of a row's nodes."""
        nodes = row.nodes[chosen] if row.nodes is not None else None
        count = int(np.count_nonzero(chosen))
        return node_kinds(self.scale, nodes, count, has_gradient=row.has_gradient)

    def half_height(self, height: float) -> float:
        """Return how far a node at this height stands out from its middle."""
        return self.radius * (GATE if height in self.gate_heights else 1.0)

    def half_width_of(self, row: Row) -> float:
        """Return how far a row's nodes stand out to the side."""
        return self.half_height(row.height)

    def half_row(self, row: Row) -> float:
        """Return how far a row stands out from its middle, as nodes or as a strip."""
        if self.as_strips:
            return (0.5 if row.is_road else 0.22) * self.row / 2
        return self.half_height(row.height)

    def aside(self, row: Row) -> float:
        """Return how far right of its step a row's nodes stand, in columns."""
        return row.aside

    def are_computed(self, _stage: int, _steps: NDArray[np.intp]) -> Any:
        """Return which of a layer's steps the forward pass has reached."""
        return slice(None)

    def _are_reached_back(self, _stage: int, _steps: NDArray[np.intp]) -> Any:
        """Return which of a layer's steps the backward pass has reached."""
        return slice(None)

    def _names(self, names: Sequence[str], x: Numbers, y: Numbers, kinds: NDArray[np.intp]) -> None:
        font = QFont(self.style.font)
        font.setPixelSize(max(8, round(0.95 * self.radius)))
        font.setItalic(True)
        self.painter.setFont(font)
        for name, left, top, kind in zip(names, x, y, kinds, strict=True):
            drawn = kind < ZERO or kind == NEUTRAL
            color = self.style.name_color(kind) if drawn else QColor(self.style.colors.text)
            self.painter.setPen(color)
            area = QRectF(left - self.column / 2, top - self.radius, self.column, 2 * self.radius)
            self.painter.drawText(area, Qt.AlignmentFlag.AlignCenter, name)

    def extent(self, data: Unrolled) -> tuple[float, float]:
        """Return the top and the bottom of all rows, in pixels."""
        heights = [row.height for row in data.rows]
        return -(max(heights) + _MARGIN) * self.row, -(min(heights) - _MARGIN) * self.row

    def in_view(self, steps: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Return which steps are to be drawn."""
        chosen: NDArray[np.bool_] = (steps >= self.first) & (steps <= self.last)
        return chosen


def has_strips(data: Unrolled, column: float, row: float) -> bool:
    """Tell whether there is too little room for nodes, of which an open cell needs more."""
    heights = sorted({one.height for one in data.rows if one.is_gate})
    low = any((high - below) * row < _LOWEST for below, high in pairwise(heights))
    return column < (_LANES if heights else NODES) or low


def radius_of(column: float, row: float) -> float:
    """Return a node's radius in pixels, where a step and a unit of height are so many."""
    return float(np.clip(min(0.22 * column, 0.22 * row), 1.2, 16.0))


def _pen(color: QColor, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    return QPen(color, width, style, Qt.PenCapStyle.FlatCap)
