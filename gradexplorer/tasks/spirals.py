"""Two interleaved spirals."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.random import Generator

from gradexplorer.tasks.task import (
    Baseline,
    Display,
    Episodes,
    EpisodeTask,
    Numbers,
    Report,
    Values,
)
from gradexplorer.tasks.views import DecisionSurface

INNERMOST = 0.1
CELLS = 64
_EDGE = 1.15


class Spirals(EpisodeTask):
    """Tell on which of two spirals that wind around each other a point lies.

    A sequence has one step: the point's x and y. At a radius r, uniform in [0.1, 1], a spiral
    has turned by r times its turns; the other is the same one, turned by half. Normal noise is
    added to x and y.

    Parameters
    ----------
    turns : float
        Of each spiral on its way from the middle to radius 1.
    noise : float
        Standard deviation; the spirals are 1 / (2 turns) apart.

    References
    ----------
    After Lang & Witbrock (1988), Learning to tell two spirals apart, whose points are 194 fixed
    ones on three turns without noise.
    """

    length = 1
    loss_steps = range(1)
    input_size = 2
    output_size = 1
    loss = "binary_cross_entropy"
    display = Display("logit of spiral 1")
    baselines = (Baseline("guesses", float(np.log(2.0))),)
    held_out_size = 400

    def __init__(self, turns: float = 2.0, noise: float = 0.02) -> None:
        self.turns, self.noise = turns, noise

    def draw(self, generator: Generator, batch: int) -> Episodes:
        """Draw a batch of points."""
        radius = generator.uniform(INNERMOST, 1.0, batch)
        spiral = generator.integers(0, 2, batch)
        angle = 2.0 * np.pi * self.turns * radius + np.pi * spiral
        points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
        points += generator.normal(0.0, self.noise, points.shape)
        return Episodes(points[None], spiral[None, :, None].astype(np.float64))

    @cached_property
    def _grid(self) -> Values:
        middles = _EDGE * ((2.0 * np.arange(CELLS) + 1.0) / CELLS - 1.0)
        x, y = np.meshgrid(middles, middles)
        return np.stack([x.ravel(), y.ravel()], axis=1)[None]

    def probe_inputs(self) -> Values:
        """Return the middles of a grid's cells."""
        return self._grid

    def report(self, episodes: Episodes, outputs: Numbers, probed: Numbers | None) -> Report:
        """Return how likely spiral 1 is all over the plane, and the share told rightly."""
        right = (outputs > 0.0) == (episodes.targets > 0.5)
        figures = {"held-out accuracy": float(np.mean(right))}
        if probed is None:
            return Report(None, figures)
        # A sigmoid that overflows nowhere.
        probabilities = 0.5 + 0.5 * np.tanh(0.5 * probed.reshape(CELLS, CELLS))
        surface = DecisionSurface(
            probabilities,
            (-_EDGE, _EDGE, -_EDGE, _EDGE),
            episodes.inputs[0].copy(),
            episodes.targets[0, :, 0].astype(np.intp),
        )
        return Report(surface, figures)


TASK = Spirals
