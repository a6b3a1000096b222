"""What is inside a layer at each step of a window: gates, and units without much of a slope."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Flag, auto
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradexplorer.engine.activations import OPEN, SHUT, TANH_END
from gradexplorer.engine.feedforward import DenseStack
from gradexplorer.engine.networks import Layer, Network
from gradexplorer.engine.parameters import Array
from gradexplorer.engine.records import norms_of_own_loss

Values = NDArray[np.floating]
Bits = NDArray[np.bool_]

CANDIDATES = ("g", "n")  # what a gate lets in: a tanh, no sigmoid


class Detail(Flag):
    """What of a trace is measured only while somebody looks at it."""

    NONE = 0
    ENDS = auto()
    GATES = auto()


WHOLE = Detail.ENDS | Detail.GATES


class Ends(NamedTuple):
    """Units that pass little of their gradient on, as shares at each step, each (T,).

    Attributes
    ----------
    saturated : ndarray
        Of units and sequences, where the unit is saturated; see
        `gradexplorer.engine.layer.RecurrentLayer.squashed` for what is measured.
    silent, dead : ndarray or None
        Of ReLU: the share of units and sequences where the unit is 0, and of units that are 0 in
        every sequence of the batch.
    """

    saturated: Values
    silent: Values | None
    dead: Values | None


@dataclass(frozen=True, eq=False)
class GateTrace:
    """One gate of a layer, or its candidate; arrays are read-only.

    Attributes
    ----------
    name : str
        PyTorch's: i, f, g, o of an LSTM, r, z, n of a GRU.
    value : ndarray, shape (T,)
        How open it is: the mean over units, of the batch's first sequence. Of a candidate, which
        is signed, the root mean square.
    gradient : ndarray, shape (T,)
        ||dL/d(gate)||, as all norms of a `WindowTrace`. Each gate feeds one thing only, so it is
        also what arrives from there.
    passed_on : ndarray, shape (T,)
        ||dL/da||, a the pre-activation: what is left of it behind the gate's slope.
    low, high : ndarray, shape (T,)
        The share of units and sequences at its ends: shut and open, or of a candidate below and
        above.
    values, gradients : ndarray, shape (T, H), or None
        Each unit's, of the first sequence and its own loss, where they can be read.
    """

    name: str
    value: Values
    gradient: Values
    passed_on: Values
    low: Values
    high: Values
    values: Values | None = None
    gradients: Values | None = None

    @property
    def is_candidate(self) -> bool:
        """Whether it is what a gate lets in."""
        return self.name in CANDIDATES

    @property
    def saturated(self) -> Values:
        """The share at either end."""
        both: Values = self.low + self.high
        return both


def ends_of(layer: Layer) -> Ends:
    """Measure the units of a layer's last window."""
    values, activation = layer.squashed()
    return Ends(
        saturated=_shares(values, activation.saturated),
        silent=_shares(values, _is_zero) if activation.can_die else None,
        dead=_shares(values, _is_zero_everywhere) if activation.can_die else None,
    )


def gates_of(network: Network, index: int, *, readable: bool) -> tuple[GateTrace, ...]:
    """Measure the gates of a layer after a backward pass; none where it has none.

    Parameters
    ----------
    network : Network
    index : int
        Of the layer.
    readable : bool
        Whether each unit's numbers are wanted.
    """
    layer = network.layers[index]
    values = layer.gate_values()
    if isinstance(layer, DenseStack) or not values:
        return ()
    dh = network.signal("dh", index)
    assert not isinstance(dh, list)
    dc = network.signal("dc", index) if "c" in layer.state_names else None
    assert not isinstance(dc, list)
    gradients, passed_on = layer.gate_gradients(dh, dc), layer.pre_activation_gradients()
    return tuple(
        _gate(name, values[name], gradients[name], passed_on[name], readable=readable)
        for name in values
    )


def _gate(
    name: str, values: Array, gradients: Array, passed_on: Array, *, readable: bool
) -> GateTrace:
    first = values[:, 0].astype(np.float64)
    if name in CANDIDATES:
        value, low, high = np.sqrt(np.mean(first**2, axis=1)), -TANH_END, TANH_END
    else:
        value, low, high = first.mean(axis=1), SHUT, OPEN
    return GateTrace(
        name=name,
        value=_frozen(value),
        gradient=_frozen(norms_of_own_loss(gradients).mean(axis=1)),
        passed_on=_frozen(norms_of_own_loss(passed_on).mean(axis=1)),
        low=_shares(values, lambda part: part < low),
        high=_shares(values, lambda part: part > high),
        values=_frozen(values[:, 0].copy()) if readable else None,
        gradients=_frozen(gradients[:, 0] * gradients.shape[1]) if readable else None,
    )


def _is_zero(values: Array) -> Bits:
    found: Bits = values == 0.0
    return found


def _is_zero_everywhere(values: Array) -> Bits:
    """Tell of each unit of (..., B, H) whether it is 0 in every sequence."""
    found: Bits = (values == 0.0).all(axis=-2)
    return found


def _shares(values: Array | list[Array], chosen: Callable[[Array], Bits]) -> Values:
    """Return (T,) the share that is chosen of (T, B, H), or of a list of (B, H_t)."""
    if isinstance(values, list):
        return _frozen(np.array([chosen(step).mean() for step in values]))
    bits = chosen(values).reshape(len(values), -1)
    # Counted packed: four times as fast as as they are.
    counts = np.bitwise_count(np.packbits(bits, axis=1)).sum(axis=1, dtype=np.int64)
    return _frozen(counts / bits.shape[1])


def _frozen(values: Values) -> Values:
    values.flags.writeable = False
    return values
