"""The gradient's magnitude at each timestep."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import Qt

from gradexplorer.engine.truncation import Cut
from gradexplorer.export.tables import Table
from gradexplorer.gui.depth import DepthAxis
from gradexplorer.gui.items.bars import Bars, BarsItem
from gradexplorer.gui.items.curve import CurveItem
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.columns import beside
from gradexplorer.gui.panels.decades import log_heights
from gradexplorer.gui.panels.panel import Panel
from gradexplorer.gui.pinned import PinnedCurves, PinnedRun, amid
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.text import magnitude, subscript
from gradexplorer.gui.view import (
    RunView,
    cut_off_label,
    depth,
    magnitudes_shown,
    step_label,
    update_note,
)
from gradexplorer.training.snapshot import Band, WindowTrace, step_letter

_QUANTITY = {"timestep": "‖dL/dhₜ‖", "layer": "‖dL/dhₗ‖"}


class TimestepGradientPanel(Panel):
    """||dL/dh_t|| as bars with their 10-90 % band, and an LSTM's ||dL/dc_t|| as a line."""

    name = "timestep-gradient"
    title = "Gradient at each timestep"
    tab = "Gradients"
    shows_magnitudes = True
    help = (
        "The L2 norm of dL/dh at each timestep, or at each layer of a feedforward network, of each "
        "sequence's own loss, before clipping: the mean over the batch and the band from its 10th "
        "to its 90th percentile."
    )

    def __init__(self, axis: DepthAxis) -> None:
        plot = Plot("timestep t", "‖dL/dhₜ‖", log_y=True)
        super().__init__(plot)
        self.bars = BarsItem(plot.font_small)
        plot.view.addItem(self.bars, ignoreBounds=True)
        self.cell = plot.add_curve(width=2.5, smooth=True)
        self.pinned = PinnedCurves(plot)
        self.plant = plot.add_curve(width=2.0, smooth=True, style=Qt.PenStyle.DashLine)
        plot.view.setMouseEnabled(x=True, y=False)
        plot.bottom.counts = True
        axis.join(plot, self.at_step)
        self._axis = axis

    def recolor(self) -> None:
        """Give bars and line their colours."""
        self.bars.set_colors(self.colors)
        self.cell.set_color(self.colors.smooth)
        self.plant.set_color(self.colors.held_out)
        self.pinned.set_colors(self.colors)

    def drawn_of(self, view: RunView) -> tuple[object, ...]:
        """Return the trace, and what else is drawn of it."""
        return magnitudes_shown(view)

    def note(self, view: RunView) -> str:
        """Return which update is shown."""
        return update_note(view)

    def heading(self, view: RunView) -> str:
        """Return what the steps are."""
        return f"Gradient at each {view.shape.axis}"

    def draw(self, view: RunView) -> None:
        """Draw the latest trace."""
        trace = view.trace
        self.plot.set_labels(step_label(view), _QUANTITY[view.shape.axis])
        self.plot.set_y_range(view.scale.low, view.scale.high)
        self._axis.show_steps(depth(view))
        self._draw_pinned(view)
        self._set_legend(view, trace)
        if trace is None:
            self.bars.show_bars(None, view.scale)
            self.cell.clear()
            self.plant.clear()
            return
        label = cut_off_label(view)
        self.bars.show_bars(Bars(*trace.dh, trace.cuts, trace.cut_off, label), view.scale)
        _draw_line(self.cell, None if trace.dc is None else trace.dc.mean)
        _draw_line(self.plant, None if trace.flow_s is None else trace.dx)

    def _draw_pinned(self, view: RunView) -> None:
        """Draw the pinned runs' latest gradients as lines."""
        self.pinned.clear_others(view.pinned)
        for run in view.pinned:
            trace = run.history.trace
            _draw_line(self.pinned.of(run), None if trace is None else trace.dh.mean)

    def _set_legend(self, view: RunView, trace: WindowTrace | None) -> None:
        colors = self.colors
        entries = [
            Entry("text", colors.text, "mean before clipping"),
            Entry("tick", colors.text, "10–90% of sequences"),
        ]
        if trace is not None and trace.dc is not None:
            entries.insert(1, Entry.of(self.cell, "‖dL/dcₜ‖ cell state"))
        if trace is not None and trace.flow_s is not None:
            entries.insert(1, Entry.of(self.plant, "‖dL/dsₜ‖ plant"))
        if trace is not None and trace.cuts.any():
            entries.append(Entry("line", colors.limit, "cut", 1.2, dashed=True))
        others = self.pinned.entries(view.pinned, view.config)
        self.plot.legend.set_entries(amid(entries, others))
        self.plot.legend.set_note("" if trace is None else _ratio(trace))

    def table(self) -> Table:
        """Return mean and percentiles at every step."""
        trace = self.view.trace if self.view is not None else None
        if trace is None:
            axis = "timestep" if self.view is None else self.view.shape.axis
            return Table({axis: [], "dh_mean": [], "dh_p10": [], "dh_p90": []})
        others = (
            (run, _numbers(theirs), _all_columns(theirs)) for run, theirs in self._pinned_traces()
        )
        return beside(trace.axis, _numbers(trace), _all_columns(trace), others)

    def at_step(self, step: int) -> str:
        """Return the magnitude at a step."""
        trace = self.view.trace if self.view is not None else None
        if trace is None or not 1 <= step <= len(trace.dh.mean):
            return ""
        return f"‖dL/dh{subscript(step)}‖ = {magnitude(trace.dh.mean[step - 1])}"

    def describe(self, x: float, _y: float) -> str:
        """Return the magnitudes at the step under the mouse."""
        trace = self.view.trace if self.view is not None else None
        step = round(x)
        if trace is None or step < 1:
            return ""
        lines = _told(trace, step) if step <= len(trace.dh.mean) else []
        lines += [
            f"{run.sign} ‖dL/dh‖ = {magnitude(theirs.dh.mean[step - 1])}"
            for run, theirs in self._pinned_traces()
            if step <= len(theirs.dh.mean)
        ]
        return "\n".join([f"{step_letter(trace.axis)} = {step}", *lines]) if lines else ""

    def _pinned_traces(self) -> Iterator[tuple[PinnedRun, WindowTrace]]:
        for run in self.view.pinned if self.view is not None else ():
            if run.history.trace is not None:
                yield run, run.history.trace


