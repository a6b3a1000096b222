"""A grid of coloured cells, as few rectangles: a picture that stays a drawing on paper."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter

from gradexplorer.gui.items.marks import Marks

_FAR = 1e5  # pixels, beyond which Qt's numbers get too large
_OVERLAP = 0.4  # pixels, so that no reader shows seams


def paint_cells(
    painter: QPainter,
    marks: Marks,
    levels: NDArray[np.integer],
    area: QRectF,
    colors: Sequence[QColor | QBrush],
) -> None:
    """Fill an area, in pixels, with equal cells; neighbours of one level are one rectangle.

    Parameters
    ----------
    painter : QPainter
    marks : Marks
    levels : ndarray of int, shape (R, C)
        The index of each cell's colour, the topmost row first.
    area : QRectF
    colors : sequence of QColor or QBrush
    """
    rows, columns = levels.shape
    x = np.clip(
        np.round(area.left() + area.width() / columns * np.arange(columns + 1)), -_FAR, _FAR
    )
    y = np.clip(np.round(area.top() + area.height() / rows * np.arange(rows + 1)), -_FAR, _FAR)
    paint_between(painter, marks, levels, x, y, colors)


def paint_between(
    painter: QPainter,
    marks: Marks,
    levels: NDArray[np.integer],
    x: NDArray[np.floating],
    y: NDArray[np.floating],
    colors: Sequence[QColor | QBrush],
) -> None:
    """Fill cells whose edges are given, in pixels; otherwise as `paint_cells`.

    Parameters
    ----------
    painter : QPainter
    marks : Marks
    levels : ndarray of int, shape (R, C)
    x : ndarray, shape (C + 1,)
    y : ndarray, shape (R + 1,)
        Downwards.
    colors : sequence of QColor or QBrush
    """
    columns = levels.shape[1]
    begins = np.ones(levels.shape, np.bool_)
    begins[:, 1:] = levels[:, 1:] != levels[:, :-1]
    row, first = np.nonzero(begins)
    stop = first + np.diff(np.append(row * columns + first, levels.size))
    level = levels[row, first]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(Qt.PenStyle.NoPen)
    for index in np.unique(level):
        chosen = level == index
        top, left = y[row[chosen]], x[first[chosen]]
        width, height = x[stop[chosen]] - left, y[row[chosen] + 1] - top
        painter.setBrush(colors[index])
        marks.rects(painter, left, top, width + _OVERLAP, height + _OVERLAP)
