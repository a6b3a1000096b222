"""What a run's windows will look like, without running anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.model import layer_widths
from gradexplorer.engine.truncation import Cut, backward_plan
from gradexplorer.tasks.task import EpisodeTask
from gradexplorer.training.build import build_task
from gradexplorer.training.feed import effective, stream_steps
from gradexplorer.training.regularize import check_regularizer


@dataclass(frozen=True, eq=False)
class WindowShape:
    """The steps of a full window.

    Attributes
    ----------
    steps : int
        T.
    loss_steps : sequence of int
    cuts : ndarray of uint8, shape (T,)
        The `Cut` on the edge from t to t - 1.
    has_cell_state : bool
    input_steps : sequence of int
        The steps at which an input enters.
    axis : str
        What the steps are, as in `WindowTrace`.
    """

    steps: int
    loss_steps: Sequence[int]
    cuts: NDArray[np.uint8]
    has_cell_state: bool
    input_steps: Sequence[int]
    axis: str = "timestep"


def window_shape(config: ExperimentConfig) -> WindowShape:
    """Return the shape of an experiment's windows; raises `InputError` as `Trainer` does."""
    check_regularizer(config)
    task = build_task(config)
    has_cell_state = config.model.cell == "lstm"
    if config.model.cell == "feedforward":
        depth = len(layer_widths(config.model))
        none = np.zeros(depth, np.uint8)
        return WindowShape(depth, range(depth - 1, depth), none, False, range(1), "layer")
    if isinstance(task, EpisodeTask):
        k1, k2 = effective(config.bptt, task.length)
        cuts = backward_plan(task.length, task.loss_steps, k1, k2).cuts
        every = range(task.length)
        return WindowShape(task.length, task.loss_steps, cuts, has_cell_state, every)
    steps = stream_steps(task, config.training.batch_size)
    k1, k2 = effective(config.bptt, steps)
    cuts = np.zeros(k2, np.uint8)
    if k2 < steps:  # the state is carried into the window, its gradient is not carried out
        cuts[0] = Cut.FULL
    return WindowShape(k2, range(k2 - k1, k2), cuts, has_cell_state, range(k2))
