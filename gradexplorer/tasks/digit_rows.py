"""Handwritten digits, row by row."""

from __future__ import annotations

from numpy.random import Generator

from gradexplorer.tasks.digits import Digits
from gradexplorer.tasks.task import Episodes, Numbers

ROWS = 8


class DigitRows(Digits):
    """Tell which digit an image of 8 x 8 pixels shows, reading it one row a step.

    A sequence has eight steps, a row of eight pixels each, from the top down; the class is told
    at the last. Images and split are those of `Digits`.

    References
    ----------
    The data: see `Digits`. Images as sequences: Le, Jaitly & Hinton (2015), A simple way to
    initialize recurrent networks of rectified linear units, there pixel by pixel.
    """

    length = ROWS
    loss_steps = range(ROWS - 1, ROWS)
    input_size = 8

    def draw(self, generator: Generator, batch: int) -> Episodes:
        """Draw a batch of training images; the same generator state gives those of `Digits`."""
        return _row_by_row(super().draw(generator, batch))

    def draw_held_out(self, generator: Generator) -> Episodes:
        """Return all held-out images."""
        return _row_by_row(super().draw_held_out(generator))

    def _images(self, inputs: Numbers) -> Numbers:
        return inputs.swapaxes(0, 1)


def _row_by_row(episodes: Episodes) -> Episodes:
    rows = episodes.inputs[0].reshape(-1, ROWS, 8).swapaxes(0, 1)
    return Episodes(rows, episodes.targets)


TASK = DigitRows
