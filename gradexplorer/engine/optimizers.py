"""Update rules on the flat parameter vector, with PyTorch's names, meanings and defaults."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np

from gradexplorer.engine.parameters import Array


class Optimizer(Protocol):
    """Whatever turns a gradient into an update."""

    def step(self, parameters: Array, gradient: Array, learning_rate: float) -> None:
        """Change ``parameters`` in place; ``gradient`` may be overwritten."""


class _Buffers:
    """Arrays like the gradient, made at the first update and kept."""

    def __init__(self) -> None:
        self._arrays: dict[str, Array] = {}

    def get(self, name: str, like: Array, value: float = 0.0) -> Array:
        """Return the array of this name, filled with ``value`` when it is new."""
        if name not in self._arrays:
            self._arrays[name] = np.full_like(like, value)
        return self._arrays[name]


class SGD:
    """Stochastic gradient descent with momentum, as ``torch.optim.SGD``.

    Parameters
    ----------
    momentum : float
        mu in v = mu v + (1 - dampening) g (v = g at first), p = p - lr v.
    dampening : float
    weight_decay : float
        L2 penalty: its product with the parameters is added to the gradient.
    nesterov : bool
        p = p - lr (g + mu v) instead.

    References
    ----------
    Polyak (1964), Some methods of speeding up the convergence of iteration methods.
    Sutskever, Martens, Dahl & Hinton (2013), On the importance of initialization and
    momentum in deep learning, for Nesterov's.
    """

    def __init__(
        self,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        *,
        nesterov: bool = False,
    ) -> None:
        self.momentum, self.dampening = momentum, dampening
        self.weight_decay, self.nesterov = weight_decay, nesterov
        self._velocity: Array | None = None
        self._buffers = _Buffers()

    def step(self, parameters: Array, gradient: Array, learning_rate: float) -> None:
        """Apply one update."""
        scratch = self._buffers.get("scratch", gradient)
        _add_decay(parameters, gradient, self.weight_decay, scratch)
        if self.momentum:
            velocity = self._advance(gradient, scratch)
            if self.nesterov:
                np.multiply(velocity, self.momentum, out=scratch)
                gradient += scratch
            else:
                gradient[...] = velocity
        gradient *= learning_rate
        parameters -= gradient

    def _advance(self, gradient: Array, scratch: Array) -> Array:
        if self._velocity is None:
            self._velocity = gradient.copy()
        else:
            self._velocity *= self.momentum
            np.multiply(gradient, 1.0 - self.dampening, out=scratch)
            self._velocity += scratch
        return self._velocity


class RMSprop:
    """The gradient over the root of its squares' moving average, as ``torch.optim.RMSprop``.

    Parameters
    ----------
    alpha : float
        s = alpha s + (1 - alpha) g^2, p = p - lr g / (sqrt(s) + eps).
    eps, weight_decay : float
    momentum : float
        mu in v = mu v + g / (sqrt(s) + eps), p = p - lr v.

    References
    ----------
    Tieleman & Hinton (2012), Lecture 6.5: rmsprop.
    """

    def __init__(
        self,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
    ) -> None:
        self.alpha, self.eps, self.weight_decay = alpha, eps, weight_decay
        self.momentum = momentum
        self._buffers = _Buffers()

    def step(self, parameters: Array, gradient: Array, learning_rate: float) -> None:
        """Apply one update."""
        scratch, square = (self._buffers.get(name, gradient) for name in ("scratch", "square"))
        _add_decay(parameters, gradient, self.weight_decay, scratch)
        _average_square(square, gradient, self.alpha, scratch)
        np.sqrt(square, out=scratch)
        scratch += self.eps
        np.divide(gradient, scratch, out=gradient)
        if self.momentum:
            velocity = self._buffers.get("velocity", gradient)
            velocity *= self.momentum
            velocity += gradient
            gradient[...] = velocity
        gradient *= learning_rate
        parameters -= gradient


class Adagrad:
    """The gradient over the root of its squares' sum, as ``torch.optim.Adagrad``.

    Parameters
    ----------
    lr_decay : float
        The n-th update has the learning rate lr / (1 + (n - 1) lr_decay).
    weight_decay : float
    initial_accumulator_value : float
        Where the sum begins.
    eps : float

    References
    ----------
    Duchi, Hazan & Singer (2011), Adaptive subgradient methods for online learning and
    stochastic optimization.
    """

    def __init__(
        self,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        self.lr_decay, self.weight_decay, self.eps = lr_decay, weight_decay, eps
        self.initial_accumulator_value = initial_accumulator_value
        self._updates = 0
        self._buffers = _Buffers()

    def step(self, parameters: Array, gradient: Array, learning_rate: float) -> None:
        """Apply one update."""
        scratch = self._buffers.get("scratch", gradient)
        total = self._buffers.get("total", gradient, self.initial_accumulator_value)
        _add_decay(parameters, gradient, self.weight_decay, scratch)
        np.multiply(gradient, gradient, out=scratch)
        total += scratch
        np.sqrt(total, out=scratch)
        scratch += self.eps
        gradient *= learning_rate / (1.0 + self._updates * self.lr_decay)
        gradient /= scratch
        parameters -= gradient
        self._updates += 1


class Adam:
    """Adam with bias correction, as ``torch.optim.Adam``.

    Parameters
    ----------
    beta1, beta2, eps : float
    weight_decay : float
        L2 penalty, as in `SGD`.

    References
    ----------
    Kingma & Ba (2015), Adam: a method for stochastic optimization.
    """

    def __init__(
        self,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        self.beta1, self.beta2, self.eps = beta1, beta2, eps
        self.weight_decay = weight_decay
        self._updates = 0
        self._buffers = _Buffers()

    def step(self, parameters: Array, gradient: Array, learning_rate: float) -> None:
        """Apply one update."""
        names = ("mean", "square", "scratch")
        mean, square, scratch = (self._buffers.get(name, gradient) for name in names)
        _add_decay(parameters, gradient, self.weight_decay, scratch)
        self._updates += 1
        np.multiply(gradient, 1.0 - self.beta1, out=scratch)
        mean *= self.beta1
        mean += scratch
        _average_square(square, gradient, self.beta2, scratch)
        np.sqrt(square, out=scratch)
        scratch /= math.sqrt(1.0 - self.beta2**self._updates)
        scratch += self.eps
        np.divide(mean, scratch, out=scratch)
        scratch *= learning_rate / (1.0 - self.beta1**self._updates)
        parameters -= scratch


class AdamW(Adam):
    """Adam whose weight decay leaves the gradient alone, as ``torch.optim.AdamW``.

    Parameters
    ----------
    beta1, beta2, eps : float
    weight_decay : float
        p = (1 - lr weight_decay) p before each update.

    References
    ----------
    Loshchilov & Hutter (2019), Decoupled weight decay regularization.
    """

    def __init__(
        self,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(beta1, beta2, eps)
        self.decoupled_decay = weight_decay

    def step(self, parameters: Array, gradient: Array, learning_rate: float) -> None:
        """Apply one update."""
        if self.decoupled_decay:
            parameters *= 1.0 - learning_rate * self.decoupled_decay
        super().step(parameters, gradient, learning_rate)


def _add_decay(parameters: Array, gradient: Array, weight_decay: float, scratch: Array) -> None:
    if weight_decay:
        np.multiply(parameters, weight_decay, out=scratch)
        gradient += scratch


def _average_square(square: Array, gradient: Array, keep: float, scratch: Array) -> None:
    np.multiply(gradient, gradient, out=scratch)
    scratch *= 1.0 - keep
    square *= keep
    square += scratch
