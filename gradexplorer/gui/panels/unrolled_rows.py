"""What the unrolled graph draws of a trace, or of what a window will look like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from gradexplorer.config.model import RECURRENT
from gradexplorer.gui.items.unrolled import Link, Row, Unrolled
from gradexplorer.gui.passes import LOSS
from gradexplorer.gui.text import superscript
from gradexplorer.gui.view import RunView, cut_off_label
from gradexplorer.training.snapshot import WindowTrace

_BELOW = 0.7  # of one pinned run's row to the next, in units of height
_MOST_READ = 4  # numbers of an input or an output that a node has room for
_GAPS = {"x": 0.0, "s": 0.0, "c": 0.65, "h": 0.65, "y": 0.8, "L": 0.6}
_FROM_CELL = 1.0  # up to h from c: more room between what matters most
_EDGES = 0.3  # between two rows, where their numbers take the rest
_MOST_LINES = 8


def of_shape(view: RunView) -> Unrolled:
    """Return a window before there is a trace of one."""
    shape, model = view.shape, view.config.model
    layers = model.layers if model.cell in RECURRENT else 1
    every = np.arange(1, shape.steps + 1)
    losses, inputs = np.array(shape.loss_steps) + 1, np.array(shape.input_steps) + 1
    road = "s" if "s" in shape.roads else ""
    rows = [Row("s", 0.0, every, is_road=True) if road else Row("x", 0.0, inputs)]
    for layer in range(layers):
        for name in "ch" if shape.has_cell_state else "h":
            is_road, mark = name in shape.roads, _mark(layer, layers)
            rows.append(Row(name, 0.0, every, is_road=is_road, stage=layer, mark=mark))
    rows += _outputs(losses, layers)
    rows = _placed(rows)
    return Unrolled(shape.steps, tuple(rows), _links(rows), shape.cuts, layers=layers)


def of_trace(trace: WindowTrace, view: RunView) -> Unrolled:
    """Return a window as it was run."""
    steps, layers = len(trace.dh.mean), len(trace.layers)
    units, roads = trace.units, view.shape.roads
    every, losses = np.arange(1, steps + 1), trace.loss_steps + 1
    if trace.flow_s is None or trace.ds_from_h is None:
        inputs = _readable(trace.inputs) if units else None
        rows = [Row("x", 0.0, trace.input_steps + 1, trace.dx, values=inputs)]
        flows = [trace.dx]
    else:  # x_t enters the plant's state s_t, and has its gradient
        rows = [Row("s", 0.0, every, trace.dx, is_road=True, arriving=trace.flow_s)]
        flows = [trace.ds_from_h]
    for index, layer in enumerate(trace.layers):
        mark = _mark(index, layers)
        if layer.dc is not None and layer.dc_from_h is not None:
            row = Row("c", 0.0, every, layer.dc.mean, True, layer.flow_c, stage=index, mark=mark)
            if units is not None:
                row = replace(row, values=units.c[index], gradients=units.dc[index])
            rows.append(row)
            flows.append(layer.dc_from_h)
        is_road = "h" in roads
        row = Row("h", 0.0, every, layer.dh.mean, is_road, layer.flow_h, stage=index, mark=mark)
        if units is not None:
            row = replace(row, values=units.h[index], gradients=units.dh[index])
        rows.append(row)
        flows.append(layer.from_above if index < layers - 1 else trace.flow_y)
    rows += _outputs(losses, layers, trace)
    flows.append(trace.dy)
    rows = _placed(rows)
    label = cut_off_label(view)
    links = _links(rows, flows)
    return Unrolled(steps, tuple(rows), links, trace.cuts, trace.cut_off, label, layers)


def with_pinned(data: Unrolled, view: RunView) -> Unrolled:
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


def _outputs(losses: np.ndarray, layers: int, trace: WindowTrace | None = None) -> list[Row]:
    outputs, loss = Row("y", 0.0, losses), Row("L", 0.0, losses, has_gradient=False)
    if trace is not None:
        outputs = replace(outputs, nodes=trace.dy)
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


def _placed(rows: Sequence[Row]) -> list[Row]:
    """Return the rows at their heights, the first at 0."""
    heights = np.cumsum([0.0, *(_gap(below, above) for below, above in pairwise(rows))]).tolist()
    return [replace(row, height=height) for row, height in zip(rows, heights, strict=True)]


def _gap(below: Row, above: Row) -> float:
    """Return the room between two rows, by their numbers where these are few."""
    if below.values is not None and above.values is not None:
        lines = below.lines + above.lines
        if lines <= _MOST_LINES:
            return _EDGES + 0.1 * lines
    return _FROM_CELL if (below.name, above.name) == ("c", "h") else _GAPS[above.name]


def _links(rows: Sequence[Row], flows: Sequence[np.ndarray] | None = None) -> tuple[Link, ...]:
    # A link is where both ends have a node: an input, or an output, may be at a few steps only.
    return tuple(
        Link(
            low.height,
            high.height,
            low.steps if len(low.steps) < len(high.steps) else high.steps,
            None if flows is None else flows[index],
            low.stage,
            high.stage,
        )
        for index, (low, high) in enumerate(pairwise(rows))
    )
