"""The regularizer that keeps the gradient's norm on its way back through time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gradexplorer.engine.norms import norms
from gradexplorer.engine.parameters import Array


class Omega(NamedTuple):
    """The regularizer and its immediate gradient.

    Attributes
    ----------
    value : float
    d_weight : ndarray, shape (H, H)
        With respect to the recurrent weights, the states and dE/da held constant.
    """

    value: float
    d_weight: Array


def omega(da: Array, slopes: Array, weight_hh: Array) -> Omega:
    """Measure how far the norm of dE/da changes from step to step, for a vanilla cell.

    With a_k the pre-activation (the paper's x_k) of ``h_k = sigma(a_k)``::

        Omega = sum_k (||dE/da_{k+1} W_rec diag(sigma'(a_k))|| / ||dE/da_{k+1}|| - 1)^2

    Each sequence has its own ratios; Omega is their mean over the batch. Steps to which no
    gradient comes, because it was cut, vanished to zero or is not finite, are left out of the sum.

    Parameters
    ----------
    da : ndarray, shape (T, B, H)
        dE/da_t; only its direction matters.
    slopes : ndarray, shape (T, B, H)
        sigma'(a_t).
    weight_hh : ndarray, shape (H, H)
        W_rec as PyTorch has it: a_{k+1} = W_rec h_k + ...

    References
    ----------
    Pascanu, Mikolov & Bengio (2013), On the difficulty of training recurrent neural networks,
    equations 9 and 10.
    """
    _, batch, size = da.shape
    arriving = da[1:].reshape(-1, size)
    length = norms(arriving)
    counted = (length > 0.0) & (length < np.inf)
    with np.errstate(over="ignore", invalid="ignore"):
        unit = np.where(counted[:, None], arriving, 0.0) / np.where(counted, length, 1.0)[:, None]
    unit = unit.astype(da.dtype, copy=False)
    slope = slopes[:-1].reshape(-1, size)
    passed = (unit @ weight_hh) * slope
    ratio = norms(passed)
    excess = np.where(counted, ratio - 1.0, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(ratio > 0.0, 2.0 * excess / ratio, 0.0) / batch
    passed *= slope
    passed *= scale.astype(da.dtype)[:, None]
    return Omega(float(np.dot(excess, excess)) / batch, unit.T @ passed)
