"""What one step of an update computes, in words, and for a single vanilla unit in numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.engine.truncation import Cut
from gradexplorer.gui.passes import Place
from gradexplorer.gui.text import magnitude, signed, subscript, superscript
from gradexplorer.gui.view import RunView
from gradexplorer.training.snapshot import LayerTrace, UnitValues, WindowTrace, step_letter

_MOST_TERMS = 3  # inputs of a sum that is written out
_MOST_WEIGHTS = 5
_SYMBOLS = {"weight_hh_l0": "W_hh", "weight_ih_l0": "W_ih", "readout.weight": "W_y"}


def where(place: Place, axis: str) -> str:
    """Return the name of a place."""
    if not place.step:
        return place.phase
    arrow = "→" if place.phase == "forward" else "←"
    return f"{place.phase} {arrow} {step_letter(axis)} = {place.step}"


def weights_read(trace: WindowTrace) -> list[str]:
    """Return the weights that the window was run with, where they are few."""
    before = {} if trace.units is None else trace.units.before
    found = {symbol: before[name].ravel() for name, symbol in _SYMBOLS.items() if name in before}
    if sum(map(len, found.values())) > _MOST_WEIGHTS:
        return []
    return [f"{symbol} = {', '.join(map(signed, found[symbol].tolist()))}" for symbol in found]


def told(place: Place, trace: WindowTrace, view: RunView) -> str:
    """Return what is computed at a place, with its numbers."""
    if place.phase == "loss":
        return _loss(trace)
    if place.phase == "update":
        return _update(trace, view)
    unit = _single_unit(trace, view.config)
    go = _forward if place.phase == "forward" else _backward
    return go(place, trace, unit)


@dataclass(frozen=True)
class _Unit:
    """A vanilla network of one unit, whose every product can be written out."""

    activation: str
    values: UnitValues

    def weight(self, name: str) -> np.ndarray:
        return self.values.before[name].ravel()

    @property
    def bias(self) -> float:
        return float(self.weight("bias_ih_l0")[0] + self.weight("bias_hh_l0")[0])

    def slope(self, h: float) -> float | None:
        """Return the activation's slope where its value is h; ``None`` for a linear one."""
        slopes = {"tanh": 1.0 - h * h, "relu": float(h > 0.0), "sigmoid": h * (1.0 - h)}
        return slopes.get(self.activation)


def _single_unit(trace: WindowTrace, config: ExperimentConfig) -> _Unit | None:
    """Return the unit; ``None`` for any other network."""
    values, model = trace.units, config.model
    if values is None or model.cell != "rnn" or len(values.h) > 1 or values.h[0].shape[1] > 1:
        return None
    plain = trace.inputs.ndim == 2 and trace.inputs.shape[1] <= _MOST_TERMS
    single_output = values.dy.shape[1] == 1
    return _Unit(model.activation, values) if plain and single_output else None


def _forward(place: Place, trace: WindowTrace, unit: _Unit | None) -> str:
    letter, row = place.step, place.step - 1
    layer = trace.layers[place.layer]
    mark = superscript(place.layer + 1) if len(trace.layers) > 1 else ""
    bears_loss = row in trace.loss_steps and place.layer == len(trace.layers) - 1
    h = f"h{mark}{subscript(letter)}"
    if unit is None or (row == 0 and not _starts_at_zero(trace)):
        below = f"h{superscript(place.layer)}" if place.layer else "x"
        from_ = f"{below}{subscript(letter)}" if trace.axis == "timestep" or row == 0 else ""
        before = f"h{mark}{subscript(letter - 1)}" if row else ""
        sources = " and ".join(filter(None, (from_, before)))
        output = f"; from it the output y{subscript(letter)}" if bears_loss else ""
        gates = _openings(layer, row)
        return f"{h} from {sources}: root mean square {magnitude(layer.hidden[row])}{gates}{output}"
    terms = [(unit.weight("weight_hh_l0")[0], unit.values.h[0][row - 1, 0])] if row else []
    terms += list(zip(unit.weight("weight_ih_l0"), trace.inputs[row], strict=True))
    total = _sum(terms, unit.bias)
    wrapped = total if unit.activation == "linear" else f"{unit.activation}({total})"
    text = f"{h} = W_hh h + W_ih x + b = {wrapped} = {signed(unit.values.h[0][row, 0])}"
    if bears_loss:
        output = trace.outputs[int(np.flatnonzero(trace.loss_steps == row)[0]), 0]
        read = _sum(
            [(unit.weight("readout.weight")[0], unit.values.h[0][row, 0])],
            float(unit.weight("readout.bias")[0]),
        )
        text += f";  y{subscript(letter)} = W_y h + b = {read} = {signed(output)}"
    return text


