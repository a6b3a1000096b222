"""Telling which word is spoken: what the bundled digits and the user's own recordings share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from gradexplorer.errors import InputError
from gradexplorer.tasks.log_mel import BANDS, HOP, RATE, Levels, as_decibels, band_edges
from gradexplorer.tasks.task import (
    Baseline,
    Display,
    Episodes,
    EpisodeTask,
    Numbers,
    Report,
    Values,
)
from gradexplorer.tasks.views import Utterance

_NOISE = 0.5  # of a band's deviation


class Recordings(NamedTuple):
    """Recordings of one length, and what is said in them.

    Attributes
    ----------
    levels : ndarray of uint8, shape (N, T, BANDS)
        See `gradexplorer.tasks.log_mel.levels`.
    classes : ndarray of int, shape (N,)
    """

    levels: Levels
    classes: NDArray[np.intp]


class Utterances(EpisodeTask):
    """Tell which of some words a recording is, from its log-mel frames, one a step.

    Batches are drawn with replacement from the part trained on; each band's decibels are
    standardized with that part's mean and deviation. What is held out is the same in every run.

    Parameters
    ----------
    words : sequence of str
        The classes' names.
    counts : ndarray of int, shape (C,)
        How many recordings of each class are trained on.
    held_out_size : int
    length : int
        T, in frames.
    loss_at : str
        ``"last"`` frame, or ``"every"``.
    vary : str
        ``"on"``: each recording of a batch is moved up or down by a band, or left, as a shorter
        or longer vocal tract would (after Jaitly & Hinton 2013), in noise of its own; else
        ``"off"``.
    shown : int
        Which of the held-out recordings is shown, counted from 1.

    Raises
    ------
    InputError
        So many recordings are not held out.

    References
    ----------
    Jaitly & Hinton (2013), Vocal tract length perturbation (VTLP) improves speech recognition.
    """

    input_size = BANDS
    loss = "softmax_cross_entropy"

    def __init__(
        self,
        words: Sequence[str],
        counts: NDArray[np.integer],
        held_out_size: int,
        length: int,
        loss_at: str,
        vary: str,
        shown: int,
    ) -> None:
        if shown > held_out_size:
            raise InputError(
                f"task.shown is {shown:,}, but only {held_out_size:,} recordings are held out; "
                "choose a smaller number."
            )
        self.words, self.length, self.shown = tuple(words), length, shown
        self.vary = vary == "on"
        self.output_size, self.held_out_size = len(words), held_out_size
        self.loss_steps = range(0 if loss_at == "every" else length - 1, length)
        self.probe_steps = range(length)
        self.display = Display("class")
        shares = counts / counts.sum()
        self.baselines = (Baseline("guessing", float(-np.sum(shares * np.log(shares)))),)

    def load(self) -> tuple[Recordings, Recordings]:
        """Return what is trained on and what is held out; raises `InputError`."""
        raise NotImplementedError

    @cached_property
    def _parts(self) -> tuple[Recordings, Recordings]:
        return self.load()

    @cached_property
    def _scale(self) -> tuple[Values, Values]:
        """Mean and deviation of each band's levels in what is trained on."""
        bands = self._parts[0].levels.reshape(-1, BANDS)
        deviation = bands.std(axis=0)
        return bands.mean(axis=0), np.where(deviation > 0.0, deviation, 1.0)

    def _inputs(self, levels: Levels) -> Values:
        mean, deviation = self._scale
        inputs: Values = (levels.swapaxes(0, 1) - mean) / deviation
        return inputs

    def _episodes(self, levels: Levels, classes: NDArray[np.intp]) -> Episodes:
        targets = np.broadcast_to(classes, (len(self.loss_steps), len(classes)))
        return Episodes(self._inputs(levels), targets)

    def draw(self, generator: Generator, batch: int) -> Episodes:
        """Draw a batch of recordings that are trained on."""
        levels, classes = self._parts[0]
        chosen = generator.integers(0, len(classes), batch)
        episodes = self._episodes(levels[chosen], classes[chosen])
        return (
            replace(episodes, inputs=_varied(episodes.inputs, generator)) if self.vary else episodes
        )

    def draw_held_out(self, _generator: Generator) -> Episodes:
        """Return all held-out recordings."""
        return self._episodes(*self._parts[1])

    def probe_inputs(self) -> Values:
        """Return the recording that is shown, whose every frame is of interest."""
        return self._inputs(self._parts[1].levels[self.shown - 1 : self.shown])

    def report(self, episodes: Episodes, outputs: Numbers, probed: Numbers | None) -> Report:
        """Return one recording with the answers as they form, and the share told rightly."""
        truth, predicted = episodes.targets[-1], outputs[-1].argmax(axis=1)
        figures = {"held-out accuracy": float(np.mean(truth == predicted))}
        if probed is None:
            return Report(None, figures)
        counts = np.zeros((self.output_size, self.output_size), np.intp)
        np.add.at(counts, (truth, predicted), 1)
        levels, classes = self._parts[1]
        view = Utterance(
            decibels=as_decibels(levels[self.shown - 1]),
            frequencies=band_edges()[:, 1].copy(),
            milliseconds=1000.0 * HOP / RATE,
            probabilities=softmax(probed[:, 0]),
            truth=int(classes[self.shown - 1]),
            words=self.words,
            counts=counts,
        )
        return Report(view, figures)


def _varied(inputs: Numbers, generator: Generator) -> Values:
    """Return inputs (T, B, BANDS), each sequence moved by -1, 0 or 1 band, with noise."""
    moves = generator.integers(-1, 1, (inputs.shape[1], 1), endpoint=True)
    bands = np.clip(np.arange(BANDS) + moves, 0, BANDS - 1)
    moved = np.take_along_axis(inputs, bands[None], axis=2)
    return moved + generator.normal(0.0, _NOISE, inputs.shape)


def softmax(logits: Numbers) -> Values:
    """Return the probabilities of classes, the last axis, from their logits."""
    with np.errstate(invalid="ignore"):
        powers = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    probabilities: Values = powers / powers.sum(axis=-1, keepdims=True)
    return probabilities
