"""The regularizer of Pascanu (2013), added to a network's gradient."""

from __future__ import annotations

import numpy as np

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.engine.activations import ACTIVATIONS
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.networks import Network
from gradexplorer.engine.omega import omega
from gradexplorer.errors import InputError


def check_regularizer(config: ExperimentConfig) -> None:
    """Raise `InputError` where the regularizer is asked for and the cell is not the vanilla one."""
    if config.regularizer.method != "off" and config.model.cell != "rnn":
        raise InputError(
            f"regularizer.method is '{config.regularizer.method}', which is defined for the "
            f"vanilla cell alone, but model.cell is '{config.model.cell}'; set the first to "
            "'off' or the second to 'rnn'."
        )


def add_regularizer(network: Network, config: ExperimentConfig) -> None:
    """Add the weighted gradient of Omega to that of the last backward pass, where asked for."""
    if config.regularizer.method == "off" or not isinstance(network, RecurrentNetwork):
        return
    for layer in network.layers:
        name, h = f"weight_hh_l{layer.index}", layer.states("h")[1:]
        slopes = np.empty_like(h)
        ACTIVATIONS[network.activation].slope(h, slopes)
        d_preactivation = network.signal("dh", layer.index) * slopes
        found = omega(d_preactivation, slopes, network.parameters[name])
        network.gradients[name][...] += config.regularizer.weight * found.d_weight
