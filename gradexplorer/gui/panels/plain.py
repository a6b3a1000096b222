"""Outputs over truth, where a task has no view of its own: dots, or a forecast over time."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.export.tables import Table
from gradexplorer.gui.items.curve import CurveItem
from gradexplorer.gui.items.shapes import ShapesItem
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.columns import beside
from gradexplorer.gui.panels.drawing import Drawing, Extent, Other
from gradexplorer.gui.pinned import PinnedCurves, PinnedItems, PinnedPoints
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.theme import LIGHT, Colors
from gradexplorer.training.snapshot import Evaluation

_LEAD = 0.06  # of the part that counts: so much of what leads up to it is shown
_MARGIN = 0.08
_DOT, _LARGEST_DOT = 3.0, 20.0  # pixels, radius
_NEAR = 12.0  # pixels
_DOTS = "held out; a dot's area is their number"


class PlainDrawing(Drawing):
    """What both have in common; their view is the `Evaluation` itself."""

    overlays: ClassVar[bool] = True
    pinned: PinnedItems[Any]

    def __init__(self, plot: Plot) -> None:
        super().__init__(plot)
        self._colors = LIGHT
        self.boundary = plot.add_curve(style=Qt.PenStyle.DashLine)

    def recolor(self, colors: Colors) -> None:
        """Give the boundary its colour."""
        self._colors = colors
        self.boundary.set_color(colors.muted)
        self.pinned.set_colors(colors)

    def show_others(self, others: Sequence[Other], config: ExperimentConfig) -> tuple[Entry, ...]:
        """Draw pinned runs' outputs; return what their marks mean."""
        self.others = tuple(others)
        runs = [run for run, _ in others]
        self.pinned.clear_others(runs)
        for run, view in others:
            self._show_other(self.pinned.of(run), view)
        return self.pinned.entries(runs, config)

    @abstractmethod
    def _show_other(self, item: Any, view: Evaluation) -> None:
        """Draw a pinned run's outputs with an item."""

    def clear(self) -> None:
        """Draw nothing."""
        self.others = ()
        self.pinned.clear_others()
        self.boundary.clear()

    def _range(self, view: Evaluation) -> tuple[float, float]:
        """Return the lowest and the highest value of truth and finite outputs."""
        ranges = [_range(view), *(_range(other) for _, other in self.others)]
        return min(low for low, _ in ranges), max(high for _, high in ranges)

    def fit(self, view: Evaluation) -> None:
        """Show all of it, without a jump where the outputs' range changes little."""
        left, right, bottom, top = self.extent(view)
        self.plot.set_x_range(left, right)
        self.plot.follow_y(bottom, top)


class OverTimeDrawing(PlainDrawing):
    """A stream's one-step forecast with the truth behind it."""

    labels: ClassVar[tuple[str, str]] = ("", "")

    def __init__(self, plot: Plot) -> None:
        super().__init__(plot)
        self.pinned = PinnedCurves(plot, width=1.6)
        self.output = plot.add_curve(width=2.0, smooth=True)
        self.truth = plot.add_curve(smooth=True)

    def recolor(self, colors: Colors) -> None:
        """Give the curves their colours."""
        super().recolor(colors)
        self.truth.set_color(colors.text)
        self.output.set_color(colors.accent)

    def axes(self, view: Evaluation) -> tuple[str, str]:
        """Return the names of time and output."""
        return view.time_name, view.output_name

    def show(self, view: Evaluation) -> tuple[Entry, ...]:
        """Draw both over time; return what the curves mean."""
        times = _times(view)
        self.truth.show_points(times, view.truth)
        self.output.show_points(times, np.where(np.isfinite(view.output), view.output, np.nan))
        start = times[view.held_out_from]
        low, high = self._range(view)
        self.boundary.show_points(
            np.array([start, start]), np.array([2.0 * low - high, 2.0 * high - low])
        )
        return (
            *_lost(view, self._colors),
            Entry.of(self.truth, "truth"),
            Entry.of(self.output, "forecast, one step"),
            Entry.of(self.boundary, "held out from here"),
        )

    def _show_other(self, item: CurveItem, view: Evaluation) -> None:
        item.show_points(_times(view), np.where(np.isfinite(view.output), view.output, np.nan))

    def clear(self) -> None:
        """Draw nothing."""
        super().clear()
        _clear(self.output, self.truth)

    def extent(self, view: Evaluation) -> Extent:
        """Return the part that counts, with a little of what leads up to it."""
        times = _times(view)
        start, end = times[view.held_out_from], times[-1]
        return float(start - _LEAD * (end - start)), float(end), *self._range(view)

    def table(self, view: Evaluation) -> Table:
        """Return truth and output over time."""
        held_out = (np.arange(len(view.truth)) >= view.held_out_from).astype(int)
        own = {"held_out": held_out, "truth": view.truth, "output": view.output}
        others = ((run, _times(other), {"output": other.output}) for run, other in self.others)
        return beside(view.time_name, _times(view), own, others)

    def describe(self, view: Evaluation, x: float, _y: float) -> str:
        """Return truth and output at the time under the mouse."""
        times = _times(view)
        index = int(np.argmin(np.abs(times - x)))
        lines = [_described(view, index, f"{view.time_name} {times[index]:.2f}")]
        for run, other in self.others:
            at = np.flatnonzero(_times(other) == times[index])
            lines += [f"{run.sign} output {magnitude(other.output[place])}" for place in at]
        return "\n".join(lines)


