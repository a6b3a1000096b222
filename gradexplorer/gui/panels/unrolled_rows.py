"""What the unrolled graph draws of a trace, or of what a window will look like."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gradexplorer.config.model import stacked_layers
from gradexplorer.gui.items.unrolled import Row, Sides, Unrolled
from gradexplorer.gui.panels.unrolled_builder import Builder
from gradexplorer.gui.passes import ELSEWHERE, LOSS
from gradexplorer.gui.text import superscript
from gradexplorer.gui.view import RunView, cut_off_label
from gradexplorer.training.snapshot import LayerTrace, Values, WindowTrace

_BELOW = 0.7  # of one pinned run's row to the next, in units of height
_MOST_READ = 4  # numbers of an input or an output that a node has room for
# From the bottom up, with how far right of its step each stands, in columns.
_ASIDE = {
    "lstm": {"i": -0.3, "f": -0.1, "g": 0.1, "o": 0.3},
    "gru": {"r": -0.26, "z": 0.3, "n": 0.0},
}


def of_shape(view: RunView, opened: int | None = None) -> Unrolled:
    """Return a window before there is a trace of one."""
    shape, model = view.shape, view.config.model
    layers = stacked_layers(model)
    every = np.arange(1, shape.steps + 1)
    losses, inputs = np.array(shape.loss_steps) + 1, np.array(shape.input_steps) + 1
    road = "s" if "s" in shape.roads else ""
    graph = Builder(Row("s", 0.0, every, is_road=True) if road else Row("x", 0.0, inputs))
    for layer in range(layers):
        states = [
            Row(name, 0.0, every, is_road=name in shape.roads, stage=layer)
            for name in ("ch" if shape.has_cell_state else "h")
        ]
        states = [replace(row, mark=_mark(layer, layers)) for row in states]
        graph.add_layer(states, _gates(view, layer, every, layers) if layer == opened else [])
    for row in _outputs(losses, layers):
        graph.add(row)
    rows, links = graph.finished()
    return Unrolled(shape.steps, rows, links, shape.cuts, layers=layers)


def of_trace(trace: WindowTrace, view: RunView, opened: int | None = None) -> Unrolled:
    """Return a window as it was run; ``opened`` is the layer whose gates are shown."""
    steps, layers = len(trace.dh.mean), len(trace.layers)
    every, losses = np.arange(1, steps + 1), trace.loss_steps + 1
    graph, flow = Builder(_input(trace, every)), trace.dx
    if trace.ds_from_h is not None:
        flow = trace.ds_from_h
    for index, layer in enumerate(trace.layers):
        states = _states(trace, view, index, every)
        gates = _gates(view, index, every, layers, layer) if index == opened else []
        graph.add_layer(states, gates, flow, layer.dc_from_h)
        flow = layer.from_above if index < layers - 1 else trace.flow_y
    for row, into in zip(_outputs(losses, layers, trace), (flow, trace.dy), strict=True):
        graph.add(row, into)
    rows, links = graph.finished()
    label = cut_off_label(view)
    return Unrolled(steps, rows, links, trace.cuts, trace.cut_off, label, layers)


def _input(trace: WindowTrace, every: NDArray[np.intp]) -> Row:
    if trace.flow_s is not None:  # x_t enters the plant's state s_t, and has its gradient
        return Row("s", 0.0, every, trace.dx, is_road=True, arriving=trace.flow_s)
    values = _readable(trace.inputs) if trace.units else None
    shown = _as_one(trace.inputs)
    return Row("x", 0.0, trace.input_steps + 1, trace.dx, values=values, shown=shown)


def _states(trace: WindowTrace, view: RunView, index: int, every: NDArray[np.intp]) -> list[Row]:
    """Return the rows of a layer's states, c below h."""
    layer, units, mark = trace.layers[index], trace.units, _mark(index, len(trace.layers))
    road, rows = "h" in view.shape.roads, []
    if layer.dc is not None:
        rows.append(Row("c", 0.0, every, layer.dc.mean, True, layer.flow_c, shown=layer.cell))
    ends = layer.ends
    rows.append(
        Row(
            "h",
            0.0,
            every,
            layer.dh.mean,
            road,
            layer.flow_h,
            shown=layer.hidden,
            saturated=None if ends is None or ends.dead is not None else ends.saturated,
            dead=None if ends is None else ends.dead,
            silent=None if ends is None else ends.silent,
        )
    )
    if units is not None:
        rows[-1] = replace(rows[-1], values=units.h[index], gradients=units.dh[index])
        if layer.dc is not None:
            rows[0] = replace(rows[0], values=units.c[index], gradients=units.dc[index])
    return [replace(row, stage=index, mark=mark, shown=_one_unit(row)) for row in rows]


