"""Delayed recall."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from gradexplorer.tasks.sequences import few, loss_steps
from gradexplorer.tasks.task import Baseline, Display, Episodes, EpisodeTask, Numbers, Report
from gradexplorer.tasks.views import NumberSequences

RECALLED = 30
VARIANCE = 1.0 / 12.0


class DelayedRecall(EpisodeTask):
    """Say at each step the number that was shown ``lag`` steps ago.

    Each of ``lag`` + 30 steps shows a number, independent and uniform in [-0.5, 0.5]; the target
    is the number of ``lag`` steps earlier, and 0 before there is one. A network that always
    answers 0 has the numbers' variance, 1/12, as its mean squared error, at all steps together
    30 / (``lag`` + 30) of it.

    Jaeger measures at lag k the share MC_k of the target's variance that the output explains, the
    square of their correlation: 1 remembers exactly, 0 not at all. `report` tells it of the steps
    that have a number to recall and bear a loss.

    Parameters
    ----------
    lag : int
        At least 1.
    loss_at : {"every", "marked", "last"}
        Marked are the last 30 steps, which have a number to recall.

    References
    ----------
    Jaeger (2001), Short term memory in echo state networks, GMD report 152: the task and its
    measure, there of networks whose readout alone is trained.
    """

    input_size = output_size = 1
    loss = "mean_squared_error"

    def __init__(self, lag: int, loss_at: str = "marked") -> None:
        if lag < 1:
            raise ValueError(f"delayed recall needs a lag of at least 1 step, got {lag}")
        self.lag, self.length = lag, lag + RECALLED
        self.loss_steps = loss_steps(loss_at, self.length, RECALLED)
        self.display = Display(f"number of {lag} steps ago")
        recalled = min(RECALLED, len(self.loss_steps))
        self.baselines = (Baseline("always 0", VARIANCE * recalled / len(self.loss_steps)),)

    def draw(self, generator: Generator, batch: int) -> Episodes:
        """Draw a batch of sequences."""
        numbers = generator.uniform(-0.5, 0.5, (self.length, batch, 1))
        targets = np.zeros_like(numbers)
        targets[self.lag :] = numbers[: -self.lag]
        return Episodes(numbers, targets[self.loss_steps[0] :])

    def report(self, episodes: Episodes, outputs: Numbers, _probed: Numbers | None) -> Report:
        """Return some sequences, and the memory capacity at this lag."""
        recalled = slice(-min(RECALLED, len(self.loss_steps)), None)
        capacity = _explained(episodes.targets[recalled].ravel(), outputs[recalled].ravel())
        shown = few(self.length, episodes.inputs.shape[1])
        marked = np.zeros((shown, self.length), np.bool_)
        wanted = np.array(self.loss_steps) - self.lag
        marked[:, wanted[wanted >= 0]] = True
        view = NumberSequences(
            inputs=episodes.inputs[:, :shown, 0].T.copy(),
            marked=marked,
            loss_steps=np.array(self.loss_steps),
            targets=episodes.targets[:, :shown, 0].T.copy(),
            outputs=outputs[:, :shown, 0].T.copy(),
        )
        return Report(view, {"memory capacity": capacity})


def _explained(truth: Numbers, output: Numbers) -> float:
    """Return the squared correlation; 0 where the output does not vary."""
    with np.errstate(invalid="ignore", over="ignore"):
        one, other = (part.astype(np.float64) - part.mean() for part in (truth, output))
        scale = (one @ one) * (other @ other)
        return float((one @ other) ** 2 / scale) if scale else 0.0


TASK = DelayedRecall
