"""The truncation lens: what each truncation length leaves of the gradient, and what it costs."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradexplorer.analysis.lag import Lag
from gradexplorer.analysis.lag_profile import LagProfile, LagRecord
from gradexplorer.analysis.lags import lags
from gradexplorer.analysis.watch import Tell, Values, frozen, ignore
from gradexplorer.analysis.window import MeasuredWindow
from gradexplorer.engine.closed_loop import ClosedLoopNetwork
from gradexplorer.engine.feedforward import FeedforwardNetwork
from gradexplorer.engine.footprint import Window, layer_bytes
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.parameters import Array, Parameters
from gradexplorer.engine.subnormals import FlushSubnormals
from gradexplorer.engine.truncation import backward_plan
from gradexplorer.training.feed import in_precision, step_index

BIAS = 0.1
Unrolled = RecurrentNetwork | ClosedLoopNetwork
_SWEEP = 0.2  # share of the time where a backward pass for each K follows
_SMALLEST_LOG = -50.0  # Aicher's own code takes e**-50 for zero


@dataclass(frozen=True, eq=False)
class AicherEstimate:
    """The relative bias estimated from the norms phi_k alone, by assuming geometric decay.

    Attributes
    ----------
    bias : ndarray, shape (K,)
        Upper bound for each K; infinite where there is none: the decay rate is not below 1, or
        the gradients of single losses cancel.
    rate : float
        beta, the decay rate from lag ``tau`` on; NaN if there was nothing to fit.
    tau : int
    smallest_k : int or None
        The smallest K whose bound is at most the chosen bias.

    References
    ----------
    Aicher, Foti & Fox (2019), Adaptively truncating backpropagation through time to control
    gradient bias. UAI, equations 9 to 14.
    """

    bias: Values
    rate: float
    tau: int
    smallest_k: int | None

    def with_bias(self, chosen_bias: float) -> AicherEstimate:
        """Return the same with the smallest K for another bias."""
        return replace(self, smallest_k=_first_within(self.bias, chosen_bias))


@dataclass(frozen=True, eq=False)
class TruncationLens:
    """The truncated gradient g_K held against the full gradient g, both on the same batch.

    Both are of all parameters, before clipping and without the regularizer. In a closed loop
    truncation cuts plant and controller alike, as in training. Arrays are read-only
    and have the shape (K,), a value for each truncation length.

    Attributes
    ----------
    lengths : ndarray of int
        K, that is k2, from 1 to the number of steps (or layers).
    bias : ndarray
        ||g_K - g|| / ||g||: exact up to rounding (1e-15); 0 where nothing is cut off.
    cosine : ndarray
        Between g_K and g: 1 is the same direction.
    norm : float
        ||g||.
    k1 : int or None
        Chunk length: 1, each loss goes back exactly K steps; ``None``: as K.
    chosen_bias : float
    smallest_k : int
        The smallest K from which on the bias stays at most ``chosen_bias``.
    seconds, bytes : ndarray
        Time and memory of the forward and backward pass over a window of K steps, which is what an
        update takes on a stream with k1 = k2 = K: time as measured on this machine for the whole
        window and divided, memory from the shapes. For a feedforward network NaN and 0.
    aicher : AicherEstimate or None
        ``None`` for a feedforward network.
    axis : str
        ``"timestep"`` or ``"layer"``: K layers, counted from the last, are reached.
    """

    lengths: NDArray[np.intp]
    bias: Values
    cosine: Values
    norm: float
    k1: int | None
    chosen_bias: float
    smallest_k: int
    seconds: Values
    bytes: NDArray[np.int64]
    aicher: AicherEstimate | None
    axis: str

    def with_bias(self, chosen_bias: float) -> TruncationLens:
        """Return the same with the smallest lengths for another bias."""
        return replace(
            self,
            chosen_bias=chosen_bias,
            smallest_k=smallest_length(self.bias, chosen_bias),
            aicher=None if self.aicher is None else self.aicher.with_bias(chosen_bias),
        )


def truncation_lens(
    measured: MeasuredWindow,
    k1: int | None = 1,
    chosen_bias: float = BIAS,
    tell: Tell = ignore,
) -> TruncationLens:
    """Measure the exact truncation bias for every K; see `TruncationLens`.

    Parameters
    ----------
    measured : MeasuredWindow
    k1 : int or None
        1: one sweep over the lags gives all K. Another chunk length, or ``None`` for one that
        follows K as in training, takes a backward pass for each K.
    chosen_bias : float
    tell : callable
        Told of progress.
    """
    record, profile = TruncationRecord(measured), LagRecord(measured)
    share = 1.0 if k1 == 1 else _SWEEP
    for lag in lags(measured, lambda fraction: tell(share * fraction)):
        profile.add(lag)
        if k1 == 1:
            record.add(lag)
    if k1 != 1 and not isinstance(measured.network, FeedforwardNetwork):
        _by_passes(measured, measured.network, record, k1, tell)
    return record.result(profile.result(), k1, chosen_bias)


class TruncationRecord:
    """Gathers truncated gradients, for K = 1, 2 and so on, and holds them against the full one."""

    def __init__(self, measured: MeasuredWindow) -> None:
        self._measured = measured
        self._full = measured.network.gradients.flat.copy()
        self._so_far = Parameters(measured.network.parameters.shapes, np.float64)
        self._found: list[tuple[float, float]] = []

    def add(self, lag: Lag) -> None:
        """Take in a lag: with k1 = 1, g_K is the sum over the lags below K."""
        lag.add_gradient(self._so_far)
        self.compare(self._so_far.flat)

    def compare(self, truncated: Array) -> None:
        """Take in the gradient of the next K."""
        self._found.append(_compared(truncated, self._full))

    def result(self, profile: LagProfile, k1: int | None, chosen_bias: float) -> TruncationLens:
        """Return the lens once all lags were taken in."""
        steps = self._measured.steps
        rows = self._found + [(0.0, 1.0)] * (steps - len(self._found))
        bias, cosine = np.array(rows).T.copy()
        # From here on nothing is cut off; rounding must not say otherwise.
        whole = int(self._measured.loss_steps[-1]) if k1 == 1 else steps - 1
        bias[whole:], cosine[whole:] = 0.0, 1.0
        seconds, size = _costs(self._measured)
        is_recurrent = self._measured.axis == "timestep"
        aicher = aicher_estimate(profile, steps, chosen_bias) if is_recurrent else None
        return TruncationLens(
            lengths=frozen(np.arange(1, steps + 1)),
            bias=frozen(bias),
            cosine=frozen(cosine),
            norm=float(np.linalg.norm(self._full)),
            k1=k1,
            chosen_bias=chosen_bias,
            smallest_k=smallest_length(bias, chosen_bias),
            seconds=frozen(seconds),
            bytes=frozen(size),
            aicher=aicher,
            axis=self._measured.axis,
        )


def smallest_length(bias: Values, chosen: float) -> int:
    """Return the smallest K from which on the bias, given for K = 1 and so on, is small enough."""
    above = np.flatnonzero(~(bias <= chosen))
    return int(above[-1]) + 2 if len(above) else 1


def aicher_estimate(profile: LagProfile, steps: int, chosen_bias: float) -> AicherEstimate:
    """Estimate the relative bias of every K from 1 to ``steps`` from a lag profile.

    With the decay rate beta fitted to phi_k from lag tau on, where the profile's own fit begins::

        E(K) = sum of phi_k for K <= k < tau, and phi_tau / (1 - beta)        K < tau
        E(K) = phi_tau beta^(K - tau) / (1 - beta)                            K >= tau

    bounds what K leaves out, and E(K) / max_j (||sum of E[dL_s/dh_{s-k}], k < j|| - E(j)) is the
    bound of the relative bias. The factor from states to parameters cancels.
    """
    fit, lengths = profile.fit, np.arange(1, steps + 1)
    if fit is None or not fit.rate < 1.0:
        unknown = np.full(steps, np.inf)
        rate, tau = (np.nan, 0) if fit is None else (fit.rate, fit.first)
        return AicherEstimate(frozen(unknown), rate, tau, None)
    phi, tau = profile.mean, fit.first
    tail = phi[tau] / (1.0 - fit.rate)
    before = np.cumsum(phi[:tau][::-1])[::-1]  # before[K]: the sum of phi_K to phi_{tau - 1}
    left_out = tail * fit.rate ** np.maximum(0, lengths - tau)
    left_out[: max(0, tau - 1)] += before[1:tau]
    count = min(len(profile.vector), steps)
    lower = float(np.max(profile.vector[:count] - left_out[:count]))
    floor = np.exp(_SMALLEST_LOG)
    bias = left_out / lower if lower > floor * phi[0] else np.full(steps, np.inf)
    return AicherEstimate(frozen(bias), fit.rate, tau, _first_within(bias, chosen_bias))


def _first_within(bias: Values, chosen: float) -> int | None:
    """Return the first K whose bias, given for K = 1 and so on, is small enough."""
    enough = np.flatnonzero(bias <= chosen)
    return int(enough[0]) + 1 if len(enough) else None


def _by_passes(
    measured: MeasuredWindow,
    network: Unrolled,
    record: TruncationRecord,
    k1: int | None,
    tell: Tell,
) -> None:
    """Run the engine's truncated backward pass for each K, and the full one again at the end."""
    loss_steps, d_outputs = measured.window.loss_steps, measured.loss.d_outputs
    with FlushSubnormals(), np.errstate(over="ignore", invalid="ignore"):
        for k2 in range(1, measured.steps + 1):
            chunk = None if k1 is None else min(k1, k2)
            network.backward(d_outputs, backward_plan(measured.steps, loss_steps, chunk, k2))
            record.compare(network.gradients.flat)
            tell(_SWEEP + (1.0 - _SWEEP) * k2 / measured.steps)
        network.backward(d_outputs, measured.window.plan)


