"""Tasks in which the network steers a plant."""

from __future__ import annotations

from collections.abc import Sequence

from gradexplorer.tasks.task import EpisodeTask


class ClosedLoopTask(EpisodeTask):
    """A task whose network's commands decide what it sees next.

    The inputs are what is added to the plant's state at each step: at the first, where it starts.
    The outputs are what is measured of plant and command, scaled; the targets what that should be.

    Attributes
    ----------
    plant : str
        A key of `gradexplorer.engine.plants.PLANTS`.
    scales : tuple of float
        What each measured quantity is multiplied by; its square is its weight in the loss.
    """

    plant: str
    scales: tuple[float, ...]
    trial_steps: int

    @property
    def held_out_loss_steps(self) -> Sequence[int]:
        """Every step of a held-out trial, which may be longer than those trained on."""
        return range(self.trial_steps)
