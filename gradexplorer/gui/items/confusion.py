"""A confusion matrix, with images beside it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from gradexplorer.gui.items.cells import paint_cells
from gradexplorer.gui.items.marks import Marks
from gradexplorer.gui.items.pictured import Frame, PicturedItem
from gradexplorer.gui.scale import BINS, viridis
from gradexplorer.gui.theme import mix
from gradexplorer.tasks.views import Confusion

COLUMNS, SAMPLE_WIDTH, GAP = 2, 2.6, 0.4  # of images, each so many cells wide
_GRAYS = 16
_AIR = 5.0  # pixels, below a sample
_LIGHT_FROM = 18  # the bins on which black stands out better than white


class ConfusionItem(PicturedItem[Confusion]):
    """True classes down, predicted ones across, one unit a cell; images right of them.

    Parameters
    ----------
    font : QFont
    """

    def __init__(self, font: QFont) -> None:
        super().__init__()
        self._font, self._marks = font, Marks()

    def draw_value(self, painter: QPainter, value: Confusion, frame: Frame) -> None:
        """Draw in pixels, y downwards."""
        painter.setFont(self._font)
        count = len(value.counts)
        seen = frame.area(frame.left, frame.top, frame.right - frame.left, frame.top - frame.bottom)
        self._draw_matrix(painter, value.counts, frame.area(-0.5, 0.5, count, count), seen)
        for index in range(len(value.images)):
            self._draw_sample(painter, value, index, frame.area(*sample_place(value, index)))

    def _draw_matrix(
        self, painter: QPainter, counts: NDArray[np.integer], area: QRectF, seen: QRectF
    ) -> None:
        colors = self._colors
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        bins = np.minimum((shares * BINS).astype(np.intp), BINS - 1) + 1
        bins[counts == 0] = 0
        paint_cells(painter, self._marks, bins, area, (QColor(colors.base), *viridis()))
        size, number = area.width() / len(counts), len(counts)
        high = area.height() / number
        painter.setPen(QPen(QColor(colors.border), 1.0))
        edges = np.arange(number + 1)
        x, y = np.round(area.left() + edges * size), np.round(area.top() + edges * high)
        self._marks.lines(painter, x, y[0], x, y[-1])
        self._marks.lines(painter, x[0], y, x[-1], y)
        metrics = QFontMetricsF(self._font)
        if size < metrics.horizontalAdvance(str(counts.max())) + 3.0 or high < metrics.ascent():
            return
        for row, column in zip(*np.nonzero(counts), strict=True):
            cell = QRectF(x[column], y[row], size, high)
            if seen.contains(cell.center()):
                light = bins[row, column] > _LIGHT_FROM
                painter.setPen(QColor("#000000" if light else "#ffffff"))
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, str(counts[row, column]))

    def _draw_sample(self, painter: QPainter, value: Confusion, index: int, area: QRectF) -> None:
        """Draw an image and, where there is room, what it is and what it is taken for."""
        colors, image = self._colors, value.images[index]
        truth, predicted = value.truth[index], value.predicted[index]
        line = QFontMetricsF(self._font).height()
        side = np.floor(min(area.width(), area.height() - line - _AIR))
        if side < image.shape[0]:
            return
        box = QRectF(round(area.left()), round(area.top()), side, side)
        grays = [QColor(mix(colors.text, colors.base, g / _GRAYS)) for g in range(_GRAYS + 1)]
        paint_cells(painter, self._marks, np.round(image * _GRAYS).astype(np.intp), box, grays)
        right = bool(truth == predicted)
        painter.setPen(QPen(QColor(colors.border if right else colors.error), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        painter.setPen(QColor(colors.muted if right else colors.error))
        below = QRectF(area.left(), box.bottom() + 1.0, area.width(), line)
        text = str(truth) if right else f"{truth} as {predicted}"
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextDontClip, text)


def sample_place(view: Confusion, index: int) -> tuple[float, float, float, float]:
    """Return left, top, width and height of an image's place, in cells, y upwards."""
    count = len(view.counts)
    row, column = divmod(index, COLUMNS)
    high = count / -(-len(view.images) // COLUMNS)
    return count - 0.5 + GAP + column * SAMPLE_WIDTH, 0.5 - row * high, SAMPLE_WIDTH - 0.2, high
