"""Gates and units: what is open, what is stuck at its end, what is dead, and how values spread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradexplorer.analysis.watch import Values, frozen
from gradexplorer.analysis.window import MeasuredWindow
from gradexplorer.engine.activations import ACTIVATIONS, OPEN, SHUT, Activation
from gradexplorer.engine.closed_loop import ClosedLoopNetwork
from gradexplorer.engine.feedforward import FeedforwardNetwork
from gradexplorer.engine.layer import RecurrentLayer
from gradexplorer.engine.parameters import Array
from gradexplorer.engine.stepped import SteppedLayer
from gradexplorer.engine.stepped_cells import SteppedDense

BINS = 61
_SIGMOID_GATES = ("i", "f", "o", "r", "z")


@dataclass(frozen=True, eq=False)
class GateOpenings:
    """One gate of a layer. Arrays are read-only.

    Attributes
    ----------
    name : str
        PyTorch's: i, f, o of an LSTM, r, z of a GRU.
    mean, low, high : ndarray, shape (T,)
        Mean, 10th and 90th percentile over units and sequences at each step.
    values : ndarray, shape (T, H)
        Of the batch's first sequence, for a heatmap.
    shut, open : ndarray, shape (H,)
        The share of steps and sequences at which each unit is below `SHUT`, above `OPEN`.
    """

    name: str
    mean: Values
    low: Values
    high: Values
    values: Values
    shut: Values
    open: Values


@dataclass(frozen=True, eq=False)
class LayerUnits:
    """The units of a layer; of a feedforward network, of one layer at one step.

    Attributes
    ----------
    hidden, cell : ndarray, shape (T, H)
        h_t and c_t of the batch's first sequence; ``cell`` is ``None`` without a cell state.
    gates : tuple of GateOpenings
        Empty for a vanilla cell.
    saturated : ndarray, shape (H,)
        The share of steps and sequences at which a unit is at its ends: |h| (LSTM: |tanh c|,
        GRU: |n|) above `TANH_END`, for sigmoid units h below `SHUT` or above `OPEN`; see
        `gradexplorer.engine.activations`. Zero for ReLU and linear ones, which have no ends.
    dead : ndarray of bool, shape (H,)
        ReLU units that are 0 at every step of every sequence; else none.
    """

    hidden: Values
    cell: Values | None
    gates: tuple[GateOpenings, ...]
    saturated: Values
    dead: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Histogram:
    """How a parameter's values, or its gradient's, spread.

    Attributes
    ----------
    counts : ndarray of int, shape (BINS,)
    edges : ndarray, shape (BINS + 1,)
        From minus the largest magnitude to plus it.
    zeros, bad : int
        Values that are exactly 0 (counted in the middle bin too), and that are not finite (not
        counted in any).
    mean, deviation : float
        Of the finite ones.
    """

    counts: NDArray[np.int64]
    edges: Values
    zeros: int
    bad: int
    mean: float
    deviation: float


@dataclass(frozen=True, eq=False)
class Units:
    """Gates and units of every layer, and every parameter's histograms.

    Attributes
    ----------
    layers : tuple of LayerUnits
        From the bottom to the top; of a closed loop, the controller's.
    weights, gradients : mapping of str to Histogram
        By the parameters' names; gradients are full and before clipping.
    saturated, dead : float
        The shares over all layers' units (and for saturation steps and sequences).
    axis : str
    """

    layers: tuple[LayerUnits, ...]
    weights: Mapping[str, Histogram]
    gradients: Mapping[str, Histogram]
    saturated: float
    dead: float
    axis: str


def measure_units(measured: MeasuredWindow) -> Units:
    """Measure gates, units and histograms; see `Units`."""
    network = measured.network
    if isinstance(network, FeedforwardNetwork):
        values = network.layers[0].states("h")[1:]
        activation = ACTIVATIONS[network.activation]
        layers = tuple(_plain(one[None], activation) for one in values)
    elif isinstance(network, ClosedLoopNetwork) and isinstance(network.controller, SteppedDense):
        activation = ACTIVATIONS[network.activation]
        layers = tuple(_plain(one, activation) for one in network.controller.values()[1:])
    else:
        layers = tuple(map(_recurrent, network.layers))
    saturated = np.concatenate([layer.saturated for layer in layers])
    dead = np.concatenate([layer.dead for layer in layers])
    return Units(
        layers=layers,
        weights={name: histogram(values) for name, values in network.parameters.items()},
        gradients={name: histogram(values) for name, values in network.gradients.items()},
        saturated=float(saturated.mean()),
        dead=float(dead.mean()),
        axis=measured.axis,
    )


def histogram(values: Array) -> Histogram:
    """Count values in `BINS` bins of equal width, symmetric about zero."""
    flat = values.ravel().astype(np.float64)
    finite = flat[np.isfinite(flat)]
    largest = float(np.abs(finite).max(initial=0.0)) or 1.0
    counts, edges = np.histogram(finite, BINS, (-largest, largest))
    known = len(finite) > 0
    return Histogram(
        counts=frozen(counts.astype(np.int64)),
        edges=frozen(edges),
        zeros=int(np.count_nonzero(finite == 0.0)),
        bad=len(flat) - len(finite),
        mean=float(finite.mean()) if known else np.nan,
        deviation=float(finite.std()) if known else np.nan,
    )


def _recurrent(layer: RecurrentLayer | SteppedLayer) -> LayerUnits:
    h, gates = layer.states("h")[1:], layer.gate_values()
    inner, activation = layer.squashed()
    if not gates:
        return _plain(h, activation)
    c = layer.states("c")[1:] if "c" in layer.state_names else None
    return LayerUnits(
        hidden=frozen(h[:, 0].copy()),
        cell=None if c is None else frozen(c[:, 0].copy()),
        gates=tuple(_gate(name, gates[name]) for name in gates if name in _SIGMOID_GATES),
        saturated=frozen(activation.saturated(inner).mean(axis=(0, 1))),
        dead=frozen(np.zeros(h.shape[2], bool)),
    )


def _plain(h: Array, activation: Activation) -> LayerUnits:
    """Measure a layer without gates; h is (T, B, H)."""
    dead = (h == 0.0).all(axis=(0, 1)) & activation.can_die
    return LayerUnits(
        hidden=frozen(h[:, 0].copy()),
        cell=None,
        gates=(),
        saturated=frozen(activation.saturated(h).mean(axis=(0, 1))),
        dead=frozen(dead),
    )


def _gate(name: str, values: Array) -> GateOpenings:
    low, high = np.percentile(values, (10, 90), axis=(1, 2))
    return GateOpenings(
        name=name,
        mean=frozen(values.mean(axis=(1, 2))),
        low=frozen(low),
        high=frozen(high),
        values=frozen(values[:, 0].copy()),
        shut=frozen((values < SHUT).mean(axis=(0, 1))),
        open=frozen((values > OPEN).mean(axis=(0, 1))),
    )
