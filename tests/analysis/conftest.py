"""Small windows to be measured."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from gradexplorer.analysis.window import Batch, MeasuredWindow, measured_window, run_window
from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.engine.losses import LOSSES
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.truncation import backward_plan
from gradexplorer.training.feed import Window
from gradexplorer.training.trainer import Trainer

Measure = Callable[..., MeasuredWindow]
Sized = Callable[..., MeasuredWindow]


@pytest.fixture(scope="session")
def measure() -> Callable[[ExperimentConfig], MeasuredWindow]:
    """Give a function that measures an experiment's first window with its initial weights."""
    return lambda config: measured_window(config, Trainer(config).weights())


@pytest.fixture(scope="session")
def sized() -> Sized:
    """Give a function that makes a random window of a cell, every kind of loss step possible."""

    def make(
        cell: str = "rnn",
        *,
        steps: int = 7,
        batch: int = 3,
        hidden: int = 4,
        depth: int = 1,
        loss_steps: tuple[int, ...] | None = None,
        activation: str = "tanh",
        learned: bool = False,
        config: ExperimentConfig | None = None,
        scale: float = 0.8,
    ) -> MeasuredWindow:
        generator = np.random.default_rng(3)
        network = RecurrentNetwork(
            cell,
            2,
            hidden,
            2,
            np.float64,
            depth=depth,
            activation=activation,
            learns_initial_state=learned,
        )
        flat = network.parameters.flat
        flat[...] = scale * generator.standard_normal(flat.size) / np.sqrt(hidden / 4)
        losses = tuple(range(steps)) if loss_steps is None else loss_steps
        inputs = generator.standard_normal((steps, batch, 2))
        targets = generator.standard_normal((len(losses), batch, 2))
        plan = backward_plan(steps, losses)
        window = Window(inputs, targets, losses, None, 0, plan, steps, steps)
        loss = LOSSES["mean_squared_error"]
        settings = config or ExperimentConfig()
        return run_window(settings, network, window, loss, Batch(0, 1, 0, batch))

    return make
