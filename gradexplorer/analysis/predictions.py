"""The decay rates that weights, gates or dynamics let expect of a lag profile."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gradexplorer.analysis.dynamics import jacobian_norms, lyapunov_spectrum
from gradexplorer.analysis.loop_steps import LoopSteps
from gradexplorer.analysis.watch import Values
from gradexplorer.analysis.window import MeasuredWindow
from gradexplorer.engine.closed_loop import ClosedLoopNetwork
from gradexplorer.engine.feedforward import FeedforwardNetwork
from gradexplorer.engine.network import RecurrentNetwork

_LOOKED_AT = 25  # steps of a closed loop whose singular values are taken


class Prediction(NamedTuple):
    """A decay rate that is to be expected.

    Attributes
    ----------
    name : str
        What it is made from, for a person.
    rate : float
        Factor a step.
    is_bound : bool
        Whether no step can have a larger factor.
    """

    name: str
    rate: float
    is_bound: bool


def predicted_decay(measured: MeasuredWindow) -> tuple[Prediction, ...]:
    """Return the decay rates that the top layer lets expect.

    Vanilla cell: the spectral radius and the largest singular value of W_hh, each times the
    largest slope of the activation; the second bounds the factor of every step (Pascanu 2013,
    section 2.1). LSTM and GRU: the geometric mean of what the gate on the carry edge (f, z) let
    through in this window. Feedforward: the largest singular value of any layer's weights.

    Closed loop, whatever the controller: exp of its largest Lyapunov exponent along this window,
    which for a linear loop is the spectral radius of its Jacobian; and the geometric mean of that
    Jacobian's largest singular value, over steps and sequences, in the units of the states.
    """
    network = measured.network
    if isinstance(network, FeedforwardNetwork):
        return _of_layers(network)
    if isinstance(network, ClosedLoopNetwork):
        return _of_loop(network)
    return _of_vanilla(network) if network.cell == "rnn" else _of_gate(network)


def _of_vanilla(network: RecurrentNetwork) -> tuple[Prediction, ...]:
    weight, slope = _top_weight(network), steepest(network.activation)
    radius = float(np.abs(np.linalg.eigvals(weight)).max())
    largest = float(np.linalg.norm(weight, 2))
    return (
        Prediction("spectral radius of W_hh", slope * radius, is_bound=False),
        Prediction("largest singular value of W_hh", slope * largest, is_bound=True),
    )


def _of_gate(network: RecurrentNetwork) -> tuple[Prediction, ...]:
    name, what = {"lstm": ("f", "forget gate"), "gru": ("z", "update gate")}[network.cell]
    with np.errstate(divide="ignore"):
        rate = float(np.exp(np.log(network.layer.gate_values()[name]).mean()))
    return (Prediction(f"mean opening of the {what}", rate, is_bound=False),)


def _of_layers(network: FeedforwardNetwork) -> tuple[Prediction, ...]:
    weights = [network.parameters[f"layers.{index}.weight"] for index in range(1, network.depth)]
    if not weights:
        return ()
    rate = max(float(np.linalg.norm(weight, 2)) for weight in weights)
    name = "largest singular value of the layers' weights"
    return (Prediction(name, steepest(network.activation) * rate, is_bound=True),)


def _of_loop(network: ClosedLoopNetwork) -> tuple[Prediction, ...]:
    steps = LoopSteps(network)
    some = np.unique(np.linspace(0, steps.count - 1, _LOOKED_AT).round().astype(np.intp))
    with np.errstate(divide="ignore", over="ignore"):
        largest = float(np.exp(lyapunov_spectrum(steps, count=1).exponents[0]))
        stretch = float(np.exp(np.log(jacobian_norms(steps, at=some.tolist())).mean()))
    return (
        Prediction("Lyapunov exponent of the loop", largest, is_bound=False),
        Prediction("singular values of the loop's steps", stretch, is_bound=False),
    )


def steepest(activation: str) -> float:
    """Return the largest slope that an activation has: 1, or for a sigmoid 1/4."""
    return 0.25 if activation == "sigmoid" else 1.0


def _top_weight(network: RecurrentNetwork) -> Values:
    return np.asarray(network.parameters[f"weight_hh_l{network.layer.index}"], np.float64)
