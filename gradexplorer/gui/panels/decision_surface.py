"""Where on a plane which of two classes is likelier."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from gradexplorer.export.tables import Table
from gradexplorer.gui.items.surface import SurfaceItem
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.drawing import Drawing, Extent
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.theme import LIGHT, Colors
from gradexplorer.tasks.views import DecisionSurface


class SurfaceDrawing(Drawing):
    """The network's answer all over the plane, and held-out points on top."""

    labels: ClassVar[tuple[str, str]] = ("x", "y")

    def __init__(self, plot: Plot) -> None:
        super().__init__(plot)
        self.item = SurfaceItem()
        plot.view.addItem(self.item, ignoreBounds=True)
        self._colors = LIGHT

    def recolor(self, colors: Colors) -> None:
        """Draw in these colours."""
        self._colors = colors
        self.item.set_colors(colors)

    def show(self, view: DecisionSurface) -> tuple[Entry, ...]:
        """Draw a surface; return what its marks mean."""
        self.item.show_value(view)
        colors = self._colors
        return (
            Entry("dot", colors.accent, "class 0"),
            Entry("ring", colors.held_out, "class 1"),
            Entry("text", colors.muted, "shade: the network's answer"),
        )

    def clear(self) -> None:
        """Draw nothing."""
        self.item.show_value(None)

    def extent(self, view: DecisionSurface) -> Extent:
        """Return left, right, bottom and top of the surface."""
        return view.extent

    def table(self, view: DecisionSurface) -> Table:
        """Return the surface's cells, which have a probability, and the points, which a class."""
        x, y = _middles(view)
        cells, points = view.probabilities.size, len(view.points)
        return Table(
            {
                "x": np.concatenate([np.tile(x, len(y)), view.points[:, 0]]),
                "y": np.concatenate([np.repeat(y, len(x)), view.points[:, 1]]),
                "probability": [*view.probabilities.ravel().tolist(), *[None] * points],
                "truth": [*[None] * cells, *view.truth.tolist()],
            }
        )

    def describe(self, view: DecisionSurface, x: float, y: float) -> str:
        """Return the probability in the cell under the mouse."""
        left, right, bottom, top = view.extent
        if not (left <= x < right and bottom <= y < top):
            return ""
        rows, columns = view.probabilities.shape
        row = int((y - bottom) / (top - bottom) * rows)
        column = int((x - left) / (right - left) * columns)
        probability = float(view.probabilities[row, column])
        return f"x {x:.2f}, y {y:.2f}\nprobability of class 1: {magnitude(probability)}"


def _middles(view: DecisionSurface) -> tuple[np.ndarray, np.ndarray]:
    left, right, bottom, top = view.extent
    rows, columns = view.probabilities.shape
    x = left + (right - left) * (np.arange(columns) + 0.5) / columns
    return x, bottom + (top - bottom) * (np.arange(rows) + 0.5) / rows
