"""Long series for narrow screens: what is drawn is at most a few points a pixel column."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gradexplorer.training.buckets import Buckets, power_of_two

Points = tuple[NDArray[np.float64], NDArray[np.float64]]


def envelope(buckets: Buckets, low: NDArray[np.float64], high: NDArray[np.float64]) -> Points:
    """Return a line through the lowest and the highest point of each bucket.

    Parameters
    ----------
    buckets : Buckets
    low, high : ndarray, shape (n,)
        Where the extremes of each stand on the axis; NaN where they cannot.
    """
    if np.all(buckets.updates == 1.0):
        return buckets.first, high
    low = np.where(np.isnan(low), high, low)  # of zero and one, a log axis has only the one
    return np.repeat(buckets.first, 2), np.column_stack([low, high]).ravel()


def last_of_each(x: NDArray[np.floating], y: NDArray[np.floating], columns: int) -> Points:
    """Return the last point of each pixel column: right for a series that is smooth already."""
    bucket = power_of_two(len(y), columns)
    if bucket == 1:
        return np.asarray(x, np.float64), np.asarray(y, np.float64)
    picks = np.minimum(np.arange(bucket - 1, len(y) + bucket - 1, bucket), len(y) - 1)
    return x[picks].astype(np.float64), y[picks].astype(np.float64)
