"""Initial weights, drawn in float64 so that both precisions start from the same numbers."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def uniform(generator: Generator, shape: tuple[int, ...], bound: float) -> Matrix:
    """Draw uniformly from ``[-bound, bound)``; PyTorch's recurrent default is 1/sqrt(H)."""
    return generator.uniform(-bound, bound, shape)


def orthogonal(generator: Generator, size: int) -> Matrix:
    """Draw an orthogonal (size, size) matrix from the Haar measure.

    References
    ----------
    Mezzadri (2007), How to generate random matrices from the classical compact groups.
    Saxe, McClelland & Ganguli (2014), Exact solutions to the nonlinear dynamics of learning
    in deep linear neural networks.
    """
    q, r = np.linalg.qr(generator.standard_normal((size, size)))
    return np.asarray(q * np.sign(np.diag(r)))
