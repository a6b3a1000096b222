"""The lag profile: how a loss's gradient falls or grows on its way back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradexplorer.analysis.lag import Lag
from gradexplorer.analysis.lags import lags
from gradexplorer.analysis.predictions import Prediction, predicted_decay
from gradexplorer.analysis.watch import Tell, Values, frozen, ignore
from gradexplorer.analysis.window import MeasuredWindow
from gradexplorer.engine.records import norms_of_own_loss

_FIT_FROM = 0.1  # share of the lags that are left out at the start: the first steps differ
_FIT_LOSSES = 0.1  # share of the losses that must reach a lag for it to be fitted


class DecayFit(NamedTuple):
    """phi_k is about ``start * rate**k``: a line through log phi by least squares.

    Attributes
    ----------
    rate : float
        Factor a step: below 1 the gradient vanishes, above 1 it explodes.
    start : float
    first, last : int
        The lags it was fitted over, both included.
    r_squared : float
        Share of the variance of log phi that the line explains; 1 if there is none.
    """

    rate: float
    start: float
    first: int
    last: int
    r_squared: float

    def line(self, lags: NDArray[np.intp]) -> Values:
        """Return the fitted phi at lags."""
        with np.errstate(over="ignore", under="ignore"):
            return np.asarray(self.start * self.rate ** lags.astype(np.float64))


@dataclass(frozen=True, eq=False)
class LagProfile:
    """phi_k: the norm of dL_s/dh_{s-k}, over the sequences b and the losses s that reach lag k.

    Arrays are read-only and have the shape (K,), K one more than the longest lag.

    Attributes
    ----------
    lags : ndarray of int
        k, from 0.
    mean, median, low, high : ndarray
        Mean, median, 10th and 90th percentile. Of the top layer's h.
    cell_mean : ndarray or None
        The mean norm of dL_s/dc_{s-k}; ``None`` without a cell state.
    plant_mean : ndarray or None
        Of a closed loop, the mean norm of dL_s/ds_{s-k}, s_t the plant's state. There every
        gradient, that of h too, is total: by way of plant and controller alike; see
        `gradexplorer.analysis.lag.Lag`.
    layer_means : tuple of ndarray
        The mean of every layer, from the bottom to the top.
    counts : ndarray of int
        Losses that reach back so far, for each sequence.
    vector : ndarray
        ||E[dL_s/dh_{s-0}] + ... + E[dL_s/dh_{s-k}]||, E the mean over sequences and losses, as
        Aicher (2019) bounds the full gradient with.
    fit : DecayFit or None
        Of the mean; ``None`` where fewer than three lags could be fitted.
    predictions : tuple of Prediction
        For the top layer.
    axis : str
        ``"timestep"`` or ``"layer"``.
    """

    lags: NDArray[np.intp]
    mean: Values
    median: Values
    low: Values
    high: Values
    cell_mean: Values | None
    plant_mean: Values | None
    layer_means: tuple[Values, ...]
    counts: NDArray[np.intp]
    vector: Values
    fit: DecayFit | None
    predictions: tuple[Prediction, ...]
    axis: str


def lag_profile(measured: MeasuredWindow, tell: Tell = ignore) -> LagProfile:
    """Measure the lag profile; see `LagProfile`."""
    record = LagRecord(measured)
    for lag in lags(measured, tell):
        record.add(lag)
    return record.result()


class LagRecord:
    """Gathers a lag profile from the lags that are shown to it."""

    def __init__(self, measured: MeasuredWindow) -> None:
        self._measured = measured
        self._bands: list[tuple[float, ...]] = []
        self._layers: list[list[float]] = []
        self._cell: list[float] = []
        self._plant: list[float] = []
        self._counts: list[int] = []
        self._vectors: list[float] = []
        self._sum: Values | None = None

    def add(self, lag: Lag) -> None:
        """Take in a lag."""
        top = norms_of_own_loss(lag.dh[-1])
        self._counts.append(len(top))
        low, median, high = np.percentile(top, (10, 50, 90))
        self._bands.append((float(top.mean()), float(median), float(low), float(high)))
        self._layers.append([float(norms_of_own_loss(dh).mean()) for dh in lag.dh])
        if lag.dc is not None:
            self._cell.append(float(norms_of_own_loss(lag.dc[-1]).mean()))
        if lag.ds is not None:
            self._plant.append(float(norms_of_own_loss(lag.ds).mean()))
        if self._measured.axis == "timestep":  # layers may be of several widths
            mean: Values = lag.dh[-1].sum(axis=1).mean(axis=0)
            self._sum = mean if self._sum is None else self._sum + mean
            self._vectors.append(float(np.linalg.norm(self._sum)))

    def result(self) -> LagProfile:
        """Return the profile once all lags were taken in."""
        mean, median, low, high = (
            frozen(np.array(column)) for column in zip(*self._bands, strict=True)
        )
        counts = np.array(self._counts, np.intp)
        layers = tuple(frozen(np.array(column)) for column in zip(*self._layers, strict=True))
        return LagProfile(
            lags=frozen(np.arange(len(mean))),
            mean=mean,
            median=median,
            low=low,
            high=high,
            cell_mean=frozen(np.array(self._cell)) if self._cell else None,
            plant_mean=frozen(np.array(self._plant)) if self._plant else None,
            layer_means=layers,
            counts=frozen(counts),
            vector=frozen(np.array(self._vectors)),
            fit=fit_decay(mean, counts),
            predictions=predicted_decay(self._measured),
            axis=self._measured.axis,
        )


def fit_decay(phi: Values, counts: NDArray[np.intp]) -> DecayFit | None:
    """Fit a geometric decay to phi_k, of a line through its logarithm by least squares.

    The first tenth of the lags is left out, where the readout's direction still matters, and so
    are lags that fewer than a tenth of the losses reach, and all from the first on at which phi is
    zero or not finite.

    Parameters
    ----------
    phi : ndarray, shape (K,)
    counts : ndarray of int, shape (K,)

    Returns
    -------
    DecayFit or None
        ``None`` where fewer than three lags are left.
    """
    usable = (phi > 0.0) & np.isfinite(phi) & (counts >= _FIT_LOSSES * counts[0])
    last = len(phi) if usable.all() else int(np.argmin(usable))
    first = min(max(1, round(_FIT_FROM * last)), max(0, last - 3))
    if last - first < 3:
        return None
    k, values = np.arange(first, last), np.log(phi[first:last])
    slope, intercept = np.polyfit(k, values, 1)
    left = float(np.var(values - (slope * k + intercept)))
    all_of_it = float(np.var(values))
    share = 1.0 - left / all_of_it if all_of_it > 0.0 else 1.0
    with np.errstate(over="ignore", under="ignore"):
        start = float(np.exp(intercept))
    return DecayFit(float(np.exp(slope)), start, first, last - 1, share)
