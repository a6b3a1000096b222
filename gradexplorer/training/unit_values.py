"""The numbers of single units, where a window is small enough for a person to read them."""

from __future__ import annotations

import numpy as np

from gradexplorer.engine.closed_loop import ClosedLoopNetwork
from gradexplorer.engine.losses import Loss
from gradexplorer.engine.networks import Network
from gradexplorer.engine.parameters import Array
from gradexplorer.training.snapshot import UnitValues, Values

MOST_NUMBERS = 200  # hidden states of a window, all layers together
_MOST_WEIGHTS = 1000


class Taken:
    """What the last update of a small network was made of, which the optimizer overwrites.

    Parameters
    ----------
    network : Network
    """

    def __init__(self, network: Network) -> None:
        self._weights = np.zeros_like(network.parameters.flat)
        self._gradient = np.zeros_like(self._weights)

    def keep(self, network: Network) -> None:
        """Copy the weights, and the gradient as the optimizer is about to be given it."""
        self._weights[...] = network.parameters.flat
        self._gradient[...] = network.gradients.flat

    def named(self, network: Network) -> tuple[dict[str, Values], dict[str, Values]]:
        """Return copies of the weights before the update, and of the gradient, by name."""
        return _named(network, self._weights), _named(network, self._gradient)


def update_to_read(network: Network) -> Taken | None:
    """Return what keeps a network's updates, where it is small enough for them to be read."""
    return Taken(network) if network.parameters.flat.size <= _MOST_WEIGHTS else None


def unit_values(network: Network, loss: Loss, taken: Taken) -> UnitValues | None:
    """Return the last window's numbers; ``None`` where it is too large, or a closed loop.

    Parameters
    ----------
    network : Network
        After its backward pass.
    loss : Loss
        Of that window.
    taken : Taken
        Of its update.
    """
    if isinstance(network, ClosedLoopNetwork):
        return None
    shapes = [_shape(layer.states("h")[1:]) for layer in network.layers]
    if None in shapes or sum(shape[0] * shape[1] for shape in shapes if shape) > MOST_NUMBERS:
        return None
    layers = network.layers
    before, gradients = taken.named(network)
    has_cell_state = "c" in layers[0].state_names

    def states(name: str) -> tuple[Values, ...]:
        return tuple(_first(layer.states(name)[1:]) for layer in layers)

    def signals(name: str) -> tuple[Values, ...]:
        return tuple(_own(network.signal(name, index)) for index in range(len(layers)))

    return UnitValues(
        h=states("h"),
        dh=signals("dh"),
        c=states("c") if has_cell_state else (),
        dc=signals("dc") if has_cell_state else (),
        dy=_own(loss.d_outputs),
        before=before,
        gradients=gradients,
    )


def _shape(states: Array | list[Array]) -> tuple[int, int] | None:
    """Return (T, H); ``None`` where the steps, being layers, are of several widths."""
    if isinstance(states, np.ndarray):
        return len(states), states.shape[2]
    widths = {step.shape[-1] for step in states}
    return (len(states), widths.pop()) if len(widths) == 1 else None


def _first(values: Array | list[Array]) -> Values:
    """Return (T, H) of the first sequence from (T, B, H), or from a list of (B, H)."""
    if isinstance(values, np.ndarray):
        found = values[:, 0].copy()
    else:
        found = np.stack([step[0] for step in values])
    found.flags.writeable = False
    return found


def _own(signal: Array | list[Array]) -> Values:
    """Return the first sequence's part as the gradient of its own loss: B times the mean's."""
    found = _first(signal) * len(signal[0])
    found.flags.writeable = False
    return found


def _named(network: Network, flat: Array) -> dict[str, Values]:
    """Return copies of the parts of a flat vector of the network's parameters, by name."""
    parameters, named, offset = network.parameters, {}, 0
    for name, view in parameters.items():
        part = flat[offset : offset + view.size].reshape(view.shape).copy()
        part.flags.writeable = False
        named[name], offset = part, offset + view.size
    return named
