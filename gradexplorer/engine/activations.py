"""Activation functions of vanilla and feedforward layers, written into given buffers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gradexplorer.engine.parameters import Array

Into = Callable[[Array, Array], object]


@dataclass(frozen=True)
class Activation:
    """A function, and its slope in terms of its value.

    Attributes
    ----------
    apply : callable
        Takes ``sign * a``, which it may overwrite, and writes the values into its second argument.
    slope : callable
        Takes the values and writes the derivatives into its second argument.
    sign : float
    """

    apply: Into
    slope: Into
    sign: float = 1.0


def _tanh_slope(h: Array, out: Array) -> None:
    np.multiply(h, h, out=out)
    np.subtract(1.0, out, out=out)


def _relu(a: Array, out: Array) -> None:
    np.maximum(a, 0.0, out=out)


def _relu_slope(h: Array, out: Array) -> None:
    """Write 1 or 0; at 0 it is 0, as PyTorch has it."""
    np.greater(h, 0.0, out=out)


def _linear(a: Array, out: Array) -> None:
    np.copyto(out, a)


def _linear_slope(_: Array, out: Array) -> None:
    out.fill(1.0)


def _sigmoid(negated: Array, out: Array) -> None:
    """Write 1 / (1 + exp(-a)): right in its last digit also where it is nearly 0."""
    np.exp(negated, out=negated)
    np.add(negated, 1.0, out=negated)
    np.reciprocal(negated, out=out)


def _sigmoid_slope(h: Array, out: Array) -> None:
    np.subtract(1.0, h, out=out)
    np.multiply(out, h, out=out)


ACTIVATIONS = {
    "tanh": Activation(np.tanh, _tanh_slope),
    "relu": Activation(_relu, _relu_slope),
    "linear": Activation(_linear, _linear_slope),
    "sigmoid": Activation(_sigmoid, _sigmoid_slope, sign=-1.0),
}
