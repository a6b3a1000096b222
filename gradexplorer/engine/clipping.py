"""Gradient clipping, in place.

Every rule returns its clip scale: the gradient's global norm after clipping over that before,
1 where nothing was clipped.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from gradexplorer.engine.norms import SMALLEST_SQUARE, norms
from gradexplorer.engine.parameters import Array


def global_norm(gradient: Array) -> float:
    """Return the L2 norm over all parameters; infinite or NaN only where the gradient is."""
    with np.errstate(over="ignore"):
        square = float(np.dot(gradient, gradient))
    if SMALLEST_SQUARE < square < np.inf:
        return float(np.sqrt(square))
    return float(norms(gradient[None])[0])


def clip_by_norm(gradient: Array, norm: float, max_norm: float) -> float:
    """Scale the gradient in place so that its norm is at most ``max_norm``.

    Parameters
    ----------
    gradient : ndarray, shape (size,)
    norm : float
        Its global norm, from `global_norm`.
    max_norm : float

    Returns
    -------
    float
        The factor applied, 1 where nothing was clipped; as ``torch.nn.utils.clip_grad_norm_``.

    References
    ----------
    Pascanu, Mikolov & Bengio (2013), On the difficulty of training recurrent neural networks.
    """
    scale = min(1.0, max_norm / (norm + 1e-6))
    if scale < 1.0:
        gradient *= scale
    return scale


def clip_by_value(gradient: Array, norm: float, limit: float) -> float:
    """Cut each component to ``[-limit, limit]`` in place; as ``torch.nn.utils.clip_grad_value_``.

    Returns
    -------
    float
        Norm after clipping over norm before, 1 where nothing was clipped.

    References
    ----------
    Mikolov (2012), Statistical language models based on neural networks.
    """
    if norm <= limit:
        return 1.0
    np.clip(gradient, -limit, limit, out=gradient)
    return min(1.0, global_norm(gradient) / norm)


def clip_by_parameter(gradients: Iterable[Array], norm: float, max_norm: float) -> float:
    """Scale each parameter's gradient in place so that its own norm is at most ``max_norm``.

    As ``torch.nn.utils.clip_grad_norm_`` for one parameter after another.

    Parameters
    ----------
    gradients : iterable of ndarray
        Those of the single parameters, contiguous.
    norm : float
        Their global norm, from `global_norm`.
    max_norm : float

    Returns
    -------
    float
        Global norm after clipping over global norm before; below 1 if any parameter's gradient
        was shrunk, and 1 if none was.
    """
    clipped, left = False, 0.0  # share of the squared global norm
    for gradient in gradients:
        own = global_norm(gradient.reshape(-1))
        scale = clip_by_norm(gradient, own, max_norm)
        clipped |= scale < 1.0
        left += (own / norm * scale) ** 2 if norm else 0.0
    if not clipped:
        return 1.0
    # Rounding must not hide that a small parameter was clipped.
    return min(math.sqrt(left), math.nextafter(1.0, 0.0))
