"""Update rules on the flat parameter vector, with PyTorch's names, meanings and defaults."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple, Protocol

import numpy as np

from gradexplorer.engine.parameters import Array


class OptimizerState(NamedTuple):
    """What an optimizer remembers between two updates.

    Attributes
    ----------
    updates : int
        Made so far, where the rule counts them.
    arrays : mapping of str to ndarray
        Like the parameters; empty before the first update.
    """

    updates: int
    arrays: Mapping[str, Array]


class Optimizer(Protocol):
    """Whatever turns a gradient into an update."""

    def step(self, parameters: Array, gradient: Array, learning_rate: float) -> None:
        """Change ``parameters`` in place; ``gradient`` may be overwritten."""

    def state(self) -> OptimizerState:
        """Return a copy of all that later updates depend on."""

    def restore(self, state: OptimizerState) -> None:
        """Go on from a state of the same rule."""


class _Rule:
    """What the rules share: arrays like the gradient, made when they are first asked for."""

    def __init__(self) -> None:
        self._updates = 0
        self._arrays: dict[str, Array] = {}
        self._scratch: Array | None = None

    def state(self) -> OptimizerState:
        """Return a copy of all that later updates depend on."""
        return OptimizerState(
            self._updates, {name: array.copy() for name, array in self._arrays.items()}
        )

    def restore(self, state: OptimizerState) -> None:
        """Go on from a state of the same rule."""
        self._updates = state.updates
        self._arrays = {name: array.copy() for name, array in state.arrays.items()}

    def _array(self, name: str, like: Array, value: float = 0.0) -> Array:
        """Return the array of this name, filled with ``value`` when it is new."""
        if name not in self._arrays:
            self._arrays[name] = np.full_like(like, value)
        return self._arrays[name]

    def _work(self, like: Array) -> Array:
        """Return memory whose content means nothing from one update to the next."""
        if self._scratch is None:
            self._scratch = np.empty_like(like)
        return self._scratch


class SGD(_Rule):
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
        super().__init__()

    def step(self, parameters: Array, gradient: Array, learning_rate: float) -> None:
        """Apply one update."""
        scratch = self._work(gradient)
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
        if "velocity" not in self._arrays:
            self._arrays["velocity"] = gradient.copy()
            return self._arrays["velocity"]
        velocity = self._arrays["velocity"]
        velocity *= self.momentum
        np.multiply(gradient, 1.0 - self.dampening, out=scratch)
        velocity += scratch
        return velocity


class RMSprop(_Rule):
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
        super().__init__()

    def step(self, parameters: Array, gradient: Array, learning_rate: float) -> None:
        """Apply one update."""
        scratch, square = self._work(gradient), self._array("square", gradient)
        _add_decay(parameters, gradient, self.weight_decay, scratch)
        _average_square(square, gradient, self.alpha, scratch)
        np.sqrt(square, out=scratch)
        scratch += self.eps
        np.divide(gradient, scratch, out=gradient)
        if self.momentum:
            velocity = self._array("velocity", gradient)
            velocity *= self.momentum
            velocity += gradient
            gradient[...] = velocity
        gradient *= learning_rate
        parameters -= gradient


class Adagrad(_Rule):
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
        super().__init__()

    def step(self, parameters: Array, gradient: Array, learning_rate: float) -> None:
        """Apply one update."""
        scratch = self._work(gradient)
        total = self._array("total", gradient, self.initial_accumulator_value)
        _add_decay(parameters, gradient, self.weight_decay, scratch)
        np.multiply(gradient, gradient, out=scratch)
        total += scratch
        np.sqrt(total, out=scratch)
        scratch += self.eps
        gradient *= learning_rate / (1.0 + self._updates * self.lr_decay)
        gradient /= scratch
        parameters -= gradient
        self._updates += 1


class Adam(_Rule):
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
        super().__init__()

    def step(self, parameters: Array, gradient: Array, learning_rate: float) -> None:
        """Apply one update."""
        scratch = self._work(gradient)
        mean, square = self._array("mean", gradient), self._array("square", gradient)
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
