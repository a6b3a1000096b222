"""L2 norms that are right wherever a float can hold them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gradexplorer.engine.parameters import Array

# Below it, squares lose digits and then vanish.
SMALLEST_SQUARE = 1e-292
_CACHED = 1 << 14  # numbers that are made wide at a time


def norms(values: Array) -> NDArray[np.float64]:
    """Return the L2 norms over the last axis; infinite or NaN only where the values are.

    Squares leave their precision's range (float32: below 1e-19 and above 1e19) long before
    the values do, and gradients that vanish or explode go there. So float32 is squared in
    float64, which holds the square of any of its values, and rows of float64 that leave the
    range are measured again in units of their largest value.

    Parameters
    ----------
    values : ndarray, shape (..., N)

    Returns
    -------
    ndarray, shape (...)
    """
    rows = values.reshape(-1, values.shape[-1])
    measured = np.empty(len(rows))
    count = max(1, _CACHED // max(1, rows.shape[1]))
    for start in range(0, len(rows), count):
        part = rows[start : start + count]
        wide = part.astype(np.float64, copy=False)
        with np.errstate(over="ignore", invalid="ignore"):
            squares: NDArray[np.float64] = np.vecdot(wide, wide)
        measured[start : start + count] = found = np.sqrt(squares)
        if part.dtype == np.float64:
            risky = ~((squares > SMALLEST_SQUARE) & (squares < np.inf))
            found[risky] = _scaled_norms(wide[risky])
            measured[start : start + count] = found
    return measured.reshape(values.shape[:-1])


def _scaled_norms(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    largest: NDArray[np.float64] = np.abs(rows).max(axis=1, initial=0.0)
    # Zero, infinity and NaN are their own norms.
    usable = (largest > 0.0) & (largest < np.inf)
    units = rows[usable] / largest[usable, None]
    with np.errstate(over="ignore"):
        largest[usable] *= np.linalg.norm(units, axis=1)
    return largest
