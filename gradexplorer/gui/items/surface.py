"""A decision surface: a plane in the shades of two classes, with points of both on it."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from gradexplorer.gui.items.cells import paint_cells
from gradexplorer.gui.items.marks import Marks
from gradexplorer.gui.items.painted import PaintedItem
from gradexplorer.gui.theme import LIGHT, Colors, mix
from gradexplorer.tasks.views import DecisionSurface

LEVELS = 16
_FAINTEST, _STRONGEST = 0.08, 0.5
_RADIUS = 2.6


class SurfaceItem(PaintedItem):
    """Class 0 in the accent's colour and discs, class 1 in the held-out one's and rings."""

    def __init__(self) -> None:
        super().__init__()
        self._marks = Marks()
        self._view: DecisionSurface | None = None
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
        self.update()

    def show_view(self, view: DecisionSurface | None) -> None:
        """Draw this one, or nothing."""
        if view is not self._view:
            self._view = view
            self.update()

    def draw(self, painter: QPainter, view: Any) -> None:
        """Draw in pixels, from the upper left corner of what is seen."""
        if self._view is None:
            return
        dx, dy = view.viewPixelSize()
        (left, right), (bottom, top) = view.viewRange()
        painter.translate(left, top)
        painter.scale(dx, -dy)
        west, east, south, north = self._view.extent
        area = QRectF((west - left) / dx, (top - north) / dy, (east - west) / dx, 0.0)
        area.setHeight((north - south) / dy)
        probabilities = self._view.probabilities[::-1]
        unknown = np.isnan(probabilities)
        levels = np.minimum(np.where(unknown, 0.0, probabilities) * LEVELS, LEVELS - 1)
        levels = np.where(unknown, LEVELS, levels.astype(np.intp))
        paint_cells(painter, self._marks, levels, area, self._shades)
        x, y = self._view.points.T
        seen = (left <= x) & (x <= right) & (bottom <= y) & (y <= top)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places = (x[seen] - left) / dx, (top - y[seen]) / dy
        kinds = self._view.truth[seen].astype(np.intp)
        self._marks.discs(painter, *places, _RADIUS, kinds, self._fills, self._rims)
