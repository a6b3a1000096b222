"""Losses over the loss-bearing steps of a window, with their gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradexplorer.engine.parameters import Array


class Loss(NamedTuple):
    """A loss and its gradient.

    Attributes
    ----------
    value : float
        Mean over batch and loss-bearing steps.
    by_step : ndarray, shape (S,)
        The batch mean at each loss-bearing step; its mean is ``value``.
    d_outputs : ndarray, shape (S, B, O)
        dL/dy.
    """

    value: float
    by_step: NDArray[np.float64]
    d_outputs: Array


def mean_squared_error(outputs: Array, targets: Array) -> Loss:
    """Return the mean squared error, as ``torch.nn.MSELoss``.

    Parameters
    ----------
    outputs, targets : ndarray, shape (S, B, O)
    """
    difference = outputs - targets
    by_step = _batch_mean(difference * difference)
    difference *= 2.0 / difference.size
    return Loss(float(by_step.mean()), by_step, difference)


def masked_mean_squared_error(outputs: Array, targets: Array) -> Loss:
    """Return the mean squared error over the targets that are there.

    A target that is NaN is missing: its output bears no loss and gets no gradient. The loss of a
    window with no target at all is 0. ``by_step`` is what each step adds to the loss, times S; for
    targets that are all there it is that of `mean_squared_error`.

    Parameters
    ----------
    outputs, targets : ndarray, shape (S, B, O)
    """
    there = ~np.isnan(targets)
    difference = np.where(there, outputs - targets, outputs.dtype.type(0.0))
    share = float(there.mean()) or 1.0
    by_step = _batch_mean(difference * difference) / share
    difference *= 2.0 / (difference.size * share)
    return Loss(float(by_step.mean()), by_step, difference)


def softmax_cross_entropy(outputs: Array, targets: NDArray[np.integer]) -> Loss:
    """Return the cross-entropy of a softmax in nats, as ``torch.nn.CrossEntropyLoss``.

    Parameters
    ----------
    outputs : ndarray, shape (S, B, O)
        Unnormalized log-probabilities.
    targets : ndarray of int, shape (S, B)
        The right classes.
    """
    shifted = outputs - outputs.max(axis=2, keepdims=True)
    exponentials = np.exp(shifted)
    total = exponentials.sum(axis=2, keepdims=True)
    index = targets[..., None]
    right = np.take_along_axis(shifted, index, axis=2) - np.log(total)
    by_step = -_batch_mean(right)
    gradient = exponentials / total
    np.put_along_axis(gradient, index, np.take_along_axis(gradient, index, axis=2) - 1.0, axis=2)
    gradient /= targets.size
    return Loss(float(by_step.mean()), by_step, gradient)


def binary_cross_entropy(outputs: Array, targets: Array) -> Loss:
    """Return the cross-entropy of a sigmoid in nats, as ``torch.nn.BCEWithLogitsLoss``.

    Parameters
    ----------
    outputs : ndarray, shape (S, B, O)
        Logits.
    targets : ndarray, shape (S, B, O)
        Probabilities of a 1, usually 0 or 1 themselves.
    """
    # The exponential of a negative number alone: it never overflows.
    decay = np.exp(-np.abs(outputs))
    values = np.maximum(outputs, 0.0) - outputs * targets + np.log1p(decay)
    gradient = np.where(outputs < 0.0, decay, 1.0) / (1.0 + decay)
    gradient -= targets
    gradient /= outputs.size
    by_step = _batch_mean(values)
    return Loss(float(by_step.mean()), by_step, gradient)


def _batch_mean(values: Array) -> NDArray[np.float64]:
    means: NDArray[np.float64] = values.mean(axis=(1, 2), dtype=np.float64)
    return means


LossFunction = Callable[[Array, Any], Loss]

LOSSES: dict[str, LossFunction] = {
    "mean_squared_error": mean_squared_error,
    "masked_mean_squared_error": masked_mean_squared_error,
    "softmax_cross_entropy": softmax_cross_entropy,
    "binary_cross_entropy": binary_cross_entropy,
}
