"""A decision surface: a plane in the shades of two classes, with points of both on it."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor, QPainter, QPen

from gradexplorer.gui.items.cells import paint_cells
from gradexplorer.gui.items.marks import Marks
from gradexplorer.gui.items.pictured import Frame, PicturedItem
from gradexplorer.gui.theme import LIGHT, Colors, mix
from gradexplorer.tasks.views import DecisionSurface

LEVELS = 16
_FAINTEST, _STRONGEST = 0.08, 0.5
_RADIUS = 2.6


class SurfaceItem(PicturedItem[DecisionSurface]):
    """Class 0 in the accent's colour and discs, class 1 in the held-out one's and rings."""

    def __init__(self) -> None:
        super().__init__()
        self._marks = Marks()
        self.set_colors(LIGHT)

    def set_colors(self, colors: Colors) -> None:
        """Draw in these colours."""
        certainty = np.abs(2.0 * (np.arange(LEVELS) + 0.5) / LEVELS - 1.0)
        shares = _FAINTEST + (_STRONGEST - _FAINTEST) * certainty
        self._shades = [
            QColor(mix(colors.accent if 2 * level < LEVELS else colors.held_out, colors.base, part))
            for level, part in enumerate(shares.tolist())
        ]
        self._shades.append(QColor(colors.not_a_number))
        self._fills = QColor(colors.accent), QColor(colors.base)
        self._rims = QPen(QColor(colors.base), 1.0), QPen(QColor(colors.held_out), 1.6)
        super().set_colors(colors)

    def draw_value(self, painter: QPainter, value: DecisionSurface, frame: Frame) -> None:
        """Draw in pixels, y downwards."""
        west, east, south, north = value.extent
        probabilities = value.probabilities[::-1]
        unknown = np.isnan(probabilities)
        levels = np.minimum(np.where(unknown, 0.0, probabilities) * LEVELS, LEVELS - 1)
        levels = np.where(unknown, LEVELS, levels.astype(np.intp))
        area = frame.area(west, north, east - west, north - south)
        paint_cells(painter, self._marks, levels, area, self._shades)
        x, y = value.points.T
        seen = (frame.left <= x) & (x <= frame.right) & (frame.bottom <= y) & (y <= frame.top)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        kinds = value.truth[seen].astype(np.intp)
        places = frame.x(x[seen]), frame.y(y[seen])
        self._marks.discs(painter, *places, _RADIUS, kinds, self._fills, self._rims)
