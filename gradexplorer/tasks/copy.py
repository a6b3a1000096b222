"""The copy problem."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from gradexplorer.tasks.sequences import few, loss_steps, softmax
from gradexplorer.tasks.task import Baseline, Display, Episodes, EpisodeTask, Numbers, Report
from gradexplorer.tasks.views import SymbolSequences

SYMBOLS = 8
WORD = 10
BLANK, DELIMITER = SYMBOLS, SYMBOLS + 1
NAMES = (*map(str, range(SYMBOLS)), "blank", "say it")


class CopyMemory(EpisodeTask):
    """Say ten symbols again after a delay.

    Ten symbols of eight kinds, T - 1 blanks, a delimiter and ten blanks are shown as one-hot
    vectors. The network says a blank at each of the first T + 10 steps, and at the last ten the
    symbols in their order. As published every step bears a loss, and always a blank, then guesses,
    cost 10 ln 8 / (T + 20); with a loss at the last ten, or at the last alone, guesses cost ln 8.

    Parameters
    ----------
    delay : int
        T, at least 1.
    loss_at : {"every", "marked", "last"}
        Marked are the last ten.

    References
    ----------
    Hochreiter & Schmidhuber (1997), Long short-term memory; as in Arjovsky, Shah & Bengio
    (2016), Unitary evolution recurrent neural networks.
    """

    input_size = SYMBOLS + 2
    output_size = SYMBOLS + 1
    loss = "softmax_cross_entropy"
    display = Display("symbol; 8 is a blank")

    def __init__(self, delay: int, loss_at: str = "every") -> None:
        if delay < 1:
            raise ValueError(f"the copy problem needs a delay of at least 1 step, got {delay}")
        self.delay = delay
        self.dependency = delay + WORD
        self.length = delay + 2 * WORD
        self.loss_steps = loss_steps(loss_at, self.length, WORD)
        said = min(WORD, len(self.loss_steps))
        name = "blanks, then guesses" if loss_at == "every" else "guesses"
        self.baselines = (Baseline(name, said * float(np.log(SYMBOLS)) / len(self.loss_steps)),)

    def draw(self, generator: Generator, batch: int) -> Episodes:
        """Draw a batch of sequences."""
        word = generator.integers(0, SYMBOLS, (WORD, batch))
        shown = np.full((self.length, batch), BLANK)
        shown[:WORD] = word
        shown[-WORD - 1] = DELIMITER
        targets = np.full((self.length, batch), BLANK)
        targets[-WORD:] = word
        return Episodes(np.eye(SYMBOLS + 2)[shown], targets[self.loss_steps[0] :])

    def report(self, episodes: Episodes, outputs: Numbers, _probed: Numbers | None) -> Report:
        """Return some sequences, and the share of the symbols that are said rightly."""
        said = slice(-min(WORD, len(self.loss_steps)), None)
        right = outputs[said].argmax(axis=2) == episodes.targets[said]
        shown = few(self.length, episodes.inputs.shape[1])
        inputs = episodes.inputs[:, :shown].argmax(axis=2).T
        marked = np.zeros(inputs.shape, np.bool_)
        marked[:, :WORD] = True
        view = SymbolSequences(
            inputs=inputs,
            marked=marked,
            loss_steps=np.array(self.loss_steps),
            targets=episodes.targets[:, :shown].T.copy(),
            probabilities=softmax(outputs[:, :shown].swapaxes(0, 1)),
            symbols=NAMES,
            classes=NAMES[:-1],
        )
        return Report(view, {"symbols recalled": float(np.mean(right))})


TASK = CopyMemory
