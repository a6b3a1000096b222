"""Rows of the unrolled graph at their heights, and what joins them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from gradexplorer.gui.items.unrolled import Link, Row
from gradexplorer.training.snapshot import Values

_GAPS = {"x": 0.0, "s": 0.0, "c": 0.65, "h": 0.65, "y": 0.8, "L": 0.6}
_FROM_CELL = 1.0  # up to h from c: more room between what matters most
_EDGES = 0.3  # between two rows, where their numbers take the rest
_MOST_LINES = 8
_GATE = 0.45  # from one gate up to the next
_FEEDS = {"i": "c", "f": "c", "g": "c", "o": "h", "r": "n", "z": "h", "n": "h"}


class Builder:
    """Puts rows on one another and joins what feeds what.

    Parameters
    ----------
    lowest : Row
    """

    def __init__(self, lowest: Row) -> None:
        self._rows = [lowest]
        self._joined: list[tuple[int, int, Values | None, bool]] = []
        self._top = 0  # the row that feeds what comes next

    def add(self, row: Row, flow: Values | None = None) -> None:
        """Add what the last row feeds, and what flows back to that."""
        self._join(self._top, self._put(row), flow)
        self._top = len(self._rows) - 1

    def add_layer(
        self,
        states: Sequence[Row],
        gates: Sequence[Row],
        flow: Values | None = None,
        from_h: Values | None = None,
    ) -> None:
        """Add a layer that the last row feeds, its gates below its states where it is open."""
        below = self._top
        for row in gates:
            self._join(below, self._put(row), row.passed_on)
        if not gates:
            self._join(below, len(self._rows), flow)
        for row in states:
            self._put(row)
        self._top = h = len(self._rows) - 1
        if len(states) > 1:
            self._join(h - 1, h, from_h)
        at = {
            row.name: h - len(states) - len(gates) + 1 + i
            for i, row in enumerate((*gates, *states))
        }
        for row in gates:
            self._join(at[row.name], at[_FEEDS[row.name]], row.nodes)
            self._join(h, at[row.name], None, is_recurrent=True)

    def _put(self, row: Row) -> int:
        self._rows.append(row)
        return len(self._rows) - 1

    def _join(
        self, low: int, high: int, flow: Values | None = None, *, is_recurrent: bool = False
    ) -> None:
        self._joined.append((low, high, flow, is_recurrent))

    def finished(self) -> tuple[tuple[Row, ...], tuple[Link, ...]]:
        """Return the rows at their heights, and the links."""
        rows = _placed(self._rows)
        # A link is where both ends have a node: an input or an output may be at a few steps only.
        links = tuple(
            Link(
                rows[low],
                rows[high],
                min(rows[low].steps, rows[high].steps, key=len),
                flow,
                is_recurrent,
            )
            for low, high, flow, is_recurrent in self._joined
        )
        return tuple(rows), links


def _placed(rows: Sequence[Row]) -> list[Row]:
    """Return the rows at their heights, the first at 0."""
    heights = np.cumsum([0.0, *(_gap(below, above) for below, above in pairwise(rows))]).tolist()
    return [replace(row, height=height) for row, height in zip(rows, heights, strict=True)]


def _gap(below: Row, above: Row) -> float:
    """Return the room between two rows, by their numbers where these are few."""
    if above.is_gate and below.is_gate and below.values is None:
        return _GATE
    if below.values is not None and above.values is not None:
        lines = below.lines + above.lines
        if lines <= _MOST_LINES:
            return _EDGES + 0.1 * lines
    return _FROM_CELL if (below.name, above.name) == ("c", "h") else _GAPS.get(above.name, 0.65)
