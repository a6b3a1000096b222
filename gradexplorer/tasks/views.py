"""What a network does on held-out data, as its task shows it: plain arrays for others to draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class _Frozen:
    """Makes every array of a view read-only; as a frame's, they arrive so by themselves."""

    def __post_init__(self) -> None:
        for value in vars(self).values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False


@dataclass(frozen=True, eq=False)
class Confusion(_Frozen):
    """Which classes are taken for which, and a few images.

    Attributes
    ----------
    counts : ndarray of int, shape (C, C)
        True class down, predicted class across.
    images : ndarray, shape (K, height, width)
        From 0 to 1; those that are taken wrongly come first.
    truth, predicted : ndarray of int, shape (K,)
        The images' classes.
    """

    counts: NDArray[np.integer]
    images: NDArray[np.floating]
    truth: NDArray[np.integer]
    predicted: NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class DecisionSurface(_Frozen):
    """How likely one of two classes is at every place of a plane.

    Attributes
    ----------
    probabilities : ndarray, shape (R, C)
        Of class 1, at the middle of R x C equal cells, from the lowest y and x on.
    extent : tuple of float
        Left, right, bottom and top edge of the cells.
    points : ndarray, shape (N, 2)
        Held-out places, x and y.
    truth : ndarray of int, shape (N,)
        Their classes.
    """

    probabilities: NDArray[Any]
    extent: tuple[float, float, float, float]
    points: NDArray[np.floating]
    truth: NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Utterance(_Frozen):
    """A recorded word, frame by frame, and which word the network takes it for meanwhile.

    Attributes
    ----------
    decibels : ndarray, shape (T, F)
        How loud each band is, relative to the loudest.
    frequencies : ndarray, shape (F,)
        The bands' middles, in hertz.
    milliseconds : float
        From a frame to the next.
    probabilities : ndarray, shape (T, C), or (1, C)
        Of each word after each frame, or once after all of them.
    truth : int
        Which word it is.
    words : tuple of str
    counts : ndarray of int, shape (C, C)
        Of all that is held out: true word down, predicted word across.
    """

    decibels: NDArray[np.floating]
    frequencies: NDArray[np.floating]
    milliseconds: float
    probabilities: NDArray[np.floating]
    truth: int
    words: tuple[str, ...]
    counts: NDArray[np.integer]


View = Confusion | DecisionSurface | Utterance
