"""What the unrolled graph draws of a trace, or of what a window will look like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gradexplorer.config.model import RECURRENT
from gradexplorer.gui.items.unrolled import Link, Row, Sides, Unrolled
from gradexplorer.gui.passes import ELSEWHERE, LOSS
from gradexplorer.gui.text import superscript
from gradexplorer.gui.view import RunView, cut_off_label
from gradexplorer.training.snapshot import LayerTrace, Values, WindowTrace

_BELOW = 0.7  # of one pinned run's row to the next, in units of height
_MOST_READ = 4  # numbers of an input or an output that a node has room for
_GAPS = {"x": 0.0, "s": 0.0, "c": 0.65, "h": 0.65, "y": 0.8, "L": 0.6}
_FROM_CELL = 1.0  # up to h from c: more room between what matters most
_EDGES = 0.3  # between two rows, where their numbers take the rest
_MOST_LINES = 8
_GATE = 0.45  # from one gate up to the next
# From the bottom up, with how far right of its step each stands, in columns.
_ASIDE = {
    "lstm": {"i": -0.3, "f": -0.1, "g": 0.1, "o": 0.3},
    "gru": {"r": -0.26, "z": 0.3, "n": 0.0},
}
_FEEDS = {"i": "c", "f": "c", "g": "c", "o": "h", "r": "n", "z": "h", "n": "h"}


def of_shape(view: RunView, opened: int | None = None) -> Unrolled:
    """Return a window before there is a trace of one."""
    shape, model = view.shape, view.config.model
    layers = model.layers if model.cell in RECURRENT else 1
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


class Builder:
    """Puts rows on one another and joins what feeds what.

    Parameters
    ----------
    lowest : Row
    """

    def __init__(self, lowest: Row) -> None:
        self._rows = [lowest]
        self._joined: list[tuple[int, int, Values | None, bool]] = []
        self._top = 0  # the row that feeds what comes next

    def add(self, row: Row, flow: Values | None = None) -> None:
        """Add what the last row feeds, and what flows back to that."""
        self._join(self._top, self._put(row), flow)
        self._top = len(self._rows) - 1

    def add_layer(
        self,
        states: Sequence[Row],
        gates: Sequence[Row],
        flow: Values | None = None,
        from_h: Values | None = None,
    ) -> None:
        """Add a layer that the last row feeds, its gates below its states where it is open."""
        below = self._top
        for row in gates:
            self._join(below, self._put(row), row.passed_on)
        if not gates:
            self._join(below, len(self._rows), flow)
        for row in states:
            self._put(row)
        self._top = h = len(self._rows) - 1
        if len(states) > 1:
            self._join(h - 1, h, from_h)
        at = {
            row.name: h - len(states) - len(gates) + 1 + i
            for i, row in enumerate((*gates, *states))
        }
        for row in gates:
            self._join(at[row.name], at[_FEEDS[row.name]], row.nodes)
            self._join(h, at[row.name], None, is_recurrent=True)

    def _put(self, row: Row) -> int:
        self._rows.append(row)
        return len(self._rows) - 1

    def _join(
        self, low: int, high: int, flow: Values | None = None, *, is_recurrent: bool = False
    ) -> None:
        self._joined.append((low, high, flow, is_recurrent))

    def finished(self) -> tuple[tuple[Row, ...], tuple[Link, ...]]:
        """Return the rows at their heights, and the links."""
        rows = _placed(self._rows)
        # A link is where both ends have a node: an input or an output may be at a few steps only.
        links = tuple(
            Link(
                rows[low],
                rows[high],
                min(rows[low].steps, rows[high].steps, key=len),
                flow,
                is_recurrent,
            )
            for low, high, flow, is_recurrent in self._joined
        )
        return tuple(rows), links


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
    rows = {id(row): replace(row, saturated=None, dead=None) for row in data.rows}
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


def _placed(rows: Sequence[Row]) -> list[Row]:
    """Return the rows at their heights, the first at 0."""
    heights = np.cumsum([0.0, *(_gap(below, above) for below, above in pairwise(rows))]).tolist()
    return [replace(row, height=height) for row, height in zip(rows, heights, strict=True)]


def _gap(below: Row, above: Row) -> float:
    """Return the room between two rows, by their numbers where these are few."""
    if above.is_gate and below.is_gate and below.values is None:
        return _GATE
    if below.values is not None and above.values is not None:
        lines = below.lines + above.lines
        if lines <= _MOST_LINES:
            return _EDGES + 0.1 * lines
    return _FROM_CELL if (below.name, above.name) == ("c", "h") else _GAPS.get(above.name, 0.65)
