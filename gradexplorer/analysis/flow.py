"""The flow matrix: how much of each loss arrives at each step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradexplorer.analysis.lag import Lag
from gradexplorer.analysis.lags import lags
from gradexplorer.analysis.watch import Tell, Values, frozen, ignore
from gradexplorer.analysis.window import MeasuredWindow
from gradexplorer.engine.parameters import Array
from gradexplorer.engine.records import norms_of_own_loss
from gradexplorer.errors import InputError

MOST_ENTRIES = 4_000_000


@dataclass(frozen=True, eq=False)
class FlowMatrix:
    """M[s, t], the mean over the batch of ||dL_s/dh_t||, for t <= s; NaN above the diagonal.

    L_s is the part of a sequence's own loss that stands at step s, so that the gradients whose
    norms these are add up over s to the dL/dh_t that the bars show. Nothing is truncated. All
    arrays have the shape (S, T), a row for each loss-bearing step, and are read-only.

    Attributes
    ----------
    loss_steps : ndarray of int, shape (S,)
        s, ascending.
    norms : ndarray
        Of the top layer's h.
    cell_norms : ndarray or None
        ||dL_s/dc_t|| of the top layer; ``None`` without a cell state.
    layers : tuple of ndarray
        Of every layer's h, from the bottom to the top; the last is ``norms``.
    cell_layers : tuple of ndarray
        Of every layer's c; empty without a cell state.
    plant_norms : ndarray or None
        Of a closed loop, ||dL_s/ds_t||, s_t the plant's state. There every gradient, that of h
        too, is total: by way of plant and controller alike; see `gradexplorer.analysis.lag.Lag`.
    axis : str
        What the steps are: ``"timestep"``, or ``"layer"`` for a feedforward network, which has
        one row.
    """

    loss_steps: NDArray[np.intp]
    norms: Values
    cell_norms: Values | None
    layers: tuple[Values, ...]
    cell_layers: tuple[Values, ...]
    plant_norms: Values | None
    axis: str

    def kept(self, k2: int) -> NDArray[np.bool_]:
        """Return where a loss arrives, shape (S, T), if each goes back exactly ``k2`` steps."""
        back = self.loss_steps[:, None] - np.arange(self.norms.shape[1])
        return (back >= 0) & (back < k2)

    def shares_kept(self) -> Values:
        """Return how much of the norms' sum over losses and steps each k2 = 1 to T keeps, (T,).

        1 where nothing flows at all; NaN where a norm is not finite, for then none has a share.
        """
        back = self.loss_steps[:, None] - np.arange(self.norms.shape[1])
        within = back >= 0
        if not np.isfinite(self.norms[within]).all():
            return np.full(self.norms.shape[1], np.nan)
        sums = np.bincount(back[within], self.norms[within], minlength=self.norms.shape[1])
        total = sums.sum()
        return np.cumsum(sums) / total if total > 0.0 else np.ones(len(sums))

    def smallest_keeping(self, share: float) -> int | None:
        """Return the smallest k2 that keeps at least so much, if any does; see `shares_kept`."""
        enough = np.flatnonzero(self.shares_kept() >= share)
        return int(enough[0]) + 1 if len(enough) else None


def flow_matrix(measured: MeasuredWindow, tell: Tell = ignore) -> FlowMatrix:
    """Measure the flow matrix; see `FlowMatrix`.

    Raises
    ------
    InputError
        The matrix would have more than `MOST_ENTRIES`.
    """
    record = FlowRecord(measured)
    for lag in lags(measured, tell):
        record.add(lag)
    return record.result()


class FlowRecord:
    """Gathers a flow matrix from the lags that are shown to it."""

    def __init__(self, measured: MeasuredWindow) -> None:
        self._measured = measured
        shape = (len(measured.loss_steps), measured.steps)
        if shape[0] * shape[1] > MOST_ENTRIES:
            raise InputError(
                f"The flow matrix of {shape[0]:,} losses over {shape[1]:,} steps has more than "
                f"{MOST_ENTRIES:,} entries; choose a shorter sequence."
            )
        layers = len(measured.network.layers)
        self._h = [np.full(shape, np.nan) for _ in range(layers)]
        self._c = [np.full(shape, np.nan) for _ in range(layers)]
        self._s = np.full(shape, np.nan)
        self._has_c = self._has_s = False

    def add(self, lag: Lag) -> None:
        """Take in a lag."""
        rows = np.arange(len(self._measured.loss_steps))[lag.rows]
        steps = self._measured.loss_steps[rows] - lag.lag
        _fill(self._h, lag.dh, rows, steps)
        if lag.dc is not None:
            self._has_c = True
            _fill(self._c, lag.dc, rows, steps)
        if lag.ds is not None:
            self._has_s = True
            _fill([self._s], (lag.ds,), rows, steps)

    def result(self) -> FlowMatrix:
        """Return the matrix once all lags were taken in."""
        layers = tuple(map(frozen, self._h))
        cells = tuple(map(frozen, self._c)) if self._has_c else ()
        return FlowMatrix(
            loss_steps=frozen(self._measured.loss_steps),
            norms=layers[-1],
            cell_norms=cells[-1] if cells else None,
            layers=layers,
            cell_layers=cells,
            plant_norms=frozen(self._s) if self._has_s else None,
            axis=self._measured.axis,
        )


def _fill(
    matrices: list[Values],
    signals: tuple[Array, ...],
    rows: NDArray[np.intp],
    steps: NDArray[np.intp],
) -> None:
    for matrix, signal in zip(matrices, signals, strict=True):
        matrix[rows, steps] = norms_of_own_loss(signal).mean(axis=1)
