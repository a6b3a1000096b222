"""The network unrolled over time, with what flows back through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from PySide6.QtGui import QResizeEvent

from gradexplorer.engine.truncation import Cut
from gradexplorer.export.tables import Table
from gradexplorer.gui.depth import DepthAxis
from gradexplorer.gui.items.unrolled import Link, Row, Unrolled, UnrolledItem
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.panel import Panel
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
from gradexplorer.training.full_window import WindowShape
from gradexplorer.training.snapshot import WindowTrace, step_letter

_SHORT = {"L": "loss", "y": "output", "h": "hidden", "c": "cell", "x": "input", "s": "plant"}
_MEANING = {
    "L": "loss",
    "y": "output",
    "h": "hidden state",
    "c": "cell state",
    "x": "input",
    "s": "plant's state",
}
_BELOW = 0.7  # of one pinned run's row to the next, in units of height
_NAME = 12.0  # pixels from one row's name to the next at least
_REACH = 0.5  # of the mouse, in units of height
_CUT = "nothing passes on to the left: cut"
_CUT_IN_PART = "some losses pass on to the left, others are cut here"


class UnrolledGraphPanel(Panel):
    """Inputs, states, outputs and losses of one window, and the gradients between them."""

    name = "unrolled-graph"
    title = "Unrolled graph"
    shows_magnitudes = True
    help = (
        "Time, or the layers of a feedforward network, runs to the right, gradients run to the "
        "left. The colour and the width of a backward edge, and the colour of a node, are the "
        "gradient's magnitude there."
    )

    def __init__(self, axis: DepthAxis) -> None:
        plot = Plot("timestep t", "")
        super().__init__(plot)
        self.item = UnrolledItem(plot.font_small)
        plot.view.addItem(self.item, ignoreBounds=True)
        plot.view.setMouseEnabled(x=True, y=False)
        plot.grid.hide()
        plot.bottom.counts = True
        axis.join(plot)
        self._axis = axis
        self._data = Unrolled()
        self._letter = "t"

    def recolor(self) -> None:
        """Give the graph its colours."""
        self.item.set_colors(self.colors)

    def hint(self, _view: RunView) -> str:
        """Return nothing: the network is there before it runs."""
        return ""

    def drawn_of(self, view: RunView) -> tuple[object, ...]:
        """Return the trace, and what else is drawn of it."""
        return magnitudes_shown(view)

    def note(self, view: RunView) -> str:
        """Return which update is shown."""
        return update_note(view)

    def draw(self, view: RunView) -> None:
        """Draw the latest trace, or what a window will look like."""
        trace = view.trace
        self._letter = step_letter(view.shape.axis)
        self._data = _of_shape(view.shape) if trace is None else _of_trace(trace, view)
        self._data = _with_pinned(self._data, view)
        heights = [row.height for row in self._data.rows]
        self.plot.set_y_range(min(heights) - 0.4, max(heights) + 0.4)
        self._name_rows()
        self.plot.set_labels(step_label(view), "")
        self._axis.show_steps(depth(view))
        self.plot.legend.set_scale(view.scale)
        self.plot.legend.set_entries(self._entries(has_trace=trace is not None))
        self.item.show_data(self._data, view.scale)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Name as many rows as there is room for."""
        super().resizeEvent(event)
        self._name_rows()

    def _name_rows(self) -> None:
        low, high = self.plot.view.viewRange()[1]
        apart = _NAME * (high - low) / max(self.plot.view.height(), 1.0)
        named: list[tuple[float, str]] = []
        for row in sorted(self._data.rows, key=lambda row: -row.height):
            if not named or named[-1][0] - row.height >= apart:
                named.append((row.height, f"{_SHORT[row.name]} {row.name}{row.run}"))
        self.plot.left.setTicks([named[::-1]])

    def _entries(self, *, has_trace: bool) -> tuple[Entry, ...]:
        """Name the marks that are there."""
        colors = self.colors
        entries = [
            Entry("text", colors.text, "forward →"),
            Entry("text", colors.text, "← gradient"),
        ]
        if not has_trace:
            entries.append(Entry("ring", colors.zero, "not known yet"))
        shown = [row.nodes for row in self._data.rows if row.nodes is not None]
        nodes = np.concatenate(shown) if shown else np.zeros(0)
        if (nodes == 0.0).any():
            entries.append(Entry("ring", colors.zero, "exactly zero"))
        if np.isnan(nodes).any():
            entries.append(Entry("dot", colors.not_a_number, "NaN"))
        if np.isinf(nodes).any():
            entries.append(Entry("dot", colors.infinite, "infinite"))
        if self._data.cuts.any():
            entries.append(Entry("line", colors.limit, "cut", 1.2, dashed=True))
        return tuple(entries)

    def table(self) -> Table:
        """Return the magnitudes at every step; empty where there is no node or no trace yet."""
        steps = self._data.steps
        columns: dict[str, list[float | None]] = {}
        for row in self._data.rows:
            name = f"d{row.name}{row.run}"
            columns[name] = _spread(row.steps, row.nodes, steps)
            if row.is_road:
                columns[f"{name}_from_next_step"] = _spread(row.steps, row.arriving, steps)
        cuts = [Cut(cut).name.lower() for cut in self._data.cuts]
        cuts += [""] * (steps - len(cuts))
        axis = self.view.shape.axis if self.view is not None else "timestep"
        return Table({axis: range(1, steps + 1), **columns, "cut_before": cuts})

    def describe(self, x: float, y: float) -> str:
        """Return the gradient at the node under the mouse."""
        step = round(x)
        if not self._data.rows or not 1 <= step <= self._data.steps:
            return ""
        row = min(self._data.rows, key=lambda row: abs(row.height - y))
        if abs(row.height - y) > _REACH:
            return ""
        index = np.flatnonzero(row.steps == step)
        if not len(index):
            return f"{self._letter} = {step}"
        lines = [f"{row.name}{row.run} at {self._letter} = {step}: {_MEANING[row.name]}"]
        if row.nodes is not None and row.name != "L":
            lines.append(f"‖dL/d{row.name}‖ = {magnitude(row.nodes[index[0]])}")
        if row.arriving is not None and step < self._data.steps:
            lines.append(f"arriving from {_next(row, step)}: {magnitude(row.arriving[index[0]])}")
        cut = self._data.cuts[step - 1] if step <= len(self._data.cuts) else Cut.NONE
        if row.is_road and not row.run and cut != Cut.NONE:
            lines.append(_CUT if cut == Cut.FULL else _CUT_IN_PART)
        return "\n".join(lines)


