"""The adding problem."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from gradexplorer.tasks.task import Display, Episodes, EpisodeTask


class Adding(EpisodeTask):
    """Add two marked numbers of a long sequence.

    Each step shows a number, uniform in [-1, 1], and a marker: 1 at the two numbers
    X1 and X2 to be added, -1 at the first and last step, 0 elsewhere. The first marked
    step is among the first ten, the second in the first half, so at least half the
    sequence lies between them and the loss. The target at the last step is
    0.5 + (X1 + X2)/4. Where the first step is itself marked, its number is 0, as published.

    All sequences have the same length (published: T to 1.1 T), so that a batch has one
    time axis. Always answering 0.5 gives a mean squared error of 1/24, or a little less for
    that zero (0.039 for T = 50).

    Parameters
    ----------
    length : int
        T, at least 2.

    References
    ----------
    Hochreiter & Schmidhuber (1997), Long short-term memory, experiment 4.
    """

    input_size = 2
    output_size = 1
    loss = "mean_squared_error"
    display = Display("scaled sum, 0.5 + (X1 + X2)/4")

    def __init__(self, length: int) -> None:
        if length < 2:
            raise ValueError(f"the adding problem needs at least 2 steps, got {length}")
        self.length = length
        self.loss_steps = range(length - 1, length)

    def draw(self, generator: Generator, batch: int) -> Episodes:
        """Draw a batch of sequences."""
        length = self.length
        half = max(2, length // 2)
        numbers = generator.uniform(-1.0, 1.0, (length, batch))
        first = generator.integers(0, min(10, half), batch)
        second = generator.integers(0, half - 1, batch)
        second += second >= first
        sequences = np.arange(batch)
        markers = np.zeros((length, batch))
        markers[0] = markers[-1] = -1.0
        numbers[0, (first == 0) | (second == 0)] = 0.0
        markers[first, sequences] = markers[second, sequences] = 1.0
        targets = 0.5 + (numbers[first, sequences] + numbers[second, sequences]) / 4.0
        return Episodes(np.stack([numbers, markers], axis=2), targets[None, :, None])


TASK = Adding
