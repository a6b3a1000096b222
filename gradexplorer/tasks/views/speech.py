"""Views of tasks on recordings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradexplorer.tasks.views.view import View


@dataclass(frozen=True, eq=False)
class Utterance(View):
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
