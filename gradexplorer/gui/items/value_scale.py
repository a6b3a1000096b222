"""Signed values as colours: white at zero, the same distance to either end."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from gradexplorer.gui.scale import BINS, binned
from gradexplorer.gui.theme import Colors


def diverging(colors: Colors, levels: int) -> tuple[QColor, ...]:
    """Return blue over white to red, the same in the dark: white is zero everywhere."""
    low, high = ("#4393c3", "#d6604d") if colors.dark else ("#2166ac", "#b2182b")
    ends = (low, "#ffffff", high)
    found = pg.ColorMap([0.0, 0.5, 1.0], [QColor(end) for end in ends]).getLookupTable(nPts=levels)
    return tuple(QColor(*map(int, row[:3])) for row in found)


def value_colors(colors: Colors) -> tuple[QColor, ...]:
    """Return the colour of every bin, of zero, NaN and infinity, as `kind_colors` orders them."""
    special = ("#ffffff", colors.not_a_number, colors.infinite)
    return diverging(colors, BINS) + tuple(map(QColor, special))


class ValueScale:
    """The range of signed values, symmetric about zero.

    Attributes
    ----------
    limit : float
        1, 2 or 5 times a power of ten: it changes seldom.
    """

    def __init__(self, values: NDArray[np.floating]) -> None:
        finite = np.abs(values[np.isfinite(values)])
        largest = float(finite.max(initial=0.0)) or 1.0
        power = 10.0 ** np.floor(np.log10(largest))
        steps = (1.0, 2.0, 5.0, 10.0)
        self.limit = float(power * next(step for step in steps if step * power >= largest * 0.999))

    def kinds(self, values: NDArray[np.floating]) -> NDArray[np.intp]:
        """Return for each value its bin, or `ZERO`, `NOT_A_NUMBER` or `INFINITE`."""
        with np.errstate(invalid="ignore"):
            share = 0.5 * (values / self.limit + 1.0)
        return binned(values, share)
