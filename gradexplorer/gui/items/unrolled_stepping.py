"""The unrolled graph as far as one update has got, and with its numbers where they can be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPen

from gradexplorer.gui.items.unrolled_cards import Cards
from gradexplorer.gui.items.unrolled_painter import FORWARD, Numbers, UnrolledPainter
from gradexplorer.gui.items.unrolled_style import NEUTRAL, UNKNOWN
from gradexplorer.gui.passes import LOSS, Passes, Place
from gradexplorer.gui.scale import ZERO

if TYPE_CHECKING:
    from gradexplorer.gui.items.unrolled import Link, Row, Unrolled

_RING = 3.0  # pixels around a node


@dataclass(frozen=True)
class Progress:
    """How far an update has got: the last place reached, and the share of the way to the next."""

    passes: Passes
    index: int
    on_the_way: float = 0.0


class SteppingPainter(UnrolledPainter):
    """Draws one frame of what is computed so far; without a progress, all of it.

    What is to come is drawn as not known, what has no gradient yet as neutral. Rings mark what
    was computed last; a dot is on its way to what comes next.
    """

    def __init__(
        self,
        painter: Any,
        marks: Any,
        style: Any,
        scale: Any,
        column: float,
        row: float,
        visible: Any,
        progress: Progress | None,
    ) -> None:
        super().__init__(painter, marks, style, scale, column, row, visible)
        self.progress = progress
        self.draws_forward |= progress is not None
        self.cards: Cards | None = None
        self.of_values = False

    def paint(self, data: Unrolled) -> None:
        """Draw the whole graph, and where in it the update is."""
        self.cards = Cards.fitting(data.rows, self.column, self.row)
        if self.cards is not None:
            self.half_width = self.cards.half_width
        self.of_values = data.sides == "values"
        super().paint(data)
        if self.progress is not None:
            self._rings(data)
            self._pulse(data)

    def half_height(self, height: float) -> float:
        """Return how far a node at this height stands out from its middle."""
        if self.cards is None:
            return super().half_height(height)
        return self.cards.half_heights.get(height, self.radius)

    def aside(self, row: Row) -> float:
        """Return how far right of its step a row's nodes stand; cards fill their columns."""
        return 0.0 if self._has_card(row) else row.aside

    def half_width_of(self, row: Row) -> float:
        """Return how far a row's nodes stand out to the side."""
        return self.half_width if self._has_card(row) else super().half_width_of(row)

    def sides_of(self, link: Link) -> tuple[float, float]:
        """Return where an edge begins and ends; behind cards it goes straight up, a lane each."""
        if self.cards is None or not link.is_of_gate:
            return super().sides_of(link)
        lane = (link.low.aside or link.high.aside) * 2.0 * self.cards.half_width
        return lane, lane

    def _has_card(self, row: Row) -> bool:
        return self.cards is not None and row.values is not None

    def are_computed(self, stage: int, steps: NDArray[np.intp]) -> Any:
        """Return which of a layer's steps the forward pass has reached."""
        if self.progress is None:
            return slice(None)
        return self.progress.passes.forward(stage, steps) <= self.progress.index

    def _are_reached_back(self, stage: int, steps: NDArray[np.intp]) -> Any:
        if self.progress is None:
            return slice(None)
        return self.progress.passes.backward(stage, steps) <= self.progress.index

    def _kinds(self, row: Row, chosen: NDArray[np.bool_]) -> NDArray[np.intp]:
        return self._so_far(row, row.steps[chosen], super()._kinds(row, chosen), UNKNOWN)

    def _strip_kinds(self, row: Row, starts: NDArray[np.intp]) -> NDArray[np.intp]:
        return self._so_far(row, row.steps[starts], super()._strip_kinds(row, starts), ZERO)

    def _so_far(
        self, row: Row, steps: NDArray[np.intp], kinds: NDArray[np.intp], unknown: int
    ) -> NDArray[np.intp]:
        """Return the kinds of nodes as far as they are known."""
        if self.progress is None:
            return kinds
        reached = self._are_reached_back(row.stage, steps)
        if self.of_values:
            reached = self.are_computed(row.stage, steps)
        before = np.where(self.are_computed(row.stage, steps), NEUTRAL, unknown)
        return np.where(reached, kinds, before)

    def _draw_nodes(
        self, row: Row, chosen: NDArray[np.bool_], x: Numbers, y: Numbers, kinds: NDArray[np.intp]
    ) -> None:
        if self.cards is None or row.values is None:
            super()._draw_nodes(row, chosen, x, y, kinds)
            return
        gradients = None if row.gradients is None else row.gradients[chosen]
        self.cards.draw(self.painter, self.style, row, x, y, kinds, row.values[chosen], gradients)

    def _rings(self, data: Unrolled) -> None:
        """Draw rings around what was computed at the last place."""
        if self.progress is None or self.as_strips:
            return
        passes, index = self.progress.passes, self.progress.index
        self.painter.setRenderHint(self.painter.RenderHint.Antialiasing)
        self.painter.setPen(QPen(QColor(self.style.colors.accent), 2.0))
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        for row in data.rows:
            if row.run:
                continue
            forward, backward = (
                go(row.stage, row.steps) for go in (passes.forward, passes.backward)
            )
            now = ((forward == index) | (backward == index)) & self.in_view(row.steps)
            for step in row.steps[now] + self.aside(row):
                self._ring(step * self.column, -row.height * self.row, self.half_height(row.height))

    def _ring(self, x: float, y: float, half_height: float) -> None:
        half_width = half_height if self.cards is None else self.half_width
        wide, high = half_width + _RING, half_height + _RING
        area = QRectF(x - wide, y - high, 2 * wide, 2 * high)
        round_ = high if self.cards is None else 6.0
        self.painter.drawRoundedRect(area, round_, round_)

    def _pulse(self, data: Unrolled) -> None:
        """Draw the line of the present step, where nodes are too small for rings, and the dot."""
        if self.progress is None:
            return
        passes, index, share = self.progress.passes, self.progress.index, self.progress.on_the_way
        here = self._spot(data, passes.place(index))
        if here is None:
            return
        accent = QColor(self.style.colors.accent)
        if self.column < FORWARD or self.as_strips:
            top, bottom = self.extent(data)
            self.painter.setPen(QPen(accent, 2.0))
            self.painter.drawLine(QPointF(here.x(), top), QPointF(here.x(), bottom))
            return
        there = self._spot(data, passes.place(index + 1))
        if share and there is not None:
            if here.y() == there.y():  # from rim to rim
                rim = np.sign(there.x() - here.x()) * self.half_width
                here, there = here + QPointF(rim, 0.0), there - QPointF(rim, 0.0)
            self.painter.setPen(QPen(QColor(self.style.colors.base), 1.5))
            self.painter.setBrush(accent)
            self.painter.drawEllipse(here + (there - here) * share, 5.5, 5.5)

    def _spot(self, data: Unrolled, place: Place) -> QPointF | None:
        """Return where the dot is at a place; on the upper edges forward, on the lower back."""
        rows = [row for row in data.rows if not row.run]
        if place.phase == "update":
            return None
        if place.phase == "loss":
            loss = next(row for row in rows if row.stage == LOSS)
            return QPointF(loss.steps[-1] * self.column, -loss.height * self.row)
        aside = -self.apart if place.phase == "forward" else self.apart
        height = next(row.height for row in rows if row.name == "h" and row.stage == place.layer)
        return QPointF(place.step * self.column, -height * self.row + aside)
