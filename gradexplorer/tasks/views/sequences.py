"""Views of tasks whose sequences are shown step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradexplorer.tasks.views.view import View


@dataclass(frozen=True, eq=False)
class Sequences(View):
    """What a network makes of some sequences, step by step.

    Attributes
    ----------
    inputs : ndarray, shape (K, T)
        Numbers, or the indices of symbols.
    marked : ndarray of bool, shape (K, T)
        The inputs that matter.
    loss_steps : ndarray of int, shape (S,)
    targets : ndarray, shape (K, S)
        At the steps that bear a loss: numbers, or the indices of classes.
    """

    inputs: NDArray[Any]
    marked: NDArray[np.bool_]
    loss_steps: NDArray[np.integer]
    targets: NDArray[Any]


@dataclass(frozen=True, eq=False)
class NumberSequences(Sequences):
    """Numbers of which numbers are made.

    Attributes
    ----------
    outputs : ndarray, shape (K, S)
    """

    outputs: NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class SymbolSequences(Sequences):
    """Symbols of which a class is told.

    Attributes
    ----------
    probabilities : ndarray, shape (K, S, C)
        That the network gives the classes.
    symbols, classes : tuple of str
        What they are called.
    """

    probabilities: NDArray[np.floating]
    symbols: tuple[str, ...]
    classes: tuple[str, ...]
