"""From what the user asked for to what computes it."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator, SeedSequence

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.model import ModelConfig
from gradexplorer.config.training import OptimizerConfig
from gradexplorer.engine.initializers import orthogonal, uniform
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.optimizers import SGD, Adam, Optimizer
from gradexplorer.tasks import make_task
from gradexplorer.tasks.task import EpisodeTask, StreamTask


def build_generators(seed: int) -> tuple[Generator, Generator, Generator]:
    """Return independent generators for the weights, the training data and the held-out data."""
    weights, training, held_out = map(np.random.default_rng, SeedSequence(seed).spawn(3))
    return weights, training, held_out


def build_task(config: ExperimentConfig) -> EpisodeTask | StreamTask:
    """Make the experiment's task."""
    return make_task(**config.task.model_dump())


def build_optimizer(config: OptimizerConfig) -> Optimizer:
    """Make the optimizer, without its learning rate."""
    return SGD(config.momentum) if config.name == "sgd" else Adam()


def build_network(
    config: ExperimentConfig, task: EpisodeTask | StreamTask, generator: Generator
) -> RecurrentNetwork:
    """Make the network with its initial weights."""
    network = RecurrentNetwork(
        config.model.cell,
        task.input_size,
        config.model.hidden_size,
        task.output_size,
        np.dtype(config.training.precision),
        depth=config.model.layers,
        activation=config.model.activation,
        learns_initial_state=config.model.initial_state == "learned",
    )
    _initialize(network, config.model, generator)
    return network


def _initialize(network: RecurrentNetwork, model: ModelConfig, generator: Generator) -> None:
    size = model.hidden_size
    bound = 1.0 / np.sqrt(size)
    for name, parameter in network.parameters.items():
        if not name.startswith("initial_"):
            parameter[...] = uniform(generator, parameter.shape, bound)
    for index in range(model.layers):
        recurrent = network.parameters[f"weight_hh_l{index}"]
        if model.recurrent_init == "orthogonal":
            for start in range(0, len(recurrent), size):
                recurrent[start : start + size] = orthogonal(generator, size)
        recurrent *= model.recurrent_gain
        if model.cell == "lstm":
            network.parameters[f"bias_ih_l{index}"][size : 2 * size] += model.forget_bias
