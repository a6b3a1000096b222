"""The adding problem."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from gradexplorer.tasks.sequences import few
from gradexplorer.tasks.task import (
    Baseline,
    Display,
    Episodes,
    EpisodeTask,
    Numbers,
    Report,
    Values,
)
from gradexplorer.tasks.views import NumberSequences

TOLERANCE = 0.04  # the published one, of a target that spans 1


class Adding(EpisodeTask):
    """Add two marked numbers of a long sequence, in one of two published scalings.

    Signed (Hochreiter & Schmidhuber): each step shows a number, uniform in [-1, 1], and a
    marker: 1 at the two numbers X1 and X2 to be added, -1 at the first and last step, 0
    elsewhere. The first marked step is among the first ten, the second in the first half, so at
    least half the sequence lies between them and the loss. The target at the last step is
    0.5 + (X1 + X2)/4. Where the first step is itself marked, its number is 0, as published.
    Always answering 0.5 gives a mean squared error of 1/24, or a little less for that zero
    (0.039 for T = 50).

    Unit (Le, Arjovsky): numbers are uniform in [0, 1], markers 1 at one step of each half and 0
    elsewhere, and the target is X1 + X2. Always answering 1 gives 1/6.

    All sequences have the same length (Hochreiter & Schmidhuber: T to 1.1 T), so that a batch has
    one time axis.

    Parameters
    ----------
    length : int
        T, at least 2.
    scaling : {"signed", "unit"}

    References
    ----------
    Hochreiter & Schmidhuber (1997), Long short-term memory, experiment 4.
    Le, Jaitly & Hinton (2015), A simple way to initialize recurrent networks of rectified linear
    units; in detail Arjovsky, Shah & Bengio (2016), Unitary evolution recurrent neural networks.
    """

    input_size = 2
    output_size = 1
    loss = "mean_squared_error"

    def __init__(self, length: int, scaling: str = "signed") -> None:
        if length < 2:
            raise ValueError(f"the adding problem needs at least 2 steps, got {length}")
        self.length, self.scaling = length, scaling
        self.loss_steps = range(length - 1, length)
        if scaling == "unit":
            self.display = Display("sum, X1 + X2")
            self.baselines = (Baseline("always 1", 1.0 / 6.0),)
        else:
            self.display = Display("scaled sum, 0.5 + (X1 + X2)/4")
            self.baselines = (Baseline("always 0.5", self._variance()),)

    def _halves(self) -> tuple[int, int]:
        """Return how many steps the first marked one, and then both, are among: signed."""
        half = max(2, self.length // 2)
        return min(10, half), half

    def _variance(self) -> float:
        """Return the target's variance: 1/48 for each of its numbers that is not zeroed."""
        first, half = self._halves()
        zeroed = 1.0 / first + (1.0 - 1.0 / first) / (half - 1)
        return (2.0 - zeroed) / 48.0

    def draw(self, generator: Generator, batch: int) -> Episodes:
        """Draw a batch of sequences."""
        if self.scaling == "unit":
            return self._draw_unit(generator, batch)
        length, (among, half) = self.length, self._halves()
        numbers = generator.uniform(-1.0, 1.0, (length, batch))
        first = generator.integers(0, among, batch)
        second = generator.integers(0, half - 1, batch)
        second += second >= first
        sequences = np.arange(batch)
        markers = np.zeros((length, batch))
        markers[0] = markers[-1] = -1.0
        numbers[0, (first == 0) | (second == 0)] = 0.0
        markers[first, sequences] = markers[second, sequences] = 1.0
        targets = 0.5 + (numbers[first, sequences] + numbers[second, sequences]) / 4.0
        return _episodes(numbers, markers, targets)

    def _draw_unit(self, generator: Generator, batch: int) -> Episodes:
        half, sequences = self.length // 2, np.arange(batch)
        numbers = generator.uniform(0.0, 1.0, (self.length, batch))
        first = generator.integers(0, half, batch)
        second = generator.integers(half, self.length, batch)
        markers = np.zeros((self.length, batch))
        markers[first, sequences] = markers[second, sequences] = 1.0
        return _episodes(numbers, markers, numbers[first, sequences] + numbers[second, sequences])

    def report(self, episodes: Episodes, outputs: Numbers, _probed: Numbers | None) -> Report:
        """Return some sequences, and the share answered within the published tolerance."""
        span = 2.0 if self.scaling == "unit" else 1.0
        right = np.abs(outputs - episodes.targets) < TOLERANCE * span
        shown = few(self.length, episodes.inputs.shape[1])
        view = NumberSequences(
            inputs=episodes.inputs[:, :shown, 0].T.copy(),
            marked=episodes.inputs[:, :shown, 1].T == 1.0,
            loss_steps=np.array(self.loss_steps),
            targets=episodes.targets[:, :shown, 0].T.copy(),
            outputs=outputs[:, :shown, 0].T.copy(),
        )
        return Report(view, {"share right": float(np.mean(right))})


def _episodes(numbers: Values, markers: Values, targets: NDArray[np.float64]) -> Episodes:
    return Episodes(np.stack([numbers, markers], axis=2), targets[None, :, None])


TASK = Adding
