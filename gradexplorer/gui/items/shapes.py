"""Hollow marks of several shapes: points of several sets, told apart without colour."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradexplorer.gui.items.marks import Marks
from gradexplorer.gui.items.painted import PaintedItem

_FAR = 1e5  # pixels
_WIDTH = 1.4  # pixels, of a stroke

# Strokes from (x1, y1) to (x2, y2), in units of a radius.
_SHAPES = {
    "square": ((-0.9, -0.9, 0.9, -0.9), (0.9, -0.9, 0.9, 0.9), (0.9, 0.9, -0.9, 0.9),
               (-0.9, 0.9, -0.9, -0.9)),
    "triangle": ((-1.1, 0.85, 1.1, 0.85), (1.1, 0.85, 0.0, -1.1), (0.0, -1.1, -1.1, 0.85)),
    "diamond": ((-1.2, 0.0, 0.0, -1.2), (0.0, -1.2, 1.2, 0.0), (1.2, 0.0, 0.0, 1.2),
                (0.0, 1.2, -1.2, 0.0)),
    "cross": ((-0.9, -0.9, 0.9, 0.9), (-0.9, 0.9, 0.9, -0.9)),
}  # fmt: skip
SHAPES = tuple(_SHAPES)


def paint_shapes(
    painter: QPainter, marks: Marks, shape: str, x: Any, y: Any, radius: float, color: QColor
) -> None:
    """Draw marks around places given in pixels.

    Parameters
    ----------
    painter : QPainter
    marks : Marks
    shape : str
        Of `SHAPES`.
    x, y : ndarray
    radius : float
    color : QColor
    """
    painter.setPen(QPen(color, _WIDTH, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    strokes = radius * np.array(_SHAPES[shape])
    ends = np.stack([x, y, x, y], axis=-1)[..., None, :] + strokes
    marks.lines(painter, *ends.reshape(-1, 4).T)


class ShapesItem(PaintedItem):
    """Points as marks of one shape and colour; those that are not finite are left out.

    Parameters
    ----------
    shape : str
        Of `SHAPES`.
    radius : float
        In pixels.
    """

    def __init__(self, shape: str, radius: float = 3.5) -> None:
        super().__init__()
        self.outline, self._radius = shape, radius  # "shape" is a method of Qt's
        self.color = QColor()
        self._x: NDArray[np.float64] = np.zeros(0)
        self._y: NDArray[np.float64] = np.zeros(0)
        self._marks = Marks()

    def set_color(self, color: str) -> None:
        """Draw in this colour."""
        self.color = QColor(color)
        self.update()

    def show_points(self, x: NDArray[Any], y: NDArray[Any]) -> None:
        """Draw a mark at each of these points."""
        self._x, self._y = np.asarray(x, np.float64), np.asarray(y, np.float64)
        self.update()

    def clear(self) -> None:
        """Draw nothing."""
        self.show_points(np.zeros(0), np.zeros(0))

    def points(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what is drawn."""
        return self._x, self._y

    def draw(self, painter: QPainter, view: Any) -> None:
        """Draw the marks, in pixels from the view's corner."""
        dx, dy = view.viewPixelSize()
        (left, _), (bottom, _) = view.viewRange()
        painter.translate(left, bottom)
        painter.scale(dx, -dy)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        with np.errstate(over="ignore", invalid="ignore"):
            x, y = (self._x - left) / dx, (bottom - self._y) / dy
            near = (np.abs(x) < _FAR) & (np.abs(y) < _FAR)
        paint_shapes(painter, self._marks, self.outline, x[near], y[near], self._radius, self.color)
