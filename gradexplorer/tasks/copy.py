"""The copy problem."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from gradexplorer.tasks.task import Display, Episodes, EpisodeTask

SYMBOLS = 8
WORD = 10
BLANK, DELIMITER = SYMBOLS, SYMBOLS + 1


class CopyMemory(EpisodeTask):
    """Say ten symbols again after a delay.

    Ten symbols of eight kinds, T - 1 blanks, a delimiter and ten blanks are shown as one-hot
    vectors. At every one of the T + 20 steps the network says a blank, and at the last ten the
    symbols in their order. Always a blank, and then guesses, cost 10 ln 8 / (T + 20).

    Parameters
    ----------
    delay : int
        T, at least 1.

    References
    ----------
    Hochreiter & Schmidhuber (1997), Long short-term memory; as in Arjovsky, Shah & Bengio
    (2016), Unitary evolution recurrent neural networks.
    """

    input_size = SYMBOLS + 2
    output_size = SYMBOLS + 1
    loss = "softmax_cross_entropy"
    display = Display("symbol; 8 is a blank")

    def __init__(self, delay: int) -> None:
        if delay < 1:
            raise ValueError(f"the copy problem needs a delay of at least 1 step, got {delay}")
        self.delay = delay
        self.dependency = delay + WORD
        self.length = delay + 2 * WORD
        self.loss_steps = range(self.length)

    def draw(self, generator: Generator, batch: int) -> Episodes:
        """Draw a batch of sequences."""
        word = generator.integers(0, SYMBOLS, (WORD, batch))
        shown = np.full((self.length, batch), BLANK)
        shown[:WORD] = word
        shown[-WORD - 1] = DELIMITER
        targets = np.full((self.length, batch), BLANK)
        targets[-WORD:] = word
        return Episodes(np.eye(SYMBOLS + 2)[shown], targets)


TASK = CopyMemory