def _gates(
    view: RunView,
    index: int,
    every: NDArray[np.intp],
    layers: int,
    layer: LayerTrace | None = None,
) -> list[Row]:
    """Return the rows of a layer's gates; they tell nothing where none were recorded."""
    recorded = {} if layer is None else {gate.name: gate for gate in layer.gates}
    rows = []
    for name, aside in _ASIDE.get(view.config.model.cell, {}).items():
        row = Row(
            name, 0.0, every, stage=index, mark=_mark(index, layers), aside=aside, is_gate=True
        )
        if (gate := recorded.get(name)) is not None:
            row = replace(
                row,
                nodes=gate.gradient,
                values=gate.values,
                gradients=gate.gradients,
                shown=gate.value,
                saturated=gate.saturated,
                passed_on=gate.passed_on,
            )
            row = replace(row, shown=_one_unit(row))
        rows.append(row)
    return rows


def _one_unit(row: Row) -> Values | None:
    """Return a row's values as they are shown: those of a single unit keep their sign."""
    if row.values is not None and row.values.shape[1] == 1:
        one: Values = row.values[:, 0]
        return one
    return row.shown


def _as_one(values: Values) -> Values:
    """Return (N,) from (N, ...): a single number as it is, of several their root mean square."""
    rows = values.reshape(len(values), -1).astype(np.float64)
    found: Values = rows[:, 0] if rows.shape[1] == 1 else np.sqrt(np.mean(rows**2, axis=1))
    return found


def one_sided(data: Unrolled, sides: Sides) -> Unrolled:
    """Return what is drawn of values alone, of gradients alone, or of both."""
    if sides == "both":
        return data
    pick = _values_of if sides == "values" else _gradients_of
    rows = {id(row): pick(row) for row in data.rows}
    links = tuple(
        replace(
            link,
            low=rows[id(link.low)],
            high=rows[id(link.high)],
            magnitudes=None if sides == "values" else link.magnitudes,
        )
        for link in data.links
    )
    drawn = replace(data, rows=tuple(rows.values()), links=links, sides=sides)
    if sides == "values":  # truncation cuts nothing on the way forward
        return replace(drawn, cuts=np.zeros_like(data.cuts), cut_off=0)
    return drawn


def without_ends(data: Unrolled) -> Unrolled:
    """Return the same without marks of units."""
    rows = {id(row): replace(row, saturated=None, dead=None, silent=None) for row in data.rows}
    links = tuple(
        replace(link, low=rows[id(link.low)], high=rows[id(link.high)]) for link in data.links
    )
    return replace(data, rows=tuple(rows.values()), links=links)


def _values_of(row: Row) -> Row:
    return replace(
        row, nodes=row.shown, arriving=None, gradients=None, has_gradient=row.shown is not None
    )


def _gradients_of(row: Row) -> Row:
    return replace(row, values=row.gradients, gradients=None)


def with_pinned(data: Unrolled, view: RunView) -> Unrolled:
    """Add below a row for the hidden states of each pinned run."""
    rows, steps = list(data.rows), data.steps
    for below, run in enumerate(view.pinned, start=1):
        if (trace := run.history.trace) is not None:
            every = np.arange(1, len(trace.dh.mean) + 1)
            magnitudes, arriving = trace.dh.mean, trace.flow_h
            height = -_BELOW * below
            row = Row("h", height, every, magnitudes, is_road=True, arriving=arriving, run=run.sign)
            row = replace(row, shown=trace.hidden, stage=ELSEWHERE)
            rows.append(row)
            steps = max(steps, len(every))
    return replace(data, rows=tuple(rows), steps=steps)


def _outputs(losses: np.ndarray, layers: int, trace: WindowTrace | None = None) -> list[Row]:
    outputs, loss = Row("y", 0.0, losses), Row("L", 0.0, losses, has_gradient=False)
    if trace is not None:
        outputs = replace(outputs, nodes=trace.dy, shown=_as_one(trace.outputs))
        if trace.units is not None and (values := _readable(trace.outputs)) is not None:
            outputs = replace(outputs, values=values, gradients=trace.units.dy)
            loss = replace(loss, values=trace.losses[:, None])
    return [replace(outputs, stage=layers - 1), replace(loss, stage=LOSS)]


def _readable(values: np.ndarray) -> np.ndarray | None:
    """Return (N, few) numbers; ``None`` where they are too many to be read in a node."""
    rows = values.reshape(len(values), -1)
    return rows if rows.shape[1] <= _MOST_READ else None


def _mark(layer: int, layers: int) -> str:
    return superscript(layer + 1) if layers > 1 else ""
