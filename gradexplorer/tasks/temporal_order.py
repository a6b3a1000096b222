"""The temporal-order problem."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from gradexplorer.tasks.task import Display, Episodes, EpisodeTask

CLASSES = ("AA", "AB", "BA", "BB")
SYMBOLS = 6  # A, B and four distractors


class TemporalOrder(EpisodeTask):
    """Tell which of two symbols came first and which second in a long sequence.

    Each step shows one of six symbols as a one-hot vector. An A or a B stands at one step in
    [T/10, 2T/10] and at one in [4T/10, 5T/10]; all others are one of four distractors. At the
    last step the network says which of AA, AB, BA and BB it was. Always guessing costs ln 4.

    Parameters
    ----------
    length : int
        T, at least 10.

    References
    ----------
    Hochreiter & Schmidhuber (1997), Long short-term memory, experiment 6a; as in Pascanu,
    Mikolov & Bengio (2013), On the difficulty of training recurrent neural networks, without
    the symbols that mark beginning and end, all sequences of one length.
    """

    input_size = SYMBOLS
    output_size = len(CLASSES)
    loss = "softmax_cross_entropy"
    display = Display("class: 0 AA, 1 AB, 2 BA, 3 BB")

    def __init__(self, length: int) -> None:
        if length < 10:
            raise ValueError(f"the temporal-order problem needs at least 10 steps, got {length}")
        self.length = length
        self.loss_steps = range(length - 1, length)

    def draw(self, generator: Generator, batch: int) -> Episodes:
        """Draw a batch of sequences."""
        tenths = [part * self.length // 10 for part in (1, 2, 4, 5)]
        first = generator.integers(tenths[0], tenths[1], batch, endpoint=True)
        second = generator.integers(tenths[2], tenths[3], batch, endpoint=True)
        shown = generator.integers(2, SYMBOLS, (self.length, batch))
        marked = generator.integers(0, 2, (2, batch))
        sequences = np.arange(batch)
        shown[first, sequences], shown[second, sequences] = marked
        return Episodes(np.eye(SYMBOLS)[shown], (2 * marked[0] + marked[1])[None])


TASK = TemporalOrder
