"""The temporal-order problem."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.random import Generator

from gradexplorer.tasks.sequences import few, softmax
from gradexplorer.tasks.task import Baseline, Display, Episodes, EpisodeTask, Numbers, Report
from gradexplorer.tasks.views import SymbolSequences

NAMES = ("A", "B", "c", "d", "e", "f")
SYMBOLS = len(NAMES)  # A, B and four distractors
# First and last place of each symbol to be told, in hundredths of the length.
PLACES = {2: ((10, 20), (40, 50)), 3: ((10, 20), (33, 43), (66, 76))}


class TemporalOrder(EpisodeTask):
    """Tell which of two symbols came first and which second in a long sequence, or of three.

    Each step shows one of six symbols as a one-hot vector. An A or a B stands at one step in
    [T/10, 2T/10] and at one in [4T/10, 5T/10]; all others are one of four distractors. At the
    last step the network says which of AA, AB, BA and BB it was. Always guessing costs ln 4.

    With three symbols (experiment 6b) they stand in [10, 20], [33, 43] and [66, 76] hundredths
    of T, there are eight orders from AAA to BBB, and guessing costs ln 8.

    Parameters
    ----------
    length : int
        T, at least 10.
    bits : {2, 3}
        Symbols to be told.

    References
    ----------
    Hochreiter & Schmidhuber (1997), Long short-term memory, experiments 6a and 6b; as in Pascanu,
    Mikolov & Bengio (2013), On the difficulty of training recurrent neural networks, without
    the symbols that mark beginning and end, all sequences of one length.
    """

    input_size = SYMBOLS
    loss = "softmax_cross_entropy"

    def __init__(self, length: int, bits: int = 2) -> None:
        if length < 10:
            raise ValueError(f"the temporal-order problem needs at least 10 steps, got {length}")
        self.length = length
        self.places = [[hundredths * length // 100 for hundredths in ends] for ends in PLACES[bits]]
        self.classes = tuple(map("".join, product(NAMES[:2], repeat=bits)))
        self.output_size = len(self.classes)
        self.loss_steps = range(length - 1, length)
        numbered = (f"{number} {name}" for number, name in enumerate(self.classes))
        self.display = Display(f"class: {', '.join(numbered)}")
        self.baselines = (Baseline("guesses", float(np.log(self.output_size))),)

    def draw(self, generator: Generator, batch: int) -> Episodes:
        """Draw a batch of sequences."""
        steps = [
            generator.integers(first, last, batch, endpoint=True) for first, last in self.places
        ]
        shown = generator.integers(2, SYMBOLS, (self.length, batch))
        told = generator.integers(0, 2, (len(steps), batch))
        for step, symbol in zip(steps, told, strict=True):
            shown[step, np.arange(batch)] = symbol
        weights = 2 ** np.arange(len(steps))[::-1]
        return Episodes(np.eye(SYMBOLS)[shown], (weights @ told)[None])

    def report(self, episodes: Episodes, outputs: Numbers, _probed: Numbers | None) -> Report:
        """Return some sequences, and the share told rightly."""
        right = outputs.argmax(axis=2) == episodes.targets
        shown = few(self.length, episodes.inputs.shape[1])
        inputs = episodes.inputs[:, :shown].argmax(axis=2).T
        view = SymbolSequences(
            inputs=inputs,
            marked=inputs < 2,
            loss_steps=np.array(self.loss_steps),
            targets=episodes.targets[:, :shown].T.copy(),
            probabilities=softmax(outputs[:, :shown].swapaxes(0, 1)),
            symbols=NAMES,
            classes=self.classes,
        )
        return Report(view, {"held-out accuracy": float(np.mean(right))})


TASK = TemporalOrder
