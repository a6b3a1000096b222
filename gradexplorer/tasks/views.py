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
class PlantResponse(_Frozen):
    """What a plant and its model answer to a test signal.

    Attributes
    ----------
    times, inputs : ndarray, shape (N,)
        The signal.
    truth, output : ndarray, shape (N,)
        What the plant puts out, and what the network says it does.
    """

    times: NDArray[np.floating]
    inputs: NDArray[np.floating]
    truth: NDArray[np.floating]
    output: NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class PendulumTrial(_Frozen):
    """A pendulum under its controller, and how many such trials were successes.

    Attributes
    ----------
    angle, torque : ndarray, shape (T,)
        At each step; the angle from upright, in [-pi, pi].
    seconds, most_torque : float
        Of a step; and the largest there may be, in N m.
    held_from : int
        The step from which on the pendulum has to be upright.
    held_within : float
        How far from upright it may be there, in radians.
    successes, trials : int
    """

    angle: NDArray[np.floating]
    torque: NDArray[np.floating]
    seconds: float
    most_torque: float
    held_from: int
    held_within: float
    successes: int
    trials: int


View = Confusion | DecisionSurface | PlantResponse | PendulumTrial
