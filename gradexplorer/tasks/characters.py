"""Characters of a text, one after another."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.random import Generator

from gradexplorer.errors import InputError
from gradexplorer.tasks.ngrams import bigram_loss, unigram_loss
from gradexplorer.tasks.task import (
    Baseline,
    Display,
    Numbers,
    Report,
    Runner,
    Stream,
    StreamTask,
    Values,
)
from gradexplorer.tasks.text import Text, load_text
from gradexplorer.tasks.views import GeneratedText

EXCERPT = 150
WRITTEN = 400
_MOST_HELD_OUT = 5  # parts of the text, of which one
_SEED = 0


class Characters(StreamTask):
    """Predict a text's next character from the present one and the carried state.

    Inputs and targets are classes, the places of characters in the vocabulary, which is all
    different characters of the text in the order of their code points.

    Parameters
    ----------
    file : str
        A text file; empty: Python's language reference, each paragraph once.
    held_out : int
        Characters at the end that are not trained on; at most a fifth of the text.
    temperature : float
        Of what the network writes: the softmax's inputs are divided by it. 0: the likeliest.
    prompt : str
        What it goes on from; empty: a line break.

    References
    ----------
    Karpathy (2015), The unreasonable effectiveness of recurrent neural networks, and its
    ``min-char-rnn.py``. His loss is the sum over a window of 25 steps, this one their mean.
    """

    loss = "softmax_cross_entropy"
    display = Display("character", "character")
    reach_steps = EXCERPT

    def __init__(
        self, file: str = "", held_out: int = 5000, temperature: float = 1.0, prompt: str = ""
    ) -> None:
        text = load_text(file)
        classes, self._text = text.classes, text
        self._temperature, self._prompt = temperature, prompt
        self._prompt_classes = _classes_of(prompt, text)
        self.input_size = self.output_size = len(text.kinds)
        self.series = Stream(classes[:-1], classes[1:])
        self.times = range(1, len(classes))
        tail = min(held_out, len(classes) // _MOST_HELD_OUT)
        self.held_out_from = len(classes) - 1 - tail
        self.baselines = _baselines(text, self.held_out_from + 1)

    def report(self, first: int, outputs: Numbers, runner: Runner) -> Report:
        """Return what it writes, which characters reach which losses, and bits a character."""
        start, stop = self.held_out_from, self.held_out_from + EXCERPT
        inputs, targets = self.series.inputs, self.series.targets
        losses = _losses(outputs[start - first :], targets[start:])
        runner.restart()
        runner.run(inputs[first:start, None])
        reach = runner.reach(inputs[start:stop], targets[start:stop])
        runner.restart()
        generator = np.random.default_rng(_SEED)  # the same each time: what differs is the network
        written = write(runner, self._prompt_classes, WRITTEN, self._temperature, generator)
        kinds = self._text.kinds
        excerpt = [inputs[start], *targets[start:stop]]
        view = GeneratedText(
            source=self._text.source,
            prompt=self._prompt,
            text="".join(kinds[place] for place in written),
            temperature=self._temperature,
            excerpt="".join(kinds[place] for place in excerpt),
            losses=losses[:EXCERPT],
            reach=np.asarray(reach),
        )
        figures = {
            "bits per character": float(losses.mean() / np.log(2.0)),
            "bigram bits per character": self.baselines[1].loss / float(np.log(2.0)),
        }
        return Report(view, figures)


@lru_cache(maxsize=1)
def _baselines(text: Text, held_out_from: int) -> tuple[Baseline, Baseline]:
    """Return what counting predicts of a text from a character on; counting takes its time."""
    training, rest = text.classes[:held_out_from], text.classes[held_out_from:]
    kinds = len(text.kinds)
    return (
        Baseline("unigram model", unigram_loss(training, rest, kinds)),
        Baseline("bigram model", bigram_loss(training, text.classes[held_out_from - 1 :], kinds)),
    )


def write(
    runner: Runner, prompt: Sequence[int], count: int, temperature: float, generator: Generator
) -> list[int]:
    """Let a network go on from a prompt, each time fed what was drawn last.

    Parameters
    ----------
    runner : Runner
    prompt : sequence of int
        At least one class.
    count : int
        Classes to draw.
    temperature : float
        What logits are divided by; 0 takes the likeliest.
    generator : Generator
    """
    outputs = runner.run(np.array(prompt)[:, None])
    written: list[int] = []
    for uniform in generator.random(count):
        written.append(_drawn(outputs[-1, 0].astype(np.float64), temperature, uniform))
        outputs = runner.run(np.array([written[-1:]]))
    return written


def _drawn(logits: Values, temperature: float, uniform: float) -> int:
    """Return the class at which the cumulated probabilities pass a number from [0, 1)."""
    if temperature == 0.0:
        return int(logits.argmax())
    cumulated = np.cumsum(np.exp((logits - logits.max()) / temperature))
    place = np.searchsorted(cumulated, uniform * cumulated[-1], side="right")
    return int(min(place, len(logits) - 1))


def _losses(logits: Numbers, targets: np.ndarray) -> Values:
    """Return -ln p of each target, (N,)."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    right = np.take_along_axis(shifted, targets[:, None], axis=1)[:, 0]
    return np.asarray(np.log(np.exp(shifted).sum(axis=1)) - right, np.float64)


def _classes_of(prompt: str, text: Text) -> list[int]:
    """Return a prompt's classes; raises `InputError` for a character that the text has not."""
    unknown = [character for character in prompt if character not in text.kinds]
    if unknown:
        raise InputError(
            f"task.prompt has the character {unknown[0]!r}, which is not in the text; leave it out."
        )
    return [text.kinds.index(character) for character in prompt] or [max(0, text.kinds.find("\n"))]


TASK = Characters
