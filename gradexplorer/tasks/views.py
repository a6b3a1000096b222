"""What a network does on held-out data, as its task shows it: plain arrays for others to draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

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


class Score(NamedTuple):
    """What a forecaster's errors are, as root mean squares in the unit that is shown.

    Attributes
    ----------
    name : str
    one_step : float
        Over the whole part held out.
    free_running : float
        Over the horizon, from all starts.
    """

    name: str
    one_step: float
    free_running: float


@dataclass(frozen=True, eq=False)
class Forecast(_Frozen):
    """A series' end, and what is forecast of it; all values are in the unit that is shown.

    Attributes
    ----------
    times, truth, one_step : ndarray, shape (N,)
        A truth that was not measured is NaN.
    held_out_from : int
        The first index of those that is held out; earlier ones lead up to it.
    free_running, persistence, seasonal_naive : ndarray, shape (H,)
        From there on, none of them told anything later.
    scores : tuple of Score
        Of the network, persistence and seasonal naive, in this order.
    starts : int
        From so many places of the part held out the horizon's errors were measured.
    time, quantity, unit : str
        What times and values are; the unit may be empty.
    """

    times: NDArray[np.floating]
    truth: NDArray[np.floating]
    one_step: NDArray[np.floating]
    held_out_from: int
    free_running: NDArray[np.floating]
    persistence: NDArray[np.floating]
    seasonal_naive: NDArray[np.floating]
    scores: tuple[Score, ...]
    starts: int
    time: str
    quantity: str
    unit: str


View = Confusion | DecisionSurface | Forecast
