"""The network unrolled over time, with what flows back through it."""

from __future__ import annotations

import numpy as np

from gradexplorer.engine.truncation import Cut
from gradexplorer.export.tables import Table
from gradexplorer.gui.depth import DepthAxis
from gradexplorer.gui.items.unrolled import Link, Row, Unrolled, UnrolledItem
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.panel import Panel
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.view import RunView
from gradexplorer.training.shape import WindowShape
from gradexplorer.training.snapshot import WindowTrace

_SHORT = {"L": "loss", "y": "output", "h": "hidden", "c": "cell", "x": "input"}
_MEANING = {
    "L": "loss",
    "y": "output",
    "h": "hidden state",
    "c": "cell state",
    "x": "input",
}
_CUT = "nothing passes on to the left: cut"
_CUT_IN_PART = "some losses pass on to the left, others are cut here"


class UnrolledGraphPanel(Panel):
    """Inputs, states, outputs and losses of one window, and the gradients between them."""

    name = "unrolled-graph"
    title = "Unrolled graph"
    help = (
        "Time runs to the right, gradients run to the left. The colour and the width of a backward "
        "edge, and the colour of a node, are the gradient's magnitude there."
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

    def recolor(self) -> None:
        """Give the graph its colours."""
        self.item.set_colors(self.colors)
        self.plot.legend.set_entries(
            (
                Entry("text", self.colors.text, "forward →"),
                Entry("text", self.colors.text, "← gradient"),
                Entry("ring", self.colors.zero, "zero"),
                Entry("dot", self.colors.not_a_number, "NaN"),
                Entry("dot", self.colors.infinite, "infinite"),
                Entry("line", self.colors.limit, "cut", 1.2, True),
            )
        )

    def draw(self, view: RunView) -> None:
        """Draw the latest trace, or what a window will look like."""
        trace = view.history.trace
        self._data = _of_shape(view.shape) if trace is None else _of_trace(trace)
        names = [(row.level, f"{_SHORT[row.name]} {row.name}") for row in self._data.rows]
        self.plot.plot.getAxis("left").setTicks([names])
        self.plot.set_y_range(-0.55, len(names) - 0.4)
        self._axis.show_steps(self._data.steps)
        self.plot.legend.set_scale(view.scale)
        self.item.show_data(self._data, view.scale)

    def table(self) -> Table:
        """Return the magnitudes at every step; empty where there is no node or no trace yet."""
        steps = self._data.steps
        columns: dict[str, list[float | None]] = {}
        for row in self._data.rows:
            columns[f"d{row.name}"] = _spread(row.steps, row.nodes, steps)
            if row.is_road:
                columns[f"d{row.name}_from_next_step"] = _spread(row.steps, row.arriving, steps)
        cuts = [Cut(cut).name.lower() for cut in self._data.cuts]
        return Table({"timestep": range(1, steps + 1), **columns, "cut_before": cuts})

    def describe(self, x: float, y: float) -> str:
        """Return the gradient at the node under the mouse."""
        step, level = round(x), round(y)
        row = next((row for row in self._data.rows if row.level == level), None)
        if row is None or not 1 <= step <= self._data.steps:
            return ""
        index = np.flatnonzero(row.steps == step)
        if not len(index):
            return f"t = {step}"
        lines = [f"{row.name} at t = {step}: {_MEANING[row.name]}"]
        if row.nodes is not None and row.name != "L":
            lines.append(f"‖dL/d{row.name}‖ = {magnitude(row.nodes[index[0]])}")
        if row.arriving is not None and step < self._data.steps:
            lines.append(f"from t = {step + 1}: {magnitude(row.arriving[index[0]])}")
        cut = self._data.cuts[step - 1]
        if row.is_road and cut != Cut.NONE:
            lines.append(_CUT if cut == Cut.FULL else _CUT_IN_PART)
        return "\n".join(lines)


def _spread(steps: np.ndarray, values: np.ndarray | None, length: int) -> list[float | None]:
    spread: list[float | None] = [None] * length
    if values is not None:
        for step, value in zip(steps.tolist(), values.tolist(), strict=True):
            spread[step - 1] = value
    return spread


def _of_shape(shape: WindowShape) -> Unrolled:
    every = np.arange(1, shape.steps + 1)
    losses = np.array(shape.loss_steps) + 1
    names = ["x", "c", "h", "y", "L"] if shape.has_cell_state else ["x", "h", "y", "L"]
    rows = tuple(
        Row(name, level, losses if name in "yL" else every, is_road=name in "hc")
        for level, name in enumerate(names)
    )
    links = tuple(Link(level, rows[level + 1].steps) for level in range(len(names) - 1))
    return Unrolled(shape.steps, rows, links, shape.cuts)


def _of_trace(trace: WindowTrace) -> Unrolled:
    steps = len(trace.dh.mean)
    every, losses = np.arange(1, steps + 1), trace.loss_steps + 1
    rows = [Row("x", 0, every, trace.dx)]
    flows = [trace.dx]
    if trace.dc is not None and trace.dc_from_h is not None:
        rows.append(Row("c", 1, every, trace.dc.mean, is_road=True, arriving=trace.flow_c))
        flows.append(trace.dc_from_h)
    rows.append(Row("h", len(rows), every, trace.dh.mean, is_road=True, arriving=trace.flow_h))
    rows.append(Row("y", len(rows), losses, trace.dy))
    rows.append(Row("L", len(rows), losses))
    flows += [trace.flow_y, trace.dy]
    links = [Link(low, rows[low + 1].steps, flow) for low, flow in enumerate(flows)]
    return Unrolled(steps, tuple(rows), tuple(links), trace.cuts)