def _told(trace: WindowTrace, step: int) -> list[str]:
    lines = [_line("h", trace.dh, step)]
    if trace.dc is not None:
        lines.append(_line("c", trace.dc, step))
    if trace.flow_s is not None:
        lines.append(f"‖dL/ds‖ = {magnitude(trace.dx[step - 1])}, the plant's state")
    if trace.cuts[step - 1] == Cut.FULL:
        lines.append("nothing passes on to the left: cut")
    return lines


def _draw_line(curve: CurveItem, magnitudes: np.ndarray | None) -> None:
    """Draw a line through magnitudes, with gaps where a logarithm has no place for one."""
    if magnitudes is None:
        curve.clear()
        return
    curve.show_points(np.arange(1.0, len(magnitudes) + 1.0), log_heights(magnitudes))


def _ratio(trace: WindowTrace) -> str:
    """Return how much of the last step's gradient reaches the first that any reaches."""
    first, last = trace.cut_off, len(trace.dh.mean) - 1
    there, here = float(trace.dh.mean[first]), float(trace.dh.mean[last])
    if first >= last or not here > 0.0:
        return ""
    names = (f"‖dL/dh{subscript(step + 1)}‖" for step in (first, last))
    return f"{' ÷ '.join(names)} = {magnitude(there / here)}"


def _numbers(trace: WindowTrace) -> range:
    return range(1, len(trace.dh.mean) + 1)


def _all_columns(trace: WindowTrace) -> dict[str, np.ndarray]:
    columns = _columns("dh", trace.dh)
    if trace.dc is not None:
        columns |= _columns("dc", trace.dc)
    if trace.flow_s is not None:
        columns["ds_mean"] = trace.dx
    return columns


def _columns(name: str, band: Band) -> dict[str, np.ndarray]:
    return {f"{name}_mean": band.mean, f"{name}_p10": band.low, f"{name}_p90": band.high}


def _line(name: str, band: Band, step: int) -> str:
    mean, low, high = (magnitude(values[step - 1]) for values in band)
    return f"‖dL/d{name}‖ = {mean}  (10–90%: {low} to {high})"
