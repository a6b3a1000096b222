"""Checking gradients against finite differences."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Values = NDArray[np.float64]
Function = Callable[[Values], float]

STEP = 1e-3


class GradientError(AssertionError):
    """A gradient is not that of its function."""


def directional_derivative(
    function: Function, point: Values, direction: Values, step: float = STEP
) -> float:
    """Return the derivative of a function along a direction by central differences.

    Parameters
    ----------
    function : callable
        Takes an array of the shape of ``point``.
    point, direction : ndarray of float64
    step : float
        The differences are taken over one and two of it either way, which leaves an
        error of order ``step**4``.
    """
    near = function(point + step * direction) - function(point - step * direction)
    far = function(point + 2.0 * step * direction) - function(point - 2.0 * step * direction)
    return (8.0 * near - far) / (12.0 * step)


def central_differences(function: Function, point: Values, step: float = STEP) -> Values:
    """Return the gradient of a function by central differences along each axis.

    See `directional_derivative` for the parameters.

    Returns
    -------
    ndarray
        Of the shape of ``point``.
    """
    gradient = np.empty(point.shape)
    for index in np.ndindex(point.shape):
        axis = np.zeros(point.shape)
        axis[index] = 1.0
        gradient[index] = directional_derivative(function, point, axis, step)
    return gradient


def check_components(
    function: Function,
    point: Values,
    gradient: Values,
    tolerance: float = 1e-6,
    step: float = STEP,
) -> None:
    """Check every component of a gradient.

    Parameters
    ----------
    function : callable
    point : ndarray of float64
    gradient : ndarray
        What is claimed to be the gradient there.
    tolerance : float
        Largest error, relative to the gradient's norm. Errors that rounding alone
        explains are let pass.
    step : float
        As for `directional_derivative`.

    Raises
    ------
    GradientError
        The message names the worst component and tells both numbers.
    """
    numeric = central_differences(function, point, step)
    errors = np.abs(numeric - gradient)
    worst = tuple(map(int, np.unravel_index(np.argmax(errors), errors.shape)))
    norm = max(float(np.linalg.norm(numeric)), float(np.linalg.norm(gradient)))
    _compare(
        f"component {worst}",
        float(gradient[worst]),
        float(numeric[worst]),
        tolerance * norm + _rounding(function(point), step),
    )


def check_directions(
    function: Function,
    point: Values,
    gradient: Values,
    generator: Generator,
    directions: int = 4,
    tolerance: float = 1e-6,
    step: float = STEP,
) -> None:
    """Check a gradient along random directions: cheap where it has many components.

    Parameters
    ----------
    generator : Generator
        The directions are drawn uniformly from the unit sphere.
    directions : int
        How many.
    function, point, gradient, tolerance, step
        As for `check_components`.

    Raises
    ------
    GradientError
        The message names the direction and tells both numbers.
    """
    limit = tolerance * float(np.linalg.norm(gradient)) + _rounding(function(point), step)
    for number in range(directions):
        direction = generator.standard_normal(point.shape)
        direction /= np.linalg.norm(direction)
        analytic = float(np.sum(gradient * direction))
        numeric = directional_derivative(function, point, direction, step)
        _compare(f"direction {number}", analytic, numeric, limit)


def _rounding(value: float, step: float) -> float:
    """Return the error that rounding leaves in a difference quotient of values of this size."""
    return 32.0 * float(np.finfo(np.float64).eps) * max(1.0, abs(value)) / step


def _compare(where: str, analytic: float, numeric: float, limit: float) -> None:
    error = abs(analytic - numeric)
    if not error <= limit < np.inf:  # NaN and infinity are mismatches too
        raise GradientError(
            f"{where}: analytic {analytic:.12g}, numeric {numeric:.12g}; "
            f"they differ by {error:.3g}, allowed are {limit:.3g}"
        )
