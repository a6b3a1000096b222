"""Networks that steer a plant: what they are made of, and what they cannot have."""

from __future__ import annotations

import numpy as np

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.model import layer_widths
from gradexplorer.engine.closed_loop import ClosedLoopNetwork
from gradexplorer.engine.loop_sizes import loop_numbers
from gradexplorer.engine.plants import PLANTS
from gradexplorer.errors import InputError
from gradexplorer.tasks.closed_loop import ClosedLoopTask

_TRACED = 4  # vectors of H numbers, side by side while a trace is made
_TASK_NUMBERS = 6  # of inputs, targets and outputs, as drawn in float64 and as used


def check_closed_loop(config: ExperimentConfig) -> None:
    """Raise `InputError` where an experiment asks for what a controller cannot have."""
    model, name = config.model, config.task.name
    if model.cell != "feedforward" and model.layers != 1:
        raise InputError(
            f"model.layers is {model.layers}, but this task.name, '{name}', is steered by a single "
            "recurrent layer; set it to 1."
        )
    if config.regularizer.method != "off":
        raise InputError(
            f"regularizer.method is '{config.regularizer.method}', which looks at a network's own "
            f"recurrent weights alone; in the closed loop of this task.name, '{name}', the "
            "gradient also goes through the plant. Set it to 'off'."
        )


def controller_widths(config: ExperimentConfig) -> tuple[int, ...]:
    """Return the controller's hidden units, of each layer."""
    model = config.model
    return layer_widths(model) if model.cell == "feedforward" else (model.hidden_size,)


def closed_loop(config: ExperimentConfig, task: ClosedLoopTask) -> ClosedLoopNetwork:
    """Make the network, its weights all zero."""
    return ClosedLoopNetwork(
        task.plant,
        task.scales,
        config.model.cell,
        controller_widths(config),
        np.dtype(config.training.precision),
        activation=config.model.activation,
        learns_initial_state=config.model.initial_state == "learned"
        and config.model.cell != "feedforward",
    )


def closed_loop_bytes(config: ExperimentConfig, task: ClosedLoopTask) -> int:
    """Return the memory that a run's arrays take, from the shapes alone."""
    plant, widths = PLANTS[task.plant], controller_widths(config)
    itemsize = np.dtype(config.training.precision).itemsize
    kept = loop_numbers(task.plant, config.model.cell, widths)
    drawn = _TASK_NUMBERS * (task.input_size + task.output_size)
    trained_on = task.length * config.training.batch_size
    tried = task.trial_steps * task.held_out_size
    numbers = trained_on * (kept + drawn + _TRACED * widths[-1])
    numbers += tried * (kept + drawn)
    below = (plant.seen_size, *widths)
    weights = sum(high * (low + high) for low, high in zip(below, widths, strict=False))
    return (numbers + 8 * weights) * itemsize