def _spread(steps: np.ndarray, values: np.ndarray | None, length: int) -> list[float | None]:
    spread: list[float | None] = [None] * length
    if values is not None:
        for step, value in zip(steps.tolist(), values.tolist(), strict=True):
            spread[step - 1] = value
    return spread


def _next(row: Row, step: int) -> str:
    return row.name + subscript(step + 1)


def _of_shape(shape: WindowShape) -> Unrolled:
    every = np.arange(1, shape.steps + 1)
    losses = np.array(shape.loss_steps) + 1
    inputs = np.array(shape.input_steps) + 1
    steps = {"x": inputs, "s": every, "c": every, "h": every, "y": losses, "L": losses}
    heights = _heights(shape.roads, has_cell_state=shape.has_cell_state)
    rows = [
        Row(name, height, steps[name], is_road=name in shape.roads)
        for name, height in heights.items()
    ]
    rows[-1] = replace(rows[-1], has_gradient=False)
    return Unrolled(shape.steps, tuple(rows), _links(rows), shape.cuts)


def _of_trace(trace: WindowTrace, view: RunView) -> Unrolled:
    steps = len(trace.dh.mean)
    every, losses = np.arange(1, steps + 1), trace.loss_steps + 1
    roads = view.shape.roads
    heights = _heights(roads, has_cell_state=trace.dc is not None)
    if trace.flow_s is None or trace.ds_from_h is None:
        rows, flows = [Row("x", heights["x"], trace.input_steps + 1, trace.dx)], [trace.dx]
    else:  # x_t enters the plant's state s_t, and has its gradient
        rows = [Row("s", heights["s"], every, trace.dx, is_road=True, arriving=trace.flow_s)]
        flows = [trace.ds_from_h]
    if trace.dc is not None and trace.dc_from_h is not None:
        road = Row("c", heights["c"], every, trace.dc.mean, is_road=True, arriving=trace.flow_c)
        rows.append(road)
        flows.append(trace.dc_from_h)
    rows += [
        Row("h", heights["h"], every, trace.dh.mean, is_road="h" in roads, arriving=trace.flow_h),
        Row("y", heights["y"], losses, trace.dy),
        Row("L", heights["L"], losses, has_gradient=False),
    ]
    flows += [trace.flow_y, trace.dy]
    label = cut_off_label(view)
    return Unrolled(steps, tuple(rows), _links(rows, flows), trace.cuts, trace.cut_off, label)


def _with_pinned(data: Unrolled, view: RunView) -> Unrolled:
    """Add below a row for the hidden states of each pinned run."""
    rows, steps = list(data.rows), data.steps
    for below, run in enumerate(view.pinned, start=1):
        if (trace := run.history.trace) is not None:
            every = np.arange(1, len(trace.dh.mean) + 1)
            magnitudes, arriving = trace.dh.mean, trace.flow_h
            height = -_BELOW * below
            row = Row("h", height, every, magnitudes, is_road=True, arriving=arriving, run=run.sign)
            rows.append(row)
            steps = max(steps, len(every))
    return replace(data, rows=tuple(rows), steps=steps)


def _heights(roads: str, *, has_cell_state: bool) -> dict[str, float]:
    """Return the rows' heights from below: more room between what matters most."""
    names = ("s" if "s" in roads else "x") + ("chyL" if has_cell_state else "hyL")
    gaps = {"x": 0.0, "s": 0.0, "c": 0.65, "h": 1.0 if has_cell_state else 0.65, "y": 0.8, "L": 0.6}
    return dict(zip(names, np.cumsum([gaps[name] for name in names]).tolist(), strict=True))


def _links(rows: Sequence[Row], flows: Sequence[np.ndarray] | None = None) -> tuple[Link, ...]:
    # A link is where both ends have a node: an input, or an output, may be at a few steps only.
    return tuple(
        Link(
            low.height,
            high.height,
            low.steps if len(low.steps) < len(high.steps) else high.steps,
            None if flows is None else flows[index],
        )
        for index, (low, high) in enumerate(pairwise(rows))
    )
