"""What the tasks that show some of their sequences share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gradexplorer.tasks.task import Numbers

_SHOWN = 8
_STEPS = 8000  # of all shown sequences: what is sent after each evaluation stays small


def loss_steps(loss_at: str, length: int, marked: int) -> range:
    """Return the steps that bear a loss.

    Parameters
    ----------
    loss_at : {"every", "marked", "last"}
    length : int
        T.
    marked : int
        How many steps at the sequence's end are the marked ones, those that matter.
    """
    return range(length - {"every": length, "marked": marked, "last": 1}[loss_at], length)


def few(length: int, sequences: int) -> int:
    """Return how many of so many sequences to show: the fewer, the longer they are."""
    return min(sequences, _SHOWN, max(1, _STEPS // length))


def softmax(logits: Numbers) -> NDArray[np.float32]:
    """Return the probabilities of the classes, along the last axis; NaN where they have none."""
    with np.errstate(invalid="ignore"):
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)