class DotsDrawing(PlainDrawing):
    """Each held-out sequence's output over its target, on the diagonal where it is right."""

    labels: ClassVar[tuple[str, str]] = ("target", "output")

    def __init__(self, plot: Plot) -> None:
        super().__init__(plot)
        self.pinned = PinnedPoints(plot)
        self.dots = plot.add_curve(style=Qt.PenStyle.NoPen, dots=3.0)

    def recolor(self, colors: Colors) -> None:
        """Give dots and diagonal their colours."""
        super().recolor(colors)
        self.dots.set_color(colors.accent, rim=colors.base)

    def show(self, view: Evaluation) -> tuple[Entry, ...]:
        """Draw a dot wherever there are sequences; return what it means."""
        pairs = np.stack([view.truth, view.output], axis=1)[np.isfinite(view.output)]
        places, counts = np.unique(pairs, axis=0, return_counts=True)
        repeated = len(places) < len(pairs)  # classes: many sequences on one place
        radii = np.minimum(_DOT * np.sqrt(counts), _LARGEST_DOT)
        self.dots.show_points(places[:, 0], places[:, 1], radii)
        ends = np.array([view.truth.min(), view.truth.max()])
        self.boundary.show_points(ends, ends)
        return (
            *_lost(view, self._colors),
            Entry("dot", self._colors.accent, _DOTS if repeated else "a held-out sequence"),
            Entry.of(self.boundary, "right"),
        )

    def _show_other(self, item: ShapesItem, view: Evaluation) -> None:
        pairs = np.unique(np.stack([view.truth, view.output], axis=1), axis=0)
        item.show_points(*pairs.T)

    def clear(self) -> None:
        """Draw nothing."""
        super().clear()
        _clear(self.dots)

    def extent(self, view: Evaluation) -> Extent:
        """Return where the targets are, with a margin, and the outputs."""
        views = [view, *(other for _, other in self.others)]
        low = min(one.truth.min() for one in views)
        high = max(one.truth.max() for one in views)
        margin = _MARGIN * (high - low)
        return float(low - margin), float(high + margin), *self._range(view)

    def table(self, view: Evaluation) -> Table:
        """Return targets and outputs; of pinned runs both, as their targets may be others."""
        others = ((run, _numbers(other), _pairs(other)) for run, other in self.others)
        return beside("sequence", _numbers(view), _pairs(view), others)

    def describe(self, view: Evaluation, x: float, y: float) -> str:
        """Return truth and output of the dot under the mouse, and of pinned runs' there."""
        found = [self._at(view, x, y)]
        for run, other in self.others:
            text = self._at(other, x, y)
            found.append(f"{run.sign} {text}" if text else "")
        return "\n".join(filter(None, found))

    def _at(self, view: Evaluation, x: float, y: float) -> str:
        wide, high = self.plot.view.viewPixelSize()
        output = np.where(np.isfinite(view.output), view.output, np.inf)
        apart = np.hypot((view.truth - x) / wide, (output - y) / high)
        index = int(np.argmin(apart))
        if apart[index] > _NEAR:
            return ""
        same = (view.truth == view.truth[index]) & (output == output[index])
        count = np.count_nonzero(same)
        place = f"{count:,} of {len(same):,} held out" if count > 1 else f"sequence {index + 1}"
        return _described(view, index, place)


def _numbers(evaluation: Evaluation) -> range:
    return range(1, len(evaluation.truth) + 1)


def _pairs(evaluation: Evaluation) -> dict[str, NDArray[np.floating]]:
    return {"truth": evaluation.truth, "output": evaluation.output}


def _times(evaluation: Evaluation) -> NDArray[np.floating]:
    assert evaluation.times is not None
    return evaluation.times


def _range(evaluation: Evaluation) -> tuple[float, float]:
    """Return the lowest and the highest value of truth and finite output."""
    truth, output = evaluation.truth, evaluation.output[np.isfinite(evaluation.output)]
    return float(output.min(initial=truth.min())), float(output.max(initial=truth.max()))


def _lost(evaluation: Evaluation, colors: Colors) -> tuple[Entry, ...]:
    """Return how many outputs are not drawn, if any."""
    lost = np.count_nonzero(~np.isfinite(evaluation.output))
    return (Entry("text", colors.not_a_number, f"{lost:,} not finite"),) if lost else ()


def _described(evaluation: Evaluation, index: int, place: str) -> str:
    truth, output = evaluation.truth[index], evaluation.output[index]
    return f"{place}\ntruth {magnitude(truth)}\noutput {magnitude(output)}"


def _clear(*curves: CurveItem) -> None:
    for curve in curves:
        curve.clear()
