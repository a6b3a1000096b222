"""How the values of a parameter, and of its gradient, spread."""

from __future__ import annotations

import numpy as np

from gradexplorer.analysis.units import Histogram, Units
from gradexplorer.export.tables import Table
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.choosing_panel import ChoosingPanel
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.view import RunView


class HistogramsPanel(ChoosingPanel):
    """Histograms of one parameter's values and of its gradient's."""

    name = "histograms"
    title = "Weights and gradients"
    tab = "Weights"
    kind = "units"
    help = (
        "How many of a parameter's values, and of its gradient's before clipping, lie in each "
        "part of their range, both in units of their largest magnitude, so that the shapes "
        "compare. The ⋯ menu chooses the parameter."
    )

    def __init__(self) -> None:
        plot = Plot("value ÷ largest magnitude", "values")
        super().__init__(plot)
        plot.left.counts = True
        self.weights = plot.add_curve(width=2.0)
        self.gradients = plot.add_curve(width=2.0)

    def choices(self) -> tuple[str, ...]:
        """Return the parameters' names, the recurrent weights first."""
        result = self.result(self.view)
        names = () if result is None else tuple(result.weights)
        return tuple(sorted(names, key=lambda name: not name.startswith("weight_hh")))

    def recolor(self) -> None:
        """Give the outlines their colours."""
        self.weights.set_color(self.colors.smooth)
        self.gradients.set_color(self.colors.held_out)

    def clear(self) -> None:
        """Draw nothing."""
        self.weights.clear()
        self.gradients.clear()

    def show_result(self, result: Units, _view: RunView, *, news: bool) -> None:
        """Draw the outlines of both."""
        name = self.choice
        weights, gradients = result.weights[name], result.gradients[name]
        self.weights.show_points(*_outline(weights))
        self.gradients.show_points(*_outline(gradients))
        if self.plot.following and news:
            self.plot.set_x_range(-1.05, 1.05)
            most = max(int(weights.counts.max()), int(gradients.counts.max()), 1)
            self.plot.set_y_range(0.0, 1.1 * most)
        self.plot.legend.set_entries(
            (
                Entry("text", self.colors.text, name),
                Entry.of(self.weights, f"weights ≤ {magnitude(_largest(weights))}"),
                Entry.of(self.gradients, f"gradients ≤ {magnitude(_largest(gradients))}"),
            )
        )

    def table_of(self, result: Units) -> Table:
        """Return the counts of every parameter's histograms."""
        columns: dict[str, list[object]] = {
            name: [] for name in ("parameter", "of", "from", "to", "count")
        }
        for of, found in (("weights", result.weights), ("gradients", result.gradients)):
            for name, histogram in found.items():
                edges = histogram.edges.tolist()
                for index, count in enumerate(histogram.counts.tolist()):
                    row = (name, of, edges[index], edges[index + 1], count)
                    for column, value in zip(columns.values(), row, strict=True):
                        column.append(value)
        return Table(columns)

    def describe(self, x: float, _y: float) -> str:
        """Return the counts under the mouse."""
        result = self.result(self.view)
        if result is None or not -1.0 <= x <= 1.0:
            return ""
        lines = []
        for of, found in (("weights", result.weights), ("gradients", result.gradients)):
            histogram = found[self.choice]
            index = min(int((x + 1.0) / 2.0 * len(histogram.counts)), len(histogram.counts) - 1)
            spread = f"mean {magnitude(histogram.mean)}, deviation {magnitude(histogram.deviation)}"
            lines.append(f"{of}: {histogram.counts[index]:,} here; {spread}")
        return "\n".join(lines)


def _largest(histogram: Histogram) -> float:
    return float(histogram.edges[-1])


def _outline(histogram: Histogram) -> tuple[np.ndarray, np.ndarray]:
    """Return the steps of a histogram over its own largest magnitude."""
    edges = np.linspace(-1.0, 1.0, len(histogram.counts) + 1)
    counts = np.concatenate([[0.0], np.repeat(histogram.counts, 2).astype(np.float64), [0.0]])
    return np.repeat(edges, 2), counts
