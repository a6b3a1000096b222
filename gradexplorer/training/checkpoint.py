"""The whole state of a run between two updates, and what of it another experiment can take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.engine.optimizers import OptimizerState
from gradexplorer.engine.parameters import Array, Shapes
from gradexplorer.errors import InputError
from gradexplorer.training.feed import FeedState
from gradexplorer.training.snapshot import Divergence


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """All that decides the later snapshots of a run; ``Trainer(checkpoint)`` yields them.

    The schedule needs nothing but ``iteration``, held-out data nothing but the seed. No array in
    it is shared with the run that it was taken from.

    Attributes
    ----------
    config : ExperimentConfig
        With the live changes made so far.
    iteration : int
        Updates made so far.
    weights : mapping of str to ndarray
        With PyTorch's names and shapes.
    optimizer : OptimizerState
    feed : FeedState
    divergence : Divergence or None
        Set when the run is over for having diverged.
    """

    config: ExperimentConfig
    iteration: int
    weights: Mapping[str, Array]
    optimizer: OptimizerState
    feed: FeedState
    divergence: Divergence | None = None

    def branch(self, config: ExperimentConfig) -> Checkpoint:
        """Return a state from which a changed experiment goes on.

        It has these weights and this iteration. The optimizer keeps its averages unless it is
        another, the data go on unless their seed, the task or the batches are others; what is not
        kept begins anew.

        Parameters
        ----------
        config : ExperimentConfig
            Whether the weights fit it, `Trainer` and `check_fit` tell.
        """
        old, kept = self.config, config.optimizer.name == self.config.optimizer.name
        same_data = (
            config.training.seed == old.training.seed
            and config.training.batch_size == old.training.batch_size
            and config.task == old.task
            and (config.model.cell == "feedforward") == (old.model.cell == "feedforward")
        )
        return Checkpoint(
            config,
            self.iteration,
            self.weights,
            self.optimizer if kept else OptimizerState(0, {}),
            self.feed if same_data else FeedState(),
        )


Start = ExperimentConfig | Checkpoint
"""What a run begins with: initial weights, or where another run was."""


def config_of(start: Start) -> ExperimentConfig:
    """Return the experiment that is run."""
    return start.config if isinstance(start, Checkpoint) else start


def check_fit(checkpoint: Checkpoint, shapes: Shapes) -> None:
    """Raise `InputError` unless a network of these parameters can take over the weights."""
    there = {name: values.shape for name, values in checkpoint.weights.items()}
    for name in there | dict(shapes):
        if there.get(name) != shapes.get(name):
            raise InputError(
                f"A run cannot go on with another network: {name} is {_told(there.get(name))} at "
                f"update {checkpoint.iteration:,}, but {_told(shapes.get(name))} with the changed "
                "settings; undo what changes the network or the task's size, or start a new run."
            )
    config = checkpoint.config.training
    found = next(iter(checkpoint.weights.values())).dtype.name
    if found != config.precision:
        raise InputError(
            f"training.precision is {config.precision}, but the run to go on from computes in "
            f"{found}; set it to that, or start a new run."
        )
    if checkpoint.iteration > config.iterations:
        raise InputError(
            f"training.iterations is {config.iterations:,}, but the run to go on from has made "
            f"{checkpoint.iteration:,} updates; set it to more."
        )


def _told(shape: tuple[int, ...] | None) -> str:
    return "missing" if shape is None else " × ".join(map(str, shape))
