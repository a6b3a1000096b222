"""A sequence task for networks that know no time."""

from __future__ import annotations

from numpy.random import Generator

from gradexplorer.tasks.task import Episodes, EpisodeTask


class Flattened(EpisodeTask):
    """Another task whose whole sequence is one input, (T * D,), all its steps side by side.

    Parameters
    ----------
    task : EpisodeTask
        With one answer a sequence.

    Raises
    ------
    ValueError
        The task bears a loss at several steps.
    """

    def __init__(self, task: EpisodeTask) -> None:
        if len(task.loss_steps) != 1:
            raise ValueError(f"one answer a sequence is needed, not {len(task.loss_steps)}")
        self.task = task
        self.length, self.loss_steps = 1, range(1)
        self.input_size = task.length * task.input_size
        self.output_size, self.loss, self.display = task.output_size, task.loss, task.display

    def draw(self, generator: Generator, batch: int) -> Episodes:
        """Draw a batch; the same generator state gives the same sequences as the task itself."""
        episodes = self.task.draw(generator, batch)
        inputs = episodes.inputs.swapaxes(0, 1).reshape(1, batch, -1)
        return Episodes(inputs, episodes.targets)
