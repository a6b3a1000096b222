"""Heights on a logarithmic axis."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def log_heights(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return where values stand on a logarithmic axis; NaN where they cannot."""
    with np.errstate(divide="ignore", invalid="ignore"):
        heights = np.log10(values.astype(np.float64))
    heights[~np.isfinite(heights)] = np.nan
    return heights


def decades(*heights: NDArray[np.float64], most: float = 18.0) -> tuple[float, float]:
    """Return whole decades that hold the finite ones of these heights, the topmost at least."""
    finite = np.concatenate([part[np.isfinite(part)] for part in heights])
    if not len(finite):
        return -1.0, 1.0
    high = float(np.ceil(finite.max() + 0.1))
    return max(float(np.floor(finite.min() - 0.1)), high - most), high
