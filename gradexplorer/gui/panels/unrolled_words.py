"""What a node or an edge of the unrolled graph is: values, gradients, shapes."""

from __future__ import annotations

import numpy as np

from gradexplorer.gui.items.unrolled import Link, Row
from gradexplorer.gui.text import magnitude, signed, subscript
from gradexplorer.gui.view import RunView
from gradexplorer.training.inside import CANDIDATES
from gradexplorer.training.snapshot import WindowTrace

MEANING = {
    "L": "loss",
    "y": "output",
    "h": "hidden state",
    "c": "cell state",
    "x": "input",
    "s": "plant's state",
    "i": "input gate",
    "f": "forget gate",
    "g": "candidate",
    "o": "output gate",
    "r": "reset gate",
    "z": "update gate",
    "n": "candidate",
}
_WAYS = {
    ("f", "c"): "times the cell state of the step before",
    ("i", "c"): "lets the candidate g in",
    ("g", "c"): "what the input gate i lets in",
    ("o", "h"): "lets tanh c out",
    ("r", "n"): "lets the hidden state of the step before in",
    ("z", "h"): "keeps the hidden state of the step before",
    ("n", "h"): "what the update gate z lets in",
    ("c", "h"): "through tanh and the output gate",
    ("y", "L"): "the loss function",
}


def shape_of(row: Row, step: int, trace: WindowTrace, view: RunView) -> str:
    """Return how many sequences and units a node has."""
    batch = view.config.training.batch_size
    if row.name == "L":
        return f"mean over {_count(batch, 'sequence')}"
    units = _units(row, step, trace)
    many = "units" if row.name not in "xsy" else "numbers"
    return f"{_count(batch, 'sequence')} × {units:,} {many if units > 1 else many[:-1]}"


def node_of(
    row: Row, index: int, step: int, steps: int, *, computed: bool = True, reached: bool = True
) -> list[str]:
    """Return what a node has: its numbers, its gradient, what arrived.

    Parameters
    ----------
    row : Row
    index, step, steps : int
        Its place in the row, its step counted from 1, and how many steps there are.
    computed, reached : bool
        Whether the forward pass, and the backward pass, has come to it.
    """
    name, lines = row.name + row.mark, []
    if row.nodes is not None and row.name != "L" and reached:
        lines.append(f"‖dL/d{name}‖ = {magnitude(row.nodes[index])}")
    if row.arriving is not None and step < steps and reached:
        lines.append(f"arriving from {name}{subscript(step + 1)}: {magnitude(row.arriving[index])}")
    if row.passed_on is not None and reached:
        lines.append(f"‖dL/da‖ = {magnitude(row.passed_on[index])} behind its slope")
    if computed:
        lines += _value_of(row, index)
    if row.values is not None and row.name != "L" and computed:
        lines.append(f"first sequence: {name} = {_listed(row.values[index])}")
    if row.name == "L" and row.values is not None and computed:
        lines.append(f"mean over the batch: {_listed(row.values[index])}")
    if row.gradients is not None and reached:
        lines.append(f"first sequence: dL/d{name} = {_listed(row.gradients[index])}")
    if computed:
        lines += _ends_of(row, index)
    return lines


def _value_of(row: Row, index: int) -> list[str]:
    """Return a node's value, as it is coloured; of several units a summary."""
    if row.shown is None or row.name == "L":
        return []
    number = float(row.shown[index])
    if row.values is not None and row.values.shape[1] == 1:
        return []  # it is told as the first sequence's
    if row.is_gate and row.name not in CANDIDATES:
        return [f"mean opening {signed(number)}, first sequence"]
    return [f"value {signed(number)}: root mean square, first sequence"]


def _ends_of(row: Row, index: int) -> list[str]:
    """Return which units pass little on."""
    told = []
    if row.saturated is not None:
        told.append(f"saturated: {row.saturated[index]:.0%} of units and sequences")
    if row.silent is not None:
        told.append(f"0: {row.silent[index]:.0%} of units and sequences")
    if row.dead is not None:
        told.append(f"0 in every sequence: {row.dead[index]:.0%} of units")
    return told


def road_of(
    row: Row, step: int, trace: WindowTrace | None, view: RunView, *, reached: bool = True
) -> list[str]:
    """Return what joins a node to the next step's; ``reached`` as in `node_of`."""
    name, ends = row.name + row.mark, (subscript(step), subscript(step + 1))
    lines = [f"{name}{ends[0]} → {name}{ends[1]}: {MEANING[row.name]}, handed on"]
    if trace is None:
        return lines
    if row.arriving is not None and reached:
        back = magnitude(float(row.arriving[step - 1]))
        lines.append(f"gradient that flows back over it: {back}")
    lines.append(shape_of(row, step, trace, view))
    ways = {"c": "through the forget gate, without weights", "s": "through the plant"}
    lines.append(ways.get(row.name) or _weight(_recurrent(row, step, view), trace))
    return list(filter(None, lines))


def link_of(
    link: Link, step: int, trace: WindowTrace | None, view: RunView, *, reached: bool = True
) -> list[str]:
    """Return what an edge upwards is; ``reached`` as in `node_of`, of its lower end."""
    low, high = link.low, link.high
    names = [f"{row.name}{row.mark}{subscript(step)}" for row in (low, high)]
    lines = [f"{names[0]} → {names[1]}: {MEANING[low.name]} to {MEANING[high.name]}"]
    if trace is None:
        return lines
    if link.magnitudes is not None and reached:
        index = int(np.flatnonzero(link.steps == step)[0])
        back = magnitude(float(link.magnitudes[index]))
        if high.is_gate and not low.is_gate:
            lines.append(f"‖dL/da‖ = {back}, behind the slope of {high.name}")
        else:
            lines.append(f"gradient that flows back over it: {back}")
    lines.append(shape_of(low, step, trace, view))
    lines.append(_WAYS.get((low.name, high.name)) or _weight(_upward(high, view), trace))
    return list(filter(None, lines))


def _recurrent(row: Row, step: int, view: RunView) -> str:
    if view.shape.axis == "layer":
        return f"layers.{step}.weight"
    return f"weight_hh_l{row.stage}"


def _upward(high: Row, view: RunView) -> str:
    if high.name == "y":
        return "readout.weight"
    if view.config.model.cell == "feedforward":
        return "layers.0.weight"
    return f"weight_ih_l{high.stage}"


def _weight(name: str, trace: WindowTrace) -> str:
    """Return a parameter with its shape, if there is one of that name."""
    values = trace.weights.get(name)
    return "" if values is None else f"{name}: {' × '.join(f'{n:,}' for n in values.shape)}"


def _units(row: Row, step: int, trace: WindowTrace) -> int:
    if row.name == "x":
        return int(np.prod(trace.inputs.shape[1:]))
    if row.name == "s":
        return int(np.prod(trace.inputs.shape[1:]))
    if row.name == "y":
        return int(np.prod(trace.outputs.shape[1:]))
    weights = trace.weights
    if (recurrent := weights.get(f"weight_hh_l{row.stage}")) is not None:
        return int(recurrent.shape[1])
    if trace.axis == "layer":
        return int(weights[f"layers.{step - 1}.weight"].shape[0])
    return int(weights["readout.weight"].shape[1])


def _count(number: int, name: str) -> str:
    return f"{number:,} {name}" if number == 1 else f"{number:,} {name}s"


def _listed(numbers: np.ndarray) -> str:
    return ", ".join(signed(float(number)) for number in numbers)
