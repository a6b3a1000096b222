"""A sequence task for networks that know no time."""

from __future__ import annotations

from numpy.random import Generator

from gradexplorer.tasks.task import Episodes, EpisodeTask, Numbers, Report


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
        self.held_out_size = task.held_out_size
        self.output_size, self.loss, self.display = task.output_size, task.loss, task.display
        self.baselines = task.baselines

    def draw(self, generator: Generator, batch: int) -> Episodes:
        """Draw a batch; the same generator state gives the same sequences as the task itself."""
        return _flattened(self.task.draw(generator, batch))

    def draw_held_out(self, generator: Generator) -> Episodes:
        """Return the task's own held-out sequences."""
        return _flattened(self.task.draw_held_out(generator))

    def probe_inputs(self) -> Numbers | None:
        """Return the task's own further inputs."""
        probes = self.task.probe_inputs()
        return None if probes is None else _side_by_side(probes)

    def report(self, episodes: Episodes, outputs: Numbers, probed: Numbers | None) -> Report:
        """Return the task's own report."""
        return self.task.report(self._unflattened(episodes), outputs, probed)

    def _unflattened(self, episodes: Episodes) -> Episodes:
        inputs = episodes.inputs[0].reshape(-1, self.task.length, self.task.input_size)
        return Episodes(inputs.swapaxes(0, 1), episodes.targets)


def _flattened(episodes: Episodes) -> Episodes:
    return Episodes(_side_by_side(episodes.inputs), episodes.targets)


def _side_by_side(inputs: Numbers) -> Numbers:
    return inputs.swapaxes(0, 1).reshape(1, inputs.shape[1], -1)
