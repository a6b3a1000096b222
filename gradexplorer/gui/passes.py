"""The order in which one update computes things: forward, loss, backward, update."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

LOSS = -1  # the stage of what is computed from the outputs of all steps
ELSEWHERE = -2  # the stage of what belongs to another run: no place of this one's computes it

Places = NDArray[np.intp]


class Place(NamedTuple):
    """What is computed at a place: of a phase, and in a pass also of a step and a layer.

    Steps are counted from 1, layers from 0 at the bottom.
    """

    phase: Literal["forward", "loss", "backward", "update"]
    step: int = 0
    layer: int = 0


@dataclass(frozen=True)
class Passes:
    """The places of one update over ``steps`` steps of ``layers`` stacked layers.

    The forward pass goes through the steps and at each from the bottom up, the backward pass the
    other way; one place is one layer at one step, the loss and the update are one each. An input
    belongs to the lowest layer's place, an output to the highest one's.
    """

    steps: int
    layers: int = 1

    @property
    def loss(self) -> int:
        """The place of the loss."""
        return self.steps * self.layers

    @property
    def update(self) -> int:
        """The place of the update, the last."""
        return 2 * self.loss + 1

    def place(self, index: int) -> Place:
        """Return what is computed at a place, counted from 0."""
        if index < self.loss:
            step, layer = divmod(index, self.layers)
            return Place("forward", step + 1, layer)
        if index == self.loss:
            return Place("loss")
        if index >= self.update:
            return Place("update")
        step, layer = divmod(index - self.loss - 1, self.layers)
        return Place("backward", self.steps - step, self.layers - 1 - layer)

    def forward(self, stage: int, steps: NDArray[np.intp]) -> Places:
        """Return where a layer's values at these steps are computed, or with `LOSS` the loss.

        What is `ELSEWHERE` is known before the first place.
        """
        if stage in (LOSS, ELSEWHERE):
            return np.full(len(steps), self.loss if stage == LOSS else -1)
        found: Places = (steps - 1) * self.layers + stage
        return found

    def backward(self, stage: int, steps: NDArray[np.intp]) -> Places:
        """Return where a layer's gradients at these steps are computed."""
        if stage in (LOSS, ELSEWHERE):
            return self.forward(stage, steps)
        found: Places = self.update - 1 - self.forward(stage, steps)
        return found