def _compared(truncated: Array, full: Array) -> tuple[float, float]:
    """Return the relative bias and the cosine."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        norm = np.linalg.norm(full)
        bias = np.linalg.norm(truncated - full) / norm
        cosine = np.dot(truncated / np.linalg.norm(truncated), full / norm)
    return float(bias), float(cosine)


def _costs(measured: MeasuredWindow) -> tuple[Values, NDArray[np.int64]]:
    """Return seconds and bytes of a window of K steps, for each K."""
    network, lengths = measured.network, range(1, measured.steps + 1)
    if isinstance(network, FeedforwardNetwork):
        return np.full(len(lengths), np.nan), np.zeros(len(lengths), np.int64)
    dtype = np.dtype(measured.config.training.precision)
    batch = measured.window.inputs.shape[1]
    total = [_bytes(network, Window(length, batch), dtype.itemsize) for length in lengths]
    return _seconds_a_step(measured, network, dtype) * np.array(lengths), np.array(total, np.int64)


def _bytes(network: Unrolled, window: Window, itemsize: int) -> int:
    if isinstance(network, ClosedLoopNetwork):
        return network.numbers * window.steps * window.batch * itemsize
    return sum(
        layer_bytes(layer.footprint, layer.input_size, layer.hidden_size, window, itemsize)
        for layer in network.layers
    )


def _seconds_a_step(measured: MeasuredWindow, network: Unrolled, dtype: np.dtype[Any]) -> float:
    """Return the best of three times of a forward and a backward pass, divided by the steps."""
    copy, inputs = network.copy(dtype), in_precision(measured.window.inputs, dtype)
    d_outputs = measured.loss.d_outputs.astype(dtype)
    index, times = step_index(measured.window.loss_steps), []
    with FlushSubnormals(), np.errstate(over="ignore", invalid="ignore"):
        for _ in range(3):
            start = time.perf_counter()
            copy.forward(inputs, index)
            copy.backward(d_outputs, measured.window.plan)
            times.append(time.perf_counter() - start)
    return min(times) / measured.steps
