"""Finding where a window stopped being finite."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from gradexplorer.engine.feedforward import FeedforwardNetwork
from gradexplorer.engine.networks import Layer, Network
from gradexplorer.engine.parameters import Array
from gradexplorer.training.feed import Window
from gradexplorer.training.snapshot import Divergence

_STATES = {"h": "the hidden state", "c": "the cell state"}


def locate_in_forward(
    network: Network, window: Window, outputs: Array, iteration: int
) -> Divergence:
    """Say where in the forward pass a loss came from that is not finite."""
    found: list[tuple[int, str]] = []
    for layer in _layers(network):
        for name in reversed(layer.state_names):  # a cell state comes before what is read of it
            step = _first(layer.states(name)[1:])
            if step is not None:
                found.append((step, _STATES[name] + _of_layer(network, layer.index)))
    row = _first(outputs)
    if row is not None:
        found.append((window.loss_steps[row], "the output"))
    if found:
        step, where = min(found, key=lambda entry: entry[0])
        return Divergence(iteration, "loss", step + 1, where, axis_of(network))
    largest = int(np.argmax(np.abs(outputs).max(axis=(1, 2))))
    where = f"the loss itself, of an output as large as {np.abs(outputs).max():.1e}"
    return Divergence(iteration, "loss", window.loss_steps[largest] + 1, where, axis_of(network))


def locate_in_backward(network: Network, iteration: int) -> Divergence:
    """Say where on its way back in time a gradient stopped being finite."""
    found: list[tuple[int, str]] = []
    for layer in reversed(_layers(network)):
        for name in reversed(layer.state_names):
            signal = network.signal(f"d{name}", layer.index)
            step = _first(signal[::-1])
            if step is not None:
                back = "in time" if axis_of(network) == "timestep" else "through the layers"
                where = f"dL/d{name}{_of_layer(network, layer.index)}, going back {back},"
                found.append((step, where))
    if found:
        step, where = min(found, key=lambda entry: entry[0])
        return Divergence(iteration, "gradient", len(signal) - step, where, axis_of(network))
    finite = np.isfinite(network.gradients.flat)
    if finite.all():
        return Divergence(iteration, "gradient", None, "its norm")
    index = int(np.argmin(finite))
    where = f"the gradient of {network.gradients.name_at(index)}"
    return Divergence(iteration, "gradient", None, where)


def locate_in_update(network: Network, iteration: int) -> Divergence:
    """Say which parameter an update made too large for the precision."""
    index = int(np.argmin(np.isfinite(network.parameters.flat)))
    return Divergence(iteration, "update", None, network.parameters.name_at(index))


def _of_layer(network: Network, index: int) -> str:
    return f" of layer {index + 1}" if len(network.layers) > 1 else ""


def _layers(network: Network) -> Sequence[Layer]:
    return network.layers


def axis_of(network: Network) -> str:
    """Return what a network's steps are."""
    return "layer" if isinstance(network, FeedforwardNetwork) else "timestep"


def _first(values: Iterable[Array]) -> int | None:
    """Return the index of the first array with a value that is not finite."""
    finite = (np.isfinite(part).all() for part in values)
    return next((index for index, good in enumerate(finite) if not good), None)
