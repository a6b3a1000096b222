"""Views of tasks without time: classes of images, and of places in a plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradexplorer.tasks.views.view import View


@dataclass(frozen=True, eq=False)
class Confusion(View):
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
class DecisionSurface(View):
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
