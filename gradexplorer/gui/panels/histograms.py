"""How the values of a parameter, and of its gradient, spread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from gradexplorer.analysis.units import Histogram, Units
from gradexplorer.export.tables import Table
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.choosing_panel import ChoosingPanel
from gradexplorer.gui.pinned import PinnedCurves
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
        self.pinned, self.pinned_gradients = PinnedCurves(plot), PinnedCurves(plot, width=1.0)
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
        for curves in (self.pinned, self.pinned_gradients):
            curves.set_colors(self.colors)

    def clear(self) -> None:
        """Draw nothing."""
        self.weights.clear()
        self.gradients.clear()
        self.pinned_gradients.clear_others()

    def why_not(self, result: Units) -> str:
        """Return that there is no such parameter."""
        return "" if self.choice in result.weights else f"no {self.choice}"

    def show_result(self, result: Units, view: RunView, *, news: bool) -> None:  # noqa: ARG002
        """Draw the outlines of both, the pinned runs' gradients thinner."""
        name = self.choice
        weights, gradients = result.weights[name], result.gradients[name]
        self.weights.show_points(*_outline(weights))
        self.gradients.show_points(*_outline(gradients))
        every = [weights, gradients]
        self.pinned_gradients.clear_others(run for run, _ in self.others)
        for run, theirs in self.others:
            pair = theirs.weights[name], theirs.gradients[name]
            for curves, histogram in zip((self.pinned, self.pinned_gradients), pair, strict=True):
                curves.of(run).show_points(*_outline(histogram))
            every += pair
        if self.plot.following:
            self.plot.set_x_range(-1.05, 1.05)
            most = max(1, *(int(histogram.counts.max()) for histogram in every))
            self.plot.set_y_range(0.0, 1.1 * most)
        self.plot.legend.set_entries(
            (
                Entry("text", self.colors.text, name),
                Entry.of(self.weights, f"weights ≤ {magnitude(_largest(weights))}"),
                Entry.of(self.gradients, f"gradients ≤ {magnitude(_largest(gradients))}"),
                *self.other_entries(view),
                *_thin(self.colors.muted, bool(self.others)),
            )
        )

    def table_of(self, result: Units) -> Table:
        """Return the counts of every parameter's histograms, run by run."""
        names = ("run", "parameter", "of", "from", "to", "count")
        columns: dict[str, list[object]] = {name: [] for name in names}
        runs = [("present", result), *((run.sign, theirs) for run, theirs in self.others)]
        for sign, units in runs:
            for row in _rows(units):
                for column, value in zip(columns.values(), (sign, *row), strict=True):
                    column.append(value)
        return Table(columns)

    def describe(self, x: float, _y: float) -> str:
        """Return the counts under the mouse."""
        result = self.result(self.view)
        if result is None or not -1.0 <= x <= 1.0:
            return ""
        runs = [("", result), *((f"{run.sign} ", theirs) for run, theirs in self.others)]
        return "\n".join(
            f"{sign}{of}: {_told(found[self.choice], x)}"
            for sign, units in runs
            for of, found in _both(units)
        )


def _both(units: Units) -> tuple[tuple[str, Mapping[str, Histogram]], ...]:
    return ("weights", units.weights), ("gradients", units.gradients)


def _rows(units: Units) -> Iterator[tuple[object, ...]]:
    for of, found in _both(units):
        for name, histogram in found.items():
            edges = histogram.edges.tolist()
            for index, count in enumerate(histogram.counts.tolist()):
                yield name, of, edges[index], edges[index + 1], count


def _told(histogram: Histogram, x: float) -> str:
    index = min(int((x + 1.0) / 2.0 * len(histogram.counts)), len(histogram.counts) - 1)
    spread = f"mean {magnitude(histogram.mean)}, deviation {magnitude(histogram.deviation)}"
    return f"{histogram.counts[index]:,} here; {spread}"


def _thin(color: str, there: bool) -> tuple[Entry, ...]:
    return (Entry("line", color, "thin: its gradients", 1.0, dashed=True),) if there else ()


def _largest(histogram: Histogram) -> float:
    return float(histogram.edges[-1])


def _outline(histogram: Histogram) -> tuple[np.ndarray, np.ndarray]:
    """Return the steps of a histogram over its own largest magnitude."""
    edges = np.linspace(-1.0, 1.0, len(histogram.counts) + 1)
    counts = np.concatenate([[0.0], np.repeat(histogram.counts, 2).astype(np.float64), [0.0]])
    return np.repeat(edges, 2), counts
