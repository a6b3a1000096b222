"""A map of values, rows downwards and steps to the right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QPainter

from gradexplorer.gui.items.cells import paint_cells
from gradexplorer.gui.items.marks import Marks
from gradexplorer.gui.items.pictured import Frame, PicturedItem
from gradexplorer.gui.items.value_scale import diverging
from gradexplorer.gui.theme import LIGHT, Colors

LEVELS = 33  # odd: zero has a level of its own
_FINEST = 1.5  # pixels


@dataclass(frozen=True, eq=False)
class CellMap:
    """What is drawn.

    Attributes
    ----------
    values : ndarray, shape (R, T)
        Row r stands at -r - 1, column t at t + 1.
    limit : float
        The value of the last colour; of the first one minus it if ``signed``, else 0.
    signed : bool
    """

    values: NDArray[np.float64]
    limit: float
    signed: bool


class CellMapItem(PicturedItem[CellMap]):
    """Signed values on a diverging map, white (or the ground) at zero; others on viridis."""

    def __init__(self) -> None:
        super().__init__()
        self._marks = Marks()
        self.set_colors(LIGHT)

    def set_colors(self, colors: Colors) -> None:
        """Draw in these colours."""
        self._diverging = diverging(colors, LEVELS)
        self._sequential = _sequential()
        self._nothing = QColor(colors.not_a_number)
        super().set_colors(colors)

    def color(self, share: float) -> str:
        """Return the colour of a share of the range there is, from 0 to 1."""
        table = self._diverging if self._value is None or self._value.signed else self._sequential
        return table[round(share * (LEVELS - 1))].name()

    def draw_value(self, painter: QPainter, value: CellMap, frame: Frame) -> None:
        """Draw in pixels, y downwards."""
        rows, columns = value.values.shape
        area = frame.area(0.5, -0.5, columns, rows)
        across = max(1, int(_FINEST * columns / max(area.width(), 1.0)))
        down = max(1, int(_FINEST * rows / max(area.height(), 1.0)))
        shown = value.values[::down, ::across]
        area.setWidth(area.width() * shown.shape[1] * across / columns)
        area.setHeight(area.height() * shown.shape[0] * down / rows)
        low = -value.limit if value.signed else 0.0
        share = (shown - low) / (value.limit - low)
        unknown = np.isnan(share)
        levels = np.round(np.clip(np.where(unknown, 0.0, share), 0.0, 1.0) * (LEVELS - 1))
        levels = np.where(unknown, LEVELS, levels).astype(np.intp)
        table = self._diverging if value.signed else self._sequential
        ground = QColor(self._colors.base) if value.signed else self._nothing
        paint_cells(painter, self._marks, levels, area, (*table, ground))


def _sequential() -> tuple[QColor, ...]:
    table = pg.colormap.get("viridis").getLookupTable(0.0, 1.0, LEVELS)
    return tuple(QColor(*map(int, row[:3])) for row in table)
