"""The clipping lens: what clipping did to a run's gradients, and which threshold suits them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradexplorer.analysis.watch import Values, frozen

PERCENTILES = (1, 5, 10, 25, 50, 75, 90, 95, 99)
SUGGESTED = 90  # percentile
_LATER_HALF = 0.5
ROLLING = 100  # updates


@dataclass(frozen=True, eq=False)
class ClippingLens:
    """What clipping did. Arrays are read-only; N updates that were applied.

    Attributes
    ----------
    iterations : ndarray of int, shape (N,)
    before, after : ndarray, shape (N,)
        Global norm before and after clipping.
    threshold : ndarray, shape (N,)
        In force at each; NaN without clipping.
    clipped : ndarray of bool, shape (N,)
    rolling : ndarray, shape (N,)
        The share that was clipped of the last `ROLLING` updates, or of all so far.
    share : float
        Of all updates, clipped.
    scale : float
        The mean clip scale: how much of its length an update kept on average.
    scale_of_clipped : float
        The same over the clipped ones alone; NaN if none was.
    percentiles : dict of int to float
        Of the norm before clipping.
    mean : float
        Of the norm before clipping.
    suggestion : float
        A threshold; see `suggested_threshold`. NaN without updates.
    reason : str
        For a person.
    """

    iterations: NDArray[np.int64]
    before: Values
    after: Values
    threshold: Values
    clipped: NDArray[np.bool_]
    rolling: Values
    share: float
    scale: float
    scale_of_clipped: float
    percentiles: dict[int, float]
    mean: float
    suggestion: float
    reason: str


def clipping_lens(metrics: NDArray[np.void]) -> ClippingLens:
    """Measure what clipping did, from a run's metrics alone.

    Parameters
    ----------
    metrics : ndarray of METRICS_DTYPE
        An update that diverged is left out.
    """
    rows = metrics[np.isfinite(metrics["clip_scale"])]
    before, scale = rows["grad_norm"].astype(np.float64), rows["clip_scale"]
    clipped = scale < 1.0
    known = len(rows) > 0
    suggestion = suggested_threshold(before) if known else np.nan
    found = np.percentile(before, PERCENTILES) if known else np.full(len(PERCENTILES), np.nan)
    return ClippingLens(
        iterations=frozen(rows["iteration"].copy()),
        before=frozen(before),
        after=frozen(before * scale),
        threshold=frozen(rows["clip_threshold"].copy()),
        clipped=frozen(clipped),
        rolling=frozen(_rolling_share(clipped)),
        share=float(clipped.mean()) if known else np.nan,
        scale=float(scale.mean()) if known else np.nan,
        scale_of_clipped=float(scale[clipped].mean()) if clipped.any() else np.nan,
        percentiles=dict(zip(PERCENTILES, found.tolist(), strict=True)),
        mean=float(before.mean()) if known else np.nan,
        suggestion=suggestion,
        reason=_reason(before, suggestion) if known else "No update was made.",
    )


def suggested_threshold(norms: Values) -> float:
    """Return the 90th percentile of the later half of a run's norms, to two digits.

    Clipping is for the few gradients that are larger than the others: so one in ten is clipped,
    and the others keep their length. The later half, because norms at the start are of another
    network. Pascanu, Mikolov & Bengio (2013, section 3.2) found thresholds of half to ten times
    the average norm to work, and AutoClip (Seetharaman 2020) takes a percentile of the norms so
    far, as here.

    Parameters
    ----------
    norms : ndarray, shape (N,)
        Before clipping, at least one.

    Returns
    -------
    float
        NaN where that percentile is 0: no threshold follows from gradients that are gone.
    """
    later = norms[int(_LATER_HALF * len(norms)) :]
    return float(f"{float(np.percentile(later, SUGGESTED)):.2g}") or np.nan


def _reason(norms: Values, suggestion: float) -> str:
    later = norms[int(_LATER_HALF * len(norms)) :]
    if np.isnan(suggestion):
        return f"{SUGGESTED} % of the last {len(later):,} norms are 0; no threshold follows."
    return (
        f"{SUGGESTED} % of the last {len(later):,} norms are below {suggestion:g}, which is "
        f"{suggestion / float(later.mean()):.2g} times their average; Pascanu (2013) found 0.5 to "
        "10 times to work."
    )


def _rolling_share(clipped: NDArray[np.bool_]) -> Values:
    sums = np.concatenate([[0], np.cumsum(clipped)])
    stops = np.arange(1, len(clipped) + 1)
    starts = np.maximum(0, stops - ROLLING)
    shares: Values = (sums[stops] - sums[starts]) / (stops - starts)
    return shares
