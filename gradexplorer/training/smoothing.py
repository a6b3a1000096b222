"""The moving average of a series that comes in parts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SMOOTHING = 0.95
SMOOTHED_DTYPE = np.dtype([("loss", np.float64), ("grad_norm", np.float64)])
_BLOCK = 512  # SMOOTHING ** -512 is 2.5e11: far from overflow
_POWERS = SMOOTHING ** np.arange(1.0, _BLOCK + 1.0)


class MovingAverage:
    """The exponential moving average, without its bias towards zero at the start.

    As Adam corrects its moments (Kingma & Ba 2015). Values that are not finite are left out: the
    average stands. The parts in which a series comes do not change a bit of the result.
    """

    def __init__(self) -> None:
        self._count = 0  # finite values in whole blocks
        self._average = 0.0  # biased, after them
        self._open = np.zeros(0)  # finite values of the block that is not full yet

    def add(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the average after each of the values; NaN before the first finite one."""
        finite = np.isfinite(values)
        known = self._averages(values[finite])  # the last one before, then one for each
        smoothed: NDArray[np.float64] = known[np.cumsum(finite)]
        return smoothed

    def _averages(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        before = len(self._open)
        pending = np.concatenate([self._open, values])
        # A leading entry for what stands before the first of them.
        biased = np.concatenate([[self._average], self._biased(pending)])
        weights = -np.expm1(np.log(SMOOTHING) * (self._count + np.arange(len(biased))))
        with np.errstate(invalid="ignore"):
            averages = biased / np.where(weights > 0.0, weights, np.nan)
        whole = len(pending) - len(pending) % _BLOCK
        self._average, self._open = float(biased[whole]), pending[whole:]
        self._count += whole
        return averages[before:]

    def _biased(self, pending: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the moments after each value, from the beginning of a block on."""
        padding = np.zeros(-len(pending) % _BLOCK)
        blocks = np.concatenate([pending, padding]).reshape(-1, _BLOCK)
        sums = np.cumsum(blocks / _POWERS, axis=1) * (1.0 - SMOOTHING)
        before, carry = np.empty(len(blocks)), self._average
        for index, total in enumerate(sums[:, -1].tolist()):
            before[index] = carry
            carry = _POWERS[-1] * (total + carry)
        moments: NDArray[np.float64] = (sums + before[:, np.newaxis]) * _POWERS
        return moments.ravel()[: len(pending)]
