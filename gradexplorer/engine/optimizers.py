"""Update rules on the flat parameter vector."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np

from gradexplorer.engine.parameters import Array


class Optimizer(Protocol):
    """Whatever turns a gradient into an update."""

    def step(self, parameters: Array, gradient: Array, learning_rate: float) -> None:
        """Change ``parameters`` in place; ``gradient`` may be overwritten."""


class SGD:
    """Stochastic gradient descent with momentum, as ``torch.optim.SGD``.

    Parameters
    ----------
    momentum : float
        mu in v = mu v + g (v = g at first), p = p - lr v.
    """

    def __init__(self, momentum: float = 0.0) -> None:
        self.momentum = momentum
        self._velocity: Array | None = None

    def step(self, parameters: Array, gradient: Array, learning_rate: float) -> None:
        """Apply one update."""
        if self.momentum:
            if self._velocity is None:
                self._velocity = gradient.copy()
            else:
                self._velocity *= self.momentum
                self._velocity += gradient
            gradient[...] = self._velocity
        gradient *= learning_rate
        parameters -= gradient


class Adam:
    """Adam with bias correction, as ``torch.optim.Adam``.

    Parameters
    ----------
    beta1, beta2, epsilon : float

    References
    ----------
    Kingma & Ba (2015), Adam: a method for stochastic optimization.
    """

    def __init__(self, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8) -> None:
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self._updates = 0
        self._mean: Array | None = None
        self._square: Array | None = None
        self._scratch: Array | None = None

    def step(self, parameters: Array, gradient: Array, learning_rate: float) -> None:
        """Apply one update."""
        if self._mean is None or self._square is None or self._scratch is None:
            self._mean, self._square = np.zeros_like(gradient), np.zeros_like(gradient)
            self._scratch = np.empty_like(gradient)
        mean, square, scratch = self._mean, self._square, self._scratch
        self._updates += 1
        np.multiply(gradient, 1.0 - self.beta1, out=scratch)
        mean *= self.beta1
        mean += scratch
        np.multiply(gradient, gradient, out=scratch)
        scratch *= 1.0 - self.beta2
        square *= self.beta2
        square += scratch
        np.sqrt(square, out=scratch)
        scratch /= math.sqrt(1.0 - self.beta2**self._updates)
        scratch += self.epsilon
        np.divide(mean, scratch, out=scratch)
        scratch *= learning_rate / (1.0 - self.beta1**self._updates)
        parameters -= scratch
