"""How much each step can stretch a gradient."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt

from gradexplorer.analysis.dynamics import Dynamics
from gradexplorer.export.tables import Table
from gradexplorer.gui.depth import DepthAxis
from gradexplorer.gui.items.band import BandItem
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.decades import decades, log_heights
from gradexplorer.gui.panels.measured_panel import MeasuredPanel
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
        "its way back; the median over the batch's sequences and their 10–90 % band. Below 1 "
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
        self.median = plot.add_curve(width=2.0, smooth=True)

    def recolor(self) -> None:
        """Give the curves their colours."""
        self.band.set_color(self.colors.band)
        self.one.set_color(self.colors.limit)
        self.median.set_color(self.colors.smooth)

    def clear(self) -> None:
        """Draw nothing."""
        self.band.clear()
        self.one.clear()
        self.median.clear()

    def show_result(self, result: Dynamics, view: RunView, *, news: bool) -> None:
        """Draw the norms; without news nothing but the labels can differ."""
        self.plot.set_labels(step_label(view), _label(result))
        norms = result.jacobian_norms
        steps = np.arange(1, len(norms) + 1)
        low, median, high = (log_heights(part) for part in _percentiles(norms))
        self._axis.show_own(self.plot, len(norms), depth(view))
        self.median.show_points(steps, median)
        self.band.show_band(steps, low, high)
        self.one.show_points(np.array([0.0, len(norms) + 1.0]), np.zeros(2))
        if self.plot.following and news:
            bottom, top = decades(low, high, np.zeros(1))
            self.plot.set_y_range(max(bottom, top - 8.0), top)
        self.plot.legend.set_entries(
            (
                Entry.of(self.median, "median"),
                Entry("band", self.colors.band, "10–90 % of sequences"),
                Entry.of(self.one, "1"),
            )
        )

    def table_of(self, result: Dynamics) -> Table:
        """Return the statistics at every step."""
        low, median, high = _percentiles(result.jacobian_norms)
        steps = np.arange(1, len(median) + 1)
        return Table({result.axis: steps, "median": median, "p10": low, "p90": high})

    def at_step(self, step: int) -> str:
        """Return the median norm at a step."""
        result = self.result(self.view)
        if result is None or not 1 <= step <= len(result.jacobian_norms):
            return ""
        return f"median {magnitude(float(np.median(result.jacobian_norms[step - 1])))}"

    def describe(self, x: float, _y: float) -> str:
        """Return the norm at the step under the mouse."""
        result, step = self.result(self.view), round(x)
        if result is None or not 1 <= step <= len(result.jacobian_norms):
            return ""
        row = result.jacobian_norms[step - 1 : step]
        low, median, high = (magnitude(float(part[0])) for part in _percentiles(row))
        return f"{result.axis} {step:,}\nmedian {median}  (10–90 %: {low} to {high})"


def _label(result: Dynamics) -> str:
    if result.axis == "layer":
        return "‖∂hₗ/∂hₗ₋₁‖"
    state = ", ".join(result.state)
    state = f"({state})" if len(result.state) > 1 else state
    return f"‖∂{state}ₜ₊₁/∂{state}ₜ‖"


def _percentiles(norms: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    low, median, high = np.percentile(norms, (10, 50, 90), axis=1)
    return low, median, high
