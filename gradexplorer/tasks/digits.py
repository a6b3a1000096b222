"""Handwritten digits."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from gradexplorer.paths import resource
from gradexplorer.tasks.task import Baseline, Display, Episodes, EpisodeTask, Numbers, Report
from gradexplorer.tasks.views import Confusion

CLASSES = 10
_BRIGHTEST = 16
_SAMPLES = 8


class Digits(EpisodeTask):
    """Tell which digit an image of 8 x 8 pixels shows.

    A sequence has one step: the image's 64 pixels, row by row, from 0 to 1. Batches are drawn
    with replacement from 1,437 images. The other 360 of the 1,797 are held out, the same in
    every run: they were drawn once, and the bundled file marks them.

    References
    ----------
    Alpaydin & Kaynak (1998), Optical recognition of handwritten digits, UCI Machine Learning
    Repository, https://doi.org/10.24432/C50P49. Licence: ``resources/data/README.md``.
    """

    length = 1
    loss_steps = range(1)
    input_size = 64
    output_size = CLASSES
    loss = "softmax_cross_entropy"
    display = Display("digit")
    baselines = (Baseline("guesses", float(np.log(CLASSES))),)

    def __init__(self) -> None:
        with resource("data", "digits.npz").open("rb") as file, np.load(file) as arrays:
            images, classes, held_out = (arrays[key] for key in ("images", "classes", "held_out"))
        pixels = images.reshape(len(images), -1) / _BRIGHTEST
        classes = classes.astype(np.intp)
        self._training = pixels[~held_out], classes[~held_out]
        self._held_out = pixels[held_out], classes[held_out]
        self.held_out_size = len(self._held_out[1])

    def draw(self, generator: Generator, batch: int) -> Episodes:
        """Draw a batch of training images."""
        pixels, classes = self._training
        chosen = generator.integers(0, len(classes), batch)
        return Episodes(pixels[None, chosen], classes[None, chosen])

    def draw_held_out(self, _generator: Generator) -> Episodes:
        """Return all held-out images."""
        pixels, classes = self._held_out
        return Episodes(pixels[None], classes[None])

    def report(self, episodes: Episodes, outputs: Numbers, _probed: Numbers | None) -> Report:
        """Return the confusion matrix, some images, wrongly taken ones first, and the accuracy."""
        truth, predicted = episodes.targets[0], outputs[0].argmax(axis=1)
        counts = np.zeros((CLASSES, CLASSES), np.intp)
        np.add.at(counts, (truth, predicted), 1)
        shown = np.argsort(truth == predicted, kind="stable")[:_SAMPLES]
        images = self._images(episodes.inputs[:, shown])
        return Report(
            Confusion(counts, images, truth[shown], predicted[shown]),
            {"held-out accuracy": float(np.mean(truth == predicted))},
        )

    def _images(self, inputs: Numbers) -> Numbers:
        """Return as images, (N, 8, 8), what a network is shown of them."""
        return inputs.reshape(-1, 8, 8)


TASK = Digits
