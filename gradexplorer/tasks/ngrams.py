"""What counting alone predicts: unigram and bigram models of a sequence of classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_CHUNK = 2**20  # classes that are counted at a time: they are made wide for it

Classes = NDArray[np.integer]


def unigram_loss(training: Classes, held_out: Classes, kinds: int) -> float:
    """Return the mean of -ln p(c) over held-out classes, in nats.

    p(c) = (n(c) + 1) / (N + V): the frequencies in the part trained on, smoothed by adding one.

    Parameters
    ----------
    training, held_out : ndarray of int, shape (N,) and (M,)
    kinds : int
        V.
    """
    counts = np.ones(kinds)
    for start in range(0, len(training), _CHUNK):
        counts += np.bincount(training[start : start + _CHUNK], minlength=kinds)
    return float(-np.log(counts / counts.sum())[held_out].mean())


def bigram_loss(training: Classes, held_out: Classes, kinds: int) -> float:
    """Return the mean of -ln p(c | b) over held-out classes c after b, in nats.

    p(c | b) = (n(b c) + 1) / (n(b) + V), n(b) the times that anything followed b in the part
    trained on: Laplace's add-one smoothing.

    Parameters
    ----------
    training, held_out : ndarray of int, shape (N,) and (M,)
        The first held-out class is predicted by none; it comes before the first predicted one.
    kinds : int
        V.
    """
    counts = np.ones((kinds, kinds))
    for start in range(0, len(training) - 1, _CHUNK):
        before = training[start : start + _CHUNK].astype(np.intp)[: len(training) - 1 - start]
        after = training[start + 1 : start + 1 + _CHUNK]
        counts += np.bincount(before * kinds + after, minlength=kinds**2).reshape(kinds, kinds)
    probabilities = counts / counts.sum(axis=1, keepdims=True)
    return float(-np.log(probabilities[held_out[:-1], held_out[1:]]).mean())