def _openings(layer: LayerTrace, row: int) -> str:
    """Return how open a layer's gates are, where they were recorded."""
    told = [
        f"{gate.name} {signed(gate.value[row])}" for gate in layer.gates if not gate.is_candidate
    ]
    return f"; gates open on average: {', '.join(told)}" if told else ""


def _starts_at_zero(trace: WindowTrace) -> bool:
    learned = trace.units is not None and "initial_h_l0" in trace.units.before
    return not learned and trace.cuts[0] == Cut.NONE


def _loss(trace: WindowTrace) -> str:
    mean = float(np.mean(trace.losses))
    if len(trace.losses) > 1:
        return f"L = {signed(mean)}, the mean over {len(trace.losses):,} steps"
    text = f"L = {signed(mean)}"
    if trace.outputs.shape == trace.targets.shape == (1, 1):
        output, target = signed(trace.outputs[0, 0]), signed(trace.targets[0, 0])
        return f"Output {output}, target {target}: {text}"
    return text


def _backward(place: Place, trace: WindowTrace, unit: _Unit | None) -> str:
    row, steps = place.step - 1, len(trace.dh.mean)
    layer = trace.layers[place.layer]
    mark = superscript(place.layer + 1) if len(trace.layers) > 1 else ""
    dh = f"dL/dh{mark}{subscript(place.step)}"
    after = f"h{mark}{subscript(place.step + 1)}"
    if row + 1 < steps and trace.cuts[row + 1] == Cut.FULL:
        return f"‖{dh}‖ = {magnitude(layer.dh.mean[row])}: cut, nothing arrives from {after}"
    if unit is None or _is_cut(trace, row):
        text = f"‖{dh}‖ = {magnitude(layer.dh.mean[row])}"
        if row + 1 < steps:
            text += f", of which {magnitude(layer.flow_h[row])} arrived from {after}"
        return text
    names, products = [], []
    if row + 1 < steps:
        slope = unit.slope(float(unit.values.h[0][row + 1, 0]))
        names.append("W_hh " + ("" if slope is None else "φ′ ") + f"dL/d{after}")
        passed_on = [unit.weight("weight_hh_l0")[0], unit.values.dh[0][row + 1, 0]]
        products.append(passed_on if slope is None else [passed_on[0], slope, passed_on[1]])
    for number in np.flatnonzero(trace.loss_steps == row):
        names.append(f"W_y dL/dy{subscript(place.step)}")
        products.append([unit.weight("readout.weight")[0], unit.values.dy[number, 0]])
    if not products:
        return f"{dh} = 0"
    value = signed(unit.values.dh[0][row, 0])
    return f"{dh} = {' + '.join(names)} = {' + '.join(map(_product, products))} = {value}"


def _is_cut(trace: WindowTrace, row: int) -> bool:
    """Tell whether some of the gradient stops between this step and the next."""
    return bool(row + 1 < len(trace.cuts) and trace.cuts[row + 1])


def _update(trace: WindowTrace, view: RunView) -> str:
    parts = [] if trace.units is None else _changes(trace, trace.units, _rate(trace, view))
    if not parts or len(parts) > _MOST_WEIGHTS:
        return "Every weight takes a step against its gradient"
    return ";  ".join(parts)


def _changes(trace: WindowTrace, units: UnitValues, rate: float | None) -> list[str]:
    """Return for each weight what it was and what it is now, biases left out."""
    parts = []
    for name, symbol in _SYMBOLS.items():
        if name not in units.before:
            continue
        before, after = units.before[name].ravel().tolist(), trace.weights[name].ravel().tolist()
        gradient = units.gradients[name].ravel().tolist()
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            which = symbol + (subscript(index + 1) if len(before) > 1 else "")
            if rate is None:
                parts.append(f"{which}: {signed(old)} → {signed(new)}")
            else:
                step = _product([rate, gradient[index]])
                parts.append(f"{which} = {signed(old)} − {step} = {signed(new)}")
    return parts


def _rate(trace: WindowTrace, view: RunView) -> float | None:
    """Return the learning rate of plain gradient descent, and of nothing else."""
    optimizer = view.config.optimizer
    if optimizer.name != "sgd" or optimizer.momentum or optimizer.weight_decay:
        return None
    metrics = view.history.metrics
    found = np.flatnonzero(metrics["iteration"] == trace.iteration)
    return float(metrics["learning_rate"][found[0]]) if len(found) else None


def _sum(terms: list[tuple[float, float]], bias: float) -> str:
    text = " + ".join(_product([weight, value]) for weight, value in terms)
    return f"{text} + {_factor(bias)}" if bias else text


def _product(factors: list[float]) -> str:
    return " · ".join(map(_factor, factors))


def _factor(value: float) -> str:
    text = signed(float(value))
    return f"({text})" if text.startswith("−") or "·" in text else text
