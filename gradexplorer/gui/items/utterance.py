"""A spectrogram above the probabilities of words, frame by frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradexplorer.gui.items.cells import paint_cells
from gradexplorer.gui.items.marks import Marks
from gradexplorer.gui.items.pictured import Frame, PicturedItem
from gradexplorer.gui.scale import BINS, viridis
from gradexplorer.gui.theme import mix
from gradexplorer.tasks.log_mel import RANGE
from gradexplorer.tasks.views import Utterance

MOST_ROWS = 12
GAP = 0.6  # rows, between the two parts
_TINT = 0.16
_FULL = 0.9  # of a row's height: a probability of 1


def shown_words(view: Utterance) -> list[int]:
    """Return the words that have a row, the true one first: all, or the likeliest at the end."""
    others = [word for word in range(len(view.words)) if word != view.truth]
    if len(view.words) > MOST_ROWS:
        last = np.nan_to_num(view.probabilities[-1])
        others = sorted(sorted(others, key=lambda word: -last[word])[: MOST_ROWS - 1])
    return [view.truth, *others]


def row_count(view: Utterance) -> int:
    """Return how many words have a row; the spectrogram is as high as all of them."""
    return min(len(view.words), MOST_ROWS)


class UtteranceItem(PicturedItem[Utterance]):
    """One unit a frame across, from 1, and one a word; the true one's row begins at 0, downwards.

    The spectrogram, lowest band first, begins at `GAP`, upwards.
    """

    def __init__(self) -> None:
        super().__init__()
        self._marks = Marks()

    def draw_value(self, painter: QPainter, value: Utterance, frame: Frame) -> None:
        """Draw in pixels, y downwards."""
        steps, rows = len(value.decibels), row_count(value)
        area = frame.area(0.5, GAP + rows, steps, rows)
        paint_cells(painter, self._marks, _bins(value)[::-1], area, viridis())
        for row, word in enumerate(shown_words(value)):
            self._draw_row(painter, value, word, frame.area(0.5, -row, steps, 1.0))

    def _draw_row(self, painter: QPainter, value: Utterance, word: int, area: QRectF) -> None:
        colors, true = self._colors, word == value.truth
        if true:
            painter.fillRect(area, QColor(mix(colors.accent, colors.base, _TINT)))
        steps = len(value.decibels)
        likely = np.broadcast_to(value.probabilities[:, word], steps)
        known = np.isfinite(likely)
        high = np.where(known, likely, 1.0) * _FULL * area.height()
        left = area.left() + area.width() / steps * np.arange(steps)
        bottom, wide = np.full(steps, area.bottom()), np.full(steps, area.width() / steps + 0.4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        for chosen, color in (
            (known, colors.accent if true else colors.muted),
            (~known, colors.not_a_number),
        ):
            painter.setBrush(QColor(color))
            self._marks.rects(
                painter, left[chosen], (bottom - high)[chosen], wide[chosen], high[chosen]
            )
        painter.setPen(QPen(QColor(colors.grid), 1.0))
        painter.drawLine(QLineF(area.left(), area.bottom(), area.right(), area.bottom()))


def _bins(value: Utterance) -> NDArray[np.intp]:
    """Return the colour of each band and frame, shape (F, T)."""
    share = 1.0 + value.decibels.T / RANGE
    bins: NDArray[np.intp] = np.clip((share * BINS).astype(np.intp), 0, BINS - 1)
    return bins
