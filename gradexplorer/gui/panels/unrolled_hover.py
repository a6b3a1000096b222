"""What of the unrolled graph is under the mouse: a node or an edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF

from gradexplorer.gui.items.unrolled import Link, Row, Unrolled
from gradexplorer.gui.items.unrolled_cards import Cards
from gradexplorer.gui.items.unrolled_painter import GATE, NAMES, has_strips, radius_of

_NEAR = 4.0  # pixels
_REACH = 0.5  # of the mouse, in units of height


@dataclass(frozen=True)
class Spot:
    """A node of a row, its road to the next step, or an edge up from it.

    Attributes
    ----------
    row : Row
    step : int
        Counted from 1.
    link : Link or None
    is_road : bool
    """

    row: Row
    step: int
    link: Link | None = None
    is_road: bool = False


def spot_at(data: Unrolled, x: float, y: float, column: float, row: float) -> Spot | None:
    """Return what is at a place, the nearest node where nothing is at it exactly.

    Parameters
    ----------
    data : Unrolled
    x, y : float
        In steps and units of height.
    column, row : float
        Pixels of a step and of a unit of height.
    """
    finder = _Finder(data, x, y, column, row)
    if not data.rows or not 0.5 <= x < data.steps + 0.5:
        return None
    return finder.node() or finder.edge() or finder.nearest()


def is_at_node(data: Unrolled, spot: Spot, place: QPointF, pixel: tuple[float, float]) -> bool:
    """Tell whether a place is on a spot's node, or its strip, and not only near it."""
    column, row = 1.0 / pixel[0], 1.0 / pixel[1]
    if has_strips(data, column, row):
        return abs(place.y() - spot.row.height) <= 0.25
    return _Finder(data, place.x(), place.y(), column, row).node() is not None


class _Finder:
    def __init__(self, data: Unrolled, x: float, y: float, column: float, row: float) -> None:
        self.data, self.x, self.y, self.column, self.row = data, x, y, column, row
        self.cards = Cards.fitting(data.rows, column, row) if data.has_numbers else None
        self.radius = radius_of(column, row)
        self.as_strips = has_strips(data, column, row)

    def node(self) -> Spot | None:
        """Return the node under the mouse."""
        for row in self.data.rows:
            across, up = self._half(row)
            for step in self._steps_near(row):
                dx = (self.x - step - self._aside(row)) * self.column
                dy = (self.y - row.height) * self.row
                if abs(dx) <= across + 1.0 and abs(dy) <= up + 1.0:
                    return Spot(row, step)
        return None

    def edge(self) -> Spot | None:
        """Return the edge under the mouse, where edges are drawn."""
        if self.as_strips:
            return None
        return self._link() or self._road()

    def nearest(self) -> Spot | None:
        """Return the nearest row's node at this step, or the row's place there."""
        rows = [row for row in self.data.rows if not row.is_gate] or list(self.data.rows)
        if self.as_strips:
            rows = list(self.data.rows)
        row = min(rows, key=lambda row: abs(row.height - self.y))
        return None if abs(row.height - self.y) > _REACH else Spot(row, round(self.x))

    def _road(self) -> Spot | None:
        step = int(np.floor(self.x))
        for row in self.data.rows:
            near = abs(self.y - row.height) * self.row <= 0.45 * self.radius + _NEAR
            if row.is_road and near and 1 <= step < len(row.steps):
                return Spot(row, step, is_road=True)
        return None

    def _link(self) -> Spot | None:
        step = round(self.x)
        found: list[tuple[float, Link]] = []
        for link in self.data.links:
            low, high = link.low.height, link.high.height
            if link.is_recurrent or not low <= self.y <= high or step not in link.steps:
                continue
            left, right = self._aside(link.low), self._aside(link.high)
            if self.cards is not None and link.is_of_gate:
                lane = (link.low.aside or link.high.aside) * 2.0 * self.cards.half_width
                left = right = lane / self.column
            elif self.column < NAMES and link.is_of_gate:
                left = right = link.low.aside or link.high.aside
            share = (self.y - low) / (high - low)
            away = abs(self.x - step - left - share * (right - left)) * self.column
            if away <= 0.45 * self.radius * (GATE if link.is_of_gate else 1.0) + _NEAR:
                found.append((away, link))
        if not found:
            return None
        link = min(found, key=lambda pair: pair[0])[1]
        return Spot(link.low, step, link)

    def _steps_near(self, row: Row) -> list[int]:
        near = {round(self.x), round(self.x - row.aside)}
        return [step for step in sorted(near) if step in row.steps]

    def _has_card(self, row: Row) -> bool:
        return self.cards is not None and row.values is not None

    def _aside(self, row: Row) -> float:
        return 0.0 if self._has_card(row) else row.aside

    def _half(self, row: Row) -> tuple[float, float]:
        if self.cards is not None and self._has_card(row):
            up = self.cards.half_heights.get(row.height, self.radius)
            return self.cards.half_width, up
        reach = self.radius * (GATE if row.is_gate else 1.0)
        return reach, reach
