"""Long series for narrow screens: what is drawn is at most a few points a pixel column."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Points = tuple[NDArray[np.float64], NDArray[np.float64]]


def envelope(x: NDArray[np.floating], y: NDArray[np.floating], columns: int) -> Points:
    """Return the series as minimum and maximum of each pixel column.

    A series with at most two points a column comes back as it is. Buckets begin at
    multiples of their length, so that a growing series does not shimmer. NaN is left
    out of a bucket's extremes.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
    columns : int
    """
    bucket = _bucket(len(y), columns)
    if bucket == 1:
        return np.asarray(x, np.float64), np.asarray(y, np.float64)
    starts = np.arange(0, len(y), bucket)
    low = np.fmin.reduceat(y, starts)
    high = np.fmax.reduceat(y, starts)
    return np.repeat(x[starts], 2).astype(np.float64), np.column_stack([low, high]).ravel()


def last_of_each(x: NDArray[np.floating], y: NDArray[np.floating], columns: int) -> Points:
    """Return the last point of each pixel column: right for a series that is smooth already."""
    bucket = _bucket(len(y), columns)
    if bucket == 1:
        return np.asarray(x, np.float64), np.asarray(y, np.float64)
    picks = np.minimum(np.arange(bucket - 1, len(y) + bucket - 1, bucket), len(y) - 1)
    return x[picks].astype(np.float64), y[picks].astype(np.float64)


def _bucket(points: int, columns: int) -> int:
    """Return a power of two that leaves between one and two buckets a column."""
    bucket = 1
    while points > 2 * bucket * max(columns, 1):
        bucket *= 2
    return bucket
