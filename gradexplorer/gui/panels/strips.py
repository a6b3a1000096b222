"""Heatmaps of several runs above one another, on equal axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from gradexplorer.gui.items.heatmap import Codes, Heatmap

_GAP = 0.1  # of a strip's height, to the next


class Strips(NamedTuple):
    """A strip for each run, the first on top; of one run alone the y axis counts its updates.

    Attributes
    ----------
    runs : int
    room : float
        The updates that each strip has room for.
    """

    runs: int
    room: float

    @property
    def top(self) -> float:
        """Where the uppermost strip ends."""
        return self.room if self.runs == 1 else self.runs + (self.runs - 1) * _GAP

    def _bottom(self, strip: int) -> float:
        return (self.runs - 1 - strip) * (1.0 + _GAP)

    def y(self, strip: int, updates: Any) -> Any:
        """Return where updates stand in a strip."""
        if self.runs == 1:
            return updates
        return self._bottom(strip) + np.minimum(updates / self.room, 1.0)

    def middle(self, strip: int) -> float:
        """Return a strip's middle."""
        return self._bottom(strip) + 0.5

    def at(self, y: float) -> tuple[int, float] | None:
        """Return the strip at a place and the update there; ``None`` between strips."""
        if self.runs == 1:
            return 0, y
        for strip in range(self.runs):
            share = y - self._bottom(strip)
            if 0.0 <= share <= 1.0:
                return strip, share * self.room
        return None


def stacked(heatmaps: Sequence[Heatmap], strips: Strips) -> Heatmap:
    """Return the heatmaps of all strips as one, with nothing in between.

    Parameters
    ----------
    heatmaps : sequence of Heatmap
        Along the updates, one for each strip.
    strips : Strips
    """
    parts = [(strip, one) for strip, one in enumerate(heatmaps) if one.codes.size][::-1]
    if strips.runs == 1 or not parts:
        return heatmaps[0]
    steps = max(one.codes.shape[1] for _, one in parts)
    rows: list[Codes] = []
    for _, one in parts:
        if rows:
            rows.append(np.zeros((1, steps), np.uint8))
        rows.append(np.pad(one.codes, ((0, 0), (0, steps - one.codes.shape[1]))))
    edges = [strips.y(strip, one.edges) for strip, one in parts]
    return Heatmap(np.concatenate(rows), np.concatenate(edges))
