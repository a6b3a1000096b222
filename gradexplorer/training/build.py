"""From what the user asked for to what computes it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.random import Generator, SeedSequence

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.fields import settings
from gradexplorer.config.model import layer_widths
from gradexplorer.config.optimizer import OptimizerConfig, ScheduleConfig
from gradexplorer.engine.feedforward import FeedforwardNetwork
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.networks import Network
from gradexplorer.engine.optimizers import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop
from gradexplorer.engine.parameters import Parameters
from gradexplorer.engine.schedules import Schedule, constant, cosine, step, warmed_up
from gradexplorer.errors import InputError
from gradexplorer.tasks import make_task
from gradexplorer.tasks.closed_loop import ClosedLoopTask
from gradexplorer.tasks.flattened import Flattened
from gradexplorer.tasks.task import EpisodeTask, StreamTask
from gradexplorer.training.checkpoint import Checkpoint, check_fit
from gradexplorer.training.full_window import full_window
from gradexplorer.training.initialize import initialize
from gradexplorer.training.regularize import check_regularizer
from gradexplorer.training.steering import check_closed_loop, closed_loop
from gradexplorer.training.weights import load_weights

_OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "sgd": SGD,
    "nesterov": partial(SGD, nesterov=True),
    "rmsprop": RMSprop,
    "adagrad": Adagrad,
    "adam": Adam,
    "adamw": AdamW,
}


def build_generators(seed: int) -> tuple[Generator, Generator, Generator]:
    """Return independent generators for the weights, the training data and the held-out data."""
    weights, training, held_out = map(np.random.default_rng, SeedSequence(seed).spawn(3))
    return weights, training, held_out


def build_task(config: ExperimentConfig) -> EpisodeTask | StreamTask:
    """Make the experiment's task, as its network reads it; raises `InputError`."""
    task = make_task(**config.task.model_dump())
    if isinstance(task, ClosedLoopTask):
        check_closed_loop(config)
        return task
    if config.model.cell != "feedforward":
        return task
    if not isinstance(task, EpisodeTask) or len(task.loss_steps) != 1:
        raise InputError(
            "model.cell is 'feedforward', a network without time, but this task.name, "
            f"'{config.task.name}', asks for an answer at every step or at several; choose a task "
            "with one answer a sequence, such as 'adding', or a recurrent cell."
        )
    return Flattened(task)


def pinned(config: ExperimentConfig) -> ExperimentConfig:
    """Return the experiment with the data that it finds now written down; raises `InputError`."""
    settings_found = dict(build_task(config).pinned)
    if not settings_found:
        return config
    return config.model_copy(update={"task": config.task.model_copy(update=settings_found)})


def build_optimizer(config: OptimizerConfig) -> Optimizer:
    """Make the optimizer, without its learning rate."""
    options = {
        setting.name: getattr(config, setting.name)
        for setting in settings(OptimizerConfig)
        if setting.name not in ("name", "learning_rate")
        and config.name in setting.ui.when.get("name", [config.name])
    }
    # What is not set is left to the rule's own default, which is PyTorch's.
    return _OPTIMIZERS[config.name](
        **{name: value for name, value in options.items() if value is not None}
    )


def build_schedule(config: ScheduleConfig, iterations: int) -> Schedule:
    """Make the schedule of the learning rate for a run of so many updates."""
    warmup = config.warmup_iters if config.warmup == "linear" else 0
    schedule: Schedule = constant
    if config.name == "step":
        schedule = step(config.step_size, config.gamma)
    elif config.name == "cosine":
        schedule = cosine(config.t_max or max(1, iterations - warmup), config.min_factor)
    return warmed_up(warmup, config.start_factor, schedule) if warmup else schedule


def build_network(
    config: ExperimentConfig, task: EpisodeTask | StreamTask, generator: Generator
) -> Network:
    """Make the network with its initial weights; raises `InputError`."""
    check_regularizer(config)
    network = _empty_network(config, task)
    initialize(network.parameters, config.model, full_window(config, task).steps, generator)
    if config.model.weights_file:
        _start_from(config.model.weights_file, network.parameters)
    return network


def _empty_network(config: ExperimentConfig, task: EpisodeTask | StreamTask) -> Network:
    model, dtype = config.model, np.dtype(config.training.precision)
    if isinstance(task, ClosedLoopTask):
        return closed_loop(config, task)
    if model.cell == "feedforward":
        widths = layer_widths(model)
        activation = model.activation
        return FeedforwardNetwork(
            task.input_size, widths, task.output_size, dtype, activation=activation
        )
    return RecurrentNetwork(
        model.cell,
        task.input_size,
        model.hidden_size,
        task.output_size,
        dtype,
        depth=model.layers,
        activation=model.activation,
        learns_initial_state=model.initial_state == "learned",
    )


def check_weights_file(config: ExperimentConfig) -> None:
    """Raise `InputError` if a run could not start from the file that it names."""
    if config.model.weights_file:
        network = _empty_network(config, build_task(config))
        _start_from(config.model.weights_file, network.parameters)


def check_start(checkpoint: Checkpoint) -> None:
    """Raise `InputError` if a run could not go on from there, or has nothing left to do."""
    config = checkpoint.config
    check_regularizer(config)
    check_fit(checkpoint, _empty_network(config, build_task(config)).parameters.shapes)
    if checkpoint.iteration == config.training.iterations:
        raise InputError(
            f"All {checkpoint.iteration:,} updates of the run are made by then; raise Iterations "
            "(training.iterations), or continue from an earlier moment."
        )


def _start_from(file: str, parameters: Parameters) -> None:
    try:
        load_weights(parameters, Path(file))
    except InputError as error:
        raise InputError(f"model.weights_file cannot be used. {error}") from error
