"""How far back a loss's gradient reaches."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt

from gradexplorer.analysis.lag_profile import LagProfile
from gradexplorer.export.tables import Table
from gradexplorer.gui.items.band import BandItem
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.columns import beside
from gradexplorer.gui.panels.decades import decades, log_heights
from gradexplorer.gui.panels.measured_panel import MeasuredPanel
from gradexplorer.gui.pinned import PinnedCurves, amid
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.reach import Reach, ReachCursor
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.view import RunView

_PREDICTIONS = (Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine, Qt.PenStyle.DashDotDotLine)


class LagProfilePanel(MeasuredPanel):
    """phi_k against the lag k, its fitted decay, and what the weights let expect."""

    name = "lag-profile"
    title = "Lag profile"
    kind = "lag"
    help = (
        "How large the gradient of a loss still is k steps before it: median and 10–90% band over "
        "losses and sequences, without truncation, with the decay that was fitted and those that "
        "the weights, or the dynamics of a closed loop, let expect. Drag the dashed line to try a "
        "truncation length."
    )

    def __init__(self, reach: Reach) -> None:
        plot = Plot("lag k", "‖dLₛ/dhₛ₋ₖ‖", log_y=True)
        super().__init__(plot)
        plot.bottom.counts = True
        self.band = BandItem()
        plot.view.addItem(self.band, ignoreBounds=True)
        self.predictions = [plot.add_curve(width=1.0, style=style) for style in _PREDICTIONS]
        self.pinned = PinnedCurves(plot)
        self.fit = plot.add_curve(width=1.5, smooth=True, style=Qt.PenStyle.DashLine)
        self.median = plot.add_curve(width=2.0, smooth=True)
        self.cell = plot.add_curve(width=1.5, smooth=True)
        self.plant = plot.add_curve(width=1.5, smooth=True)
        self._reach, self.handle = reach, ReachCursor(plot, reach, -1.0)

    def recolor(self) -> None:
        """Give the curves their colours."""
        colors = self.colors
        self.median.set_color(colors.smooth)
        self.band.set_color(colors.band)
        self.fit.set_color(colors.text)
        self.cell.set_color(colors.held_out)
        self.plant.set_color(colors.raw)
        for curve in self.predictions:
            curve.set_color(colors.muted)
        self.pinned.set_colors(colors)
        self.handle.set_colors(colors)

    def clear(self) -> None:
        """Draw nothing."""
        self.band.clear()
        for curve in (self.median, self.cell, self.plant, self.fit, *self.predictions):
            curve.clear()
        self.handle.line.hide()

    def show_result(self, result: LagProfile, view: RunView, *, news: bool) -> None:
        """Draw a profile."""
        lags = result.lags
        median, low, high = (log_heights(part) for part in (result.median, result.low, result.high))
        self.median.show_points(lags, median)
        self.band.show_band(lags, low, high)
        others = [log_heights(other.result.median) for other in self.others]
        for (run, theirs), heights in zip(self.others, others, strict=True):
            self.pinned.of(run).show_points(theirs.lags, heights)
        plant = () if result.plant_mean is None else (log_heights(result.plant_mean),)
        bottom, top = decades(low, high, median, *plant, *others)
        entries = [
            Entry.of(self.median, "median"),
            Entry("band", self.colors.band, "10–90%"),
            *self._show_others(result),
            *self._show_rates(result),
        ]
        self.handle.line.show()
        longest = int(lags[-1]) + 1
        if news:
            self._reach.set_most(longest, view.config.bptt.k2 or longest)
        longest = max([longest, *(len(other.result.lags) for other in self.others)])
        if self.plot.following:
            self.plot.set_x_range(-0.02 * longest, 1.02 * longest - 1.0)
            self.plot.set_y_range(bottom, top)
        self.plot.legend.set_entries(amid(entries, self.other_entries(view)))
        rate = "" if result.fit is None else f"× {magnitude(result.fit.rate)} a {_step(result)}"
        self.plot.legend.set_note(rate)

    def _show_others(self, result: LagProfile) -> list[Entry]:
        """Draw the means of the cell state and of a plant's, where there are these."""
        entries = []
        for curve, mean, name in (
            (self.cell, result.cell_mean, "cell state, mean"),
            (self.plant, result.plant_mean, "plant's state, mean"),
        ):
            curve.clear()
            if mean is not None:
                curve.show_points(result.lags, log_heights(mean))
                entries.append(Entry.of(curve, name))
        return entries

    def _show_rates(self, result: LagProfile) -> list[Entry]:
        """Draw the fitted decay, and the expected ones from where the profile starts."""
        entries = []
        self.fit.clear()
        if result.fit is not None:
            self.fit.show_points(result.lags, log_heights(result.fit.line(result.lags)))
            entries.append(Entry.of(self.fit, f"fit: {magnitude(result.fit.rate)}"))
        # In a closed loop lag 0 is apart: only what judges the command itself comes from there.
        first = 0 if result.plant_mean is None or result.fit is None else result.fit.first
        start = log_heights(result.median[first : first + 1])[0]
        for index, curve in enumerate(self.predictions):
            curve.clear()
            if index < len(result.predictions) and result.predictions[index].rate > 0.0:
                name, rate, _ = result.predictions[index]
                curve.show_points(result.lags, start + (result.lags - first) * np.log10(rate))
                entries.append(Entry.of(curve, f"{name}: {magnitude(rate)}"))
        return entries

    def table_of(self, result: LagProfile) -> Table:
        """Return the statistics at every lag."""
        others = ((run, theirs.lags, _columns(theirs)) for run, theirs in self.others)
        return beside("lag", result.lags, _columns(result), others)

    def describe(self, x: float, _y: float) -> str:
        """Return the profile at the lag under the mouse."""
        result, lag = self.result(self.view), round(x)
        if result is None or lag < 0:
            return ""
        lines = []
        if lag < len(result.lags):
            low, median, high = (
                magnitude(part[lag]) for part in (result.low, result.median, result.high)
            )
            lines += [f"median {median}", f"10–90%: {low} to {high}"]
            if result.cell_mean is not None:
                lines.append(f"cell state, mean {magnitude(result.cell_mean[lag])}")
            if result.plant_mean is not None:
                lines.append(f"plant's state, mean {magnitude(result.plant_mean[lag])}")
        lines += [
            f"{run.sign} median {magnitude(theirs.median[lag])}"
            for run, theirs in self.others
            if lag < len(theirs.lags)
        ]
        return "\n".join([f"{lag:,} steps back", *lines]) if lines else ""


def _columns(result: LagProfile) -> dict[str, np.ndarray]:
    columns = {
        "mean": result.mean,
        "median": result.median,
        "p10": result.low,
        "p90": result.high,
        "losses": result.counts,
    }
    if result.cell_mean is not None:
        columns["cell_mean"] = result.cell_mean
    if result.plant_mean is not None:
        columns["plant_mean"] = result.plant_mean
    return columns


def _step(result: LagProfile) -> str:
    return "layer" if result.axis == "layer" else "step"
