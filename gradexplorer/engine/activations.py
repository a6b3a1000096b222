"""Activation functions of vanilla and feedforward layers, written into given buffers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradexplorer.engine.parameters import Array

Into = Callable[[Array, Array], object]
Bits = NDArray[np.bool_]

# A sigmoid, such as a gate, is left-saturated below and right-saturated above (Karpathy, Johnson &
# Fei-Fei 2015, Visualizing and understanding recurrent networks, section 4.2).
SHUT, OPEN = 0.1, 0.9
# A tanh unit beyond it has less than a tenth of its slope left.
TANH_END = 0.95


def _never(values: Array) -> Bits:
    return np.zeros(values.shape, np.bool_)


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
    saturated : callable
        Takes the values and returns which of them are at an end; none where there is no end.
    can_die : bool
        Whether a unit may be exactly 0, and pass no gradient on, whatever its input.
    """

    apply: Into
    slope: Into
    sign: float = 1.0
    saturated: Callable[[Array], Bits] = _never
    can_die: bool = False


def _tanh_slope(h: Array, out: Array) -> None:
    np.multiply(h, h, out=out)
    np.subtract(1.0, out, out=out)


def _tanh_saturated(h: Array) -> Bits:
    return np.abs(h) > TANH_END


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


def _sigmoid_saturated(h: Array) -> Bits:
    return (h < SHUT) | (h > OPEN)


ACTIVATIONS = {
    "tanh": Activation(np.tanh, _tanh_slope, saturated=_tanh_saturated),
    "relu": Activation(_relu, _relu_slope, can_die=True),
    "linear": Activation(_linear, _linear_slope),
    "sigmoid": Activation(_sigmoid, _sigmoid_slope, sign=-1.0, saturated=_sigmoid_saturated),
}
