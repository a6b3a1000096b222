"""Which classes are taken for which."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from gradexplorer.export.tables import Table
from gradexplorer.gui.items.confusion import COLUMNS, GAP, SAMPLE_WIDTH, ConfusionItem, sample_place
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.drawing import Drawing, Extent
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.theme import LIGHT, Colors
from gradexplorer.tasks.views import Confusion


class ConfusionDrawing(Drawing):
    """A confusion matrix, true classes down, and images with what they are taken for."""

    labels: ClassVar[tuple[str, str]] = ("predicted", "true")

    def __init__(self, plot: Plot) -> None:
        super().__init__(plot)
        self.item = ConfusionItem(plot.font_small)
        plot.view.addItem(self.item, ignoreBounds=True)
        self._colors = LIGHT

    def recolor(self, colors: Colors) -> None:
        """Draw in these colours."""
        self._colors = colors
        self.item.set_colors(colors)

    def show(self, view: Confusion) -> tuple[Entry, ...]:
        """Draw a matrix; return what its marks mean."""
        self.item.show_value(view)
        classes = range(len(view.counts))
        self.plot.bottom.set_names({float(place): str(place) for place in classes})
        self.plot.left.set_names({-float(place): str(place) for place in classes})
        self.plot.grid.hide()
        return (
            Entry("text", self._colors.text, "number held out; colour: share of the true class"),
        )

    def clear(self) -> None:
        """Draw nothing, and leave the plot as it was found."""
        self.item.show_value(None)
        self.plot.bottom.set_names({})
        self.plot.left.set_names({})
        self.plot.grid.show()

    def extent(self, view: Confusion) -> Extent:
        """Return left, right, bottom and top of matrix and images."""
        count = len(view.counts)
        images = GAP + COLUMNS * SAMPLE_WIDTH if len(view.images) else 0.0
        return -0.5, count - 0.5 + images, 0.5 - count, 0.5

    def table(self, view: Confusion) -> Table:
        """Return how often each class is taken for each."""
        truth, predicted = np.indices(view.counts.shape)
        return Table(
            {
                "truth": truth.ravel(),
                "predicted": predicted.ravel(),
                "count": view.counts.ravel(),
            }
        )

    def describe(self, view: Confusion, x: float, y: float) -> str:
        """Return what a cell or an image says."""
        row, column, count = round(-y), round(x), len(view.counts)
        if 0 <= row < count and 0 <= column < count:
            number, total = view.counts[row, column], view.counts[row].sum()
            return f"true {row}, predicted {column}\n{number:,} of {total:,}"
        for index in range(len(view.images)):
            left, top, wide, high = sample_place(view, index)
            if left <= x <= left + wide and top - high <= y <= top:
                return f"true {view.truth[index]}, predicted {view.predicted[index]}"
        return ""
