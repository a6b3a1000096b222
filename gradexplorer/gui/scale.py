"""Gradient magnitudes as colours and positions: one scale for all views of one window."""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from gradexplorer.gui.theme import Colors

BINS = 32
ZERO, NOT_A_NUMBER, INFINITE = BINS, BINS + 1, BINS + 2
KINDS = BINS + 3

RangeMode = Literal["recent", "all time", "fixed"]
FIXED = (-12.0, 2.0)
_SHORTEST, _LONGEST = 3.0, 20.0
_PATIENCE = 30  # fits that must agree before the range shrinks


@cache
def viridis() -> tuple[QColor, ...]:
    """Return the sequential map's colours, dark to light, one a bin."""
    table = pg.colormap.get("viridis").getLookupTable(0.0, 1.0, BINS)
    return tuple(QColor(*map(int, row[:3])) for row in table)


def kind_colors(colors: Colors) -> tuple[QColor, ...]:
    """Return the colour of every bin and of zero, NaN and infinity."""
    special = (colors.zero, colors.not_a_number, colors.infinite)
    return viridis() + tuple(map(QColor, special))


def binned(values: NDArray[np.floating], share: NDArray[np.floating]) -> NDArray[np.intp]:
    """Return for each value the bin of its share of a range, or what else it is.

    That is `ZERO`, `NOT_A_NUMBER` or `INFINITE`.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        bins: NDArray[np.intp] = np.clip(np.nan_to_num(share * BINS), 0, BINS - 1).astype(np.intp)
    bins[values == 0.0] = ZERO
    bins[np.isnan(values)] = NOT_A_NUMBER
    bins[np.isinf(values)] = INFINITE
    return bins


class MagnitudeScale:
    """The decades that views of gradient magnitudes span.

    Attributes
    ----------
    low, high : float
        Whole powers of ten.
    mode : str
        ``"recent"``: what is shown now, growing at once and shrinking slowly;
        ``"all time"``: all that was ever shown; ``"fixed"``: 10^-12 to 10^2.
    """

    def __init__(self) -> None:
        # Fixed at first: two runs, or a run and its last minute, then compare by eye.
        self.mode: RangeMode = "fixed"
        self.reset()

    def reset(self) -> None:
        """Forget what was shown."""
        self.low, self.high = FIXED if self.mode == "fixed" else (-6.0, 0.0)
        self._known = False
        self._agreed = 0

    def fit(self, magnitudes: NDArray[np.floating]) -> None:
        """Let the range follow what is to be shown."""
        if self.mode == "fixed":
            self.low, self.high = FIXED
            return
        finite = magnitudes[(magnitudes > 0.0) & np.isfinite(magnitudes)]
        if not finite.size:
            return
        high = float(np.ceil(np.log10(finite.max()) + 0.1))
        low = float(np.floor(np.log10(finite.min()) - 0.1))
        low = min(max(low, high - _LONGEST), high - _SHORTEST)
        if not self._known:
            self.low, self.high, self._known = low, high, True
        elif low < self.low or high > self.high or self.mode == "all time":
            self.low = max(min(low, self.low), max(high, self.high) - _LONGEST)
            self.high = max(high, self.high)
            self._agreed = 0
        elif low > self.low + 1.0 or high < self.high - 1.0:
            self._agreed += 1
            if self._agreed >= _PATIENCE:
                self.low, self.high, self._agreed = low, high, 0
        else:
            self._agreed = 0

    def kinds(self, magnitudes: NDArray[np.floating]) -> NDArray[np.intp]:
        """Return for each magnitude its bin, or `ZERO`, `NOT_A_NUMBER` or `INFINITE`."""
        with np.errstate(divide="ignore", invalid="ignore"):
            share = (np.log10(magnitudes) - self.low) / (self.high - self.low)
        return binned(magnitudes, share)
