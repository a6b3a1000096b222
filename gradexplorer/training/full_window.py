"""What a full window is: its steps, its losses, and how far they are carried back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.model import layer_widths
from gradexplorer.engine.truncation import BackwardPlan, Cut, backward_plan
from gradexplorer.tasks.closed_loop import ClosedLoopTask
from gradexplorer.tasks.task import Baseline, EpisodeTask, StreamTask
from gradexplorer.training.feed import effective, stream_steps


@dataclass(frozen=True, eq=False)
class WindowShape:
    """The steps of a full window.

    Attributes
    ----------
    loss_steps : sequence of int
    plan : BackwardPlan
    cuts : ndarray of uint8, shape (T,)
        The `Cut` on the edge from t to t - 1; the plan's, and that to what came before.
    has_cell_state : bool
    input_steps : sequence of int
        The steps at which an input enters.
    baselines : tuple of Baseline
        What the task's loss is to be held against.
    axis : str
        What the steps are, as in `WindowTrace`.
    dependency : int or None
        Steps that a gradient must travel back to reach what the first answer needs: where the
        task does not tell, from the first loss to the first input; ``None`` if unknown.
    roads : str
        The letters of what each step hands on to the next: hidden state h, cell state c, and in a
        closed loop the plant's state s, at which the inputs enter.
    """

    loss_steps: Sequence[int]
    plan: BackwardPlan
    cuts: NDArray[np.uint8]
    has_cell_state: bool
    input_steps: Sequence[int]
    baselines: tuple[Baseline, ...]
    axis: str = "timestep"
    dependency: int | None = None
    roads: str = "hc"

    @property
    def steps(self) -> int:
        """T."""
        return self.plan.steps


def full_window(config: ExperimentConfig, task: EpisodeTask | StreamTask) -> WindowShape:
    """Return the shape of an experiment's windows; raises `InputError`."""
    has_cell_state, held_against = config.model.cell == "lstm", task.baselines
    if steps_are_layers(config, task):
        depth = len(layer_widths(config.model))
        last = range(depth - 1, depth)
        plan = backward_plan(depth, last)
        return WindowShape(
            last, plan, plan.cuts, has_cell_state, range(1), held_against, "layer", depth - 1
        )
    if isinstance(task, EpisodeTask):
        plan = backward_plan(task.length, task.loss_steps, *effective(config.bptt, task.length))
        every = range(task.length)
        needed = task.dependency or task.loss_steps[0] or None
        shape = WindowShape(
            task.loss_steps,
            plan,
            plan.cuts,
            has_cell_state,
            every,
            held_against,
            dependency=needed,
        )
        if not isinstance(task, ClosedLoopTask):
            return shape
        return replace(shape, roads="s" if config.model.cell == "feedforward" else "shc")
    steps = stream_steps(task, config.training.batch_size)
    k1, k2 = effective(config.bptt, steps)
    losses = range(k2 - k1, k2)
    plan = backward_plan(k2, losses)
    cuts = plan.cuts.copy()
    if k2 < steps:  # the state is carried into the window, its gradient is not carried out
        cuts[0] = Cut.FULL
    return WindowShape(
        losses, plan, cuts, has_cell_state, range(k2), held_against, dependency=task.dependency
    )


def steps_are_layers(config: ExperimentConfig, task: EpisodeTask | StreamTask) -> bool:
    """Tell a network whose steps are its layers from one whose steps are in time."""
    return config.model.cell == "feedforward" and not isinstance(task, ClosedLoopTask)
