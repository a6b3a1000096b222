"""How much each step can stretch a gradient."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt

from gradexplorer.analysis.dynamics import Dynamics
from gradexplorer.export.tables import Table
from gradexplorer.gui.depth import DepthAxis
from gradexplorer.gui.items.band import BandItem
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.columns import beside
from gradexplorer.gui.panels.decades import decades, log_heights
from gradexplorer.gui.panels.measured_panel import MeasuredPanel
from gradexplorer.gui.pinned import PinnedCurves
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.view import RunView, depth, step_label


class JacobiansPanel(MeasuredPanel):
    """The largest singular value of each step's Jacobian along the sequence."""

    name = "jacobian-norms"
    title = "Jacobian norms"
    tab = "Jacobians"
    kind = "dynamics"
    help = (
        "The largest singular value of every step's Jacobian, of (h, c) for an LSTM and with the "
        "plant's state s in a closed loop: the most by which the step can lengthen a gradient on "
        "its way back; the median over the batch's sequences and their 10–90% band. Below 1 "
        "everywhere, every gradient shrinks."
    )

    def __init__(self, axis: DepthAxis) -> None:
        plot = Plot("timestep t", "", log_y=True)
        super().__init__(plot)
        plot.view.setMouseEnabled(x=True, y=False)
        plot.bottom.counts = True
        axis.join(plot, self.at_step)
        self._axis = axis
        self.band = BandItem()
        plot.view.addItem(self.band, ignoreBounds=True)
        self.one = plot.add_curve(style=Qt.PenStyle.DashLine)
        self.pinned = PinnedCurves(plot)
        self.median = plot.add_curve(width=2.0, smooth=True)

    def recolor(self) -> None:
        """Give the curves their colours."""
        self.band.set_color(self.colors.band)
        self.one.set_color(self.colors.limit)
        self.median.set_color(self.colors.smooth)
        self.pinned.set_colors(self.colors)

    def clear(self) -> None:
        """Draw nothing."""
        self.band.clear()
        self.one.clear()
        self.median.clear()

    def show_result(self, result: Dynamics, view: RunView, *, news: bool) -> None:  # noqa: ARG002
        """Draw the norms."""
        self.plot.set_labels(step_label(view), _label(result))
        norms = result.jacobian_norms
        steps = np.arange(1, len(norms) + 1)
        low, median, high = (log_heights(part) for part in _percentiles(norms))
        others = [_medians(other.result.jacobian_norms) for other in self.others]
        for (run, _), theirs in zip(self.others, others, strict=True):
            self.pinned.of(run).show_points(np.arange(1, len(theirs) + 1), log_heights(theirs))
        longest = max(map(len, [norms, *others]))
        self._axis.show_own(self.plot, max(longest, depth(view)), depth(view))
        self.median.show_points(steps, median)
        self.band.show_band(steps, low, high)
        self.one.show_points(np.array([0.0, longest + 1.0]), np.zeros(2))
        if self.plot.following:
            bottom, top = decades(low, high, np.zeros(1), *map(log_heights, others))
            self.plot.set_y_range(max(bottom, top - 8.0), top)
        self.plot.legend.set_entries(
            (
                Entry.of(self.median, "median"),
                *self.other_entries(view),
                Entry("band", self.colors.band, "10–90% of sequences"),
                Entry.of(self.one, "1"),
            )
        )

    def table_of(self, result: Dynamics) -> Table:
        """Return the statistics at every step."""
        others = (
            (run, range(1, len(theirs.jacobian_norms) + 1), _columns(theirs))
            for run, theirs in self.others
        )
        steps = range(1, len(result.jacobian_norms) + 1)
        return beside(result.axis, steps, _columns(result), others)

    def at_step(self, step: int) -> str:
        """Return the median norm at a step."""
        result = self.result(self.view)
        if result is None or not 1 <= step <= len(result.jacobian_norms):
            return ""
        return f"median {magnitude(float(np.median(result.jacobian_norms[step - 1])))}"

    def describe(self, x: float, _y: float) -> str:
        """Return the norm at the step under the mouse."""
        result, step = self.result(self.view), round(x)
        if result is None or step < 1:
            return ""
        lines, rows = [], slice(step - 1, step)
        if step <= len(result.jacobian_norms):
            parts = _percentiles(result.jacobian_norms[rows])
            low, median, high = (magnitude(float(part[0])) for part in parts)
            lines += [f"median {median}", f"10–90%: {low} to {high}"]
        lines += [
            f"{run.sign} median {magnitude(float(_medians(theirs.jacobian_norms[rows])[0]))}"
            for run, theirs in self.others
            if step <= len(theirs.jacobian_norms)
        ]
        return "\n".join([f"{result.axis} {step:,}", *lines]) if lines else ""


def _label(result: Dynamics) -> str:
    if result.axis == "layer":
        return "‖∂hₗ/∂hₗ₋₁‖"
    state = ", ".join(result.state)
    state = f"({state})" if len(result.state) > 1 else state
    return f"‖∂{state}ₜ₊₁/∂{state}ₜ‖"


def _percentiles(norms: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    low, median, high = np.percentile(norms, (10, 50, 90), axis=1)
    return low, median, high


def _medians(norms: np.ndarray) -> np.ndarray:
    medians: np.ndarray = np.median(norms, axis=1)
    return medians


def _columns(result: Dynamics) -> dict[str, np.ndarray]:
    low, median, high = _percentiles(result.jacobian_norms)
    return {"median": median, "p10": low, "p90": high}
