"""L2 norms that are right wherever a float can hold them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gradexplorer.engine.parameters import Array

# Below it, squares of float32 lose digits and then vanish.
SMALLEST_SQUARE = 1e-30


def norms(values: Array) -> NDArray[np.float64]:
    """Return the L2 norms over the last axis; infinite or NaN only where the values are.

    Squares leave their precision's range (float32: below 1e-19 and above 1e19) long before
    the values do, and gradients that vanish or explode go there. Such rows are measured
    again in float64, which holds the square of any float32; those of float64 in units of
    their largest value.

    Parameters
    ----------
    values : ndarray, shape (..., N)

    Returns
    -------
    ndarray, shape (...)
    """
    with np.errstate(over="ignore"):
        squares = np.einsum("...i,...i->...", values, values).astype(np.float64)
    measured: NDArray[np.float64] = np.sqrt(squares)
    risky = ~((squares > SMALLEST_SQUARE) & (squares < np.inf))
    if risky.any():
        rows = values[risky]
        measured[risky] = _scaled_norms(rows) if rows.dtype == np.float64 else _wide_norms(rows)
    return measured


def _wide_norms(rows: Array) -> NDArray[np.float64]:
    wide = rows.astype(np.float64)
    squares: NDArray[np.float64] = np.einsum("...i,...i->...", wide, wide)
    return np.sqrt(squares)


def _scaled_norms(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    largest: NDArray[np.float64] = np.abs(rows).max(axis=1)
    # Zero, infinity and NaN are their own norms.
    usable = (largest > 0.0) & (largest < np.inf)
    units = rows[usable] / largest[usable, None]
    with np.errstate(over="ignore"):
        largest[usable] *= np.linalg.norm(units, axis=1)
    return largest
