"""Magnitudes over updates and steps as colours, a pixel for a pixel."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter

from gradexplorer.gui.items.cells import paint_between
from gradexplorer.gui.items.marks import Marks, paints_pixels
from gradexplorer.gui.items.pictured import Frame, PicturedItem
from gradexplorer.gui.scale import BINS, INFINITE, KINDS, NOT_A_NUMBER, ZERO, kind_colors
from gradexplorer.gui.theme import Colors, mix

Codes = NDArray[np.uint8]

# In this order the strongest of several is the greatest, and one that is not finite is never lost.
ABSENT, ZERO_CODE, FIRST_BIN = 0, 1, 2
NAN_CODE, INFINITE_CODE = FIRST_BIN + BINS, FIRST_BIN + BINS + 1
_ZERO_MARK, _NAN_MARK, _INFINITE_MARK = (INFINITE_CODE + 1 + index for index in range(3))
_OF_KIND = np.zeros(KINDS, np.uint8)
_OF_KIND[:BINS] = np.arange(FIRST_BIN, FIRST_BIN + BINS)
_OF_KIND[[ZERO, NOT_A_NUMBER, INFINITE]] = ZERO_CODE, NAN_CODE, INFINITE_CODE
_PAPER_ROWS = 200  # on vector paper, where each is many rectangles


@dataclass(frozen=True, eq=False)
class Heatmap:
    """Rows of codes along the updates.

    Attributes
    ----------
    codes : ndarray of uint8, shape (R, T)
        See `codes_of`; `ABSENT` where a window has no such step.
    edges : ndarray, shape (R + 1,)
        The updates between which each row stands, ascending.
    """

    codes: Codes = field(default_factory=lambda: np.zeros((0, 0), np.uint8))
    edges: NDArray[np.float64] = field(default_factory=lambda: np.zeros(1))


def codes_of(kinds: NDArray[np.intp]) -> Codes:
    """Return the codes of a magnitude scale's kinds."""
    codes: Codes = _OF_KIND[kinds]
    return codes


class HeatmapItem(PicturedItem[Heatmap]):
    """Steps to the right, one unit each, and updates upwards.

    Exact zeros are striped, NaN is checked and infinity striped the other way, each in a colour
    of its own; even a line of one pixel shows it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._marks = Marks()
        self._key: tuple[Any, ...] = ()
        self._image = QImage()

    def set_colors(self, colors: Colors) -> None:
        """Draw in these colours."""
        kinds = kind_colors(colors)
        zero, nan, infinite = kinds[ZERO], kinds[NOT_A_NUMBER], kinds[INFINITE]
        base, faint = QColor(colors.base), QColor(mix(colors.zero, colors.base, 0.3))
        palette = [base, faint, *kinds[:BINS], nan, infinite, zero, base, base]
        self._table = np.array([color.rgb() for color in palette], np.uint32)
        self._key = ()
        self._fills = palette[:_ZERO_MARK]
        patterns = Qt.BrushStyle
        self._patterns = [QBrush(patterns.NoBrush)] * _ZERO_MARK
        self._patterns[ZERO_CODE] = QBrush(zero, patterns.BDiagPattern)
        self._patterns[NAN_CODE] = QBrush(base, patterns.Dense6Pattern)
        self._patterns[INFINITE_CODE] = QBrush(base, patterns.FDiagPattern)
        super().set_colors(colors)

    def draw_value(self, painter: QPainter, value: Heatmap, frame: Frame) -> None:
        """Draw in pixels, y downwards."""
        if not value.codes.size:
            return
        if paints_pixels(painter):
            self._draw_pixels(painter, value, frame)
        else:
            self._draw_cells(painter, value, frame)

    def _draw_pixels(self, painter: QPainter, value: Heatmap, frame: Frame) -> None:
        width = (frame.right - frame.left) / frame.dx
        height = (frame.top - frame.bottom) / frame.dy
        ratio = painter.device().devicePixelRatio()
        columns, rows = max(1, round(width * ratio)), max(1, round(height * ratio))
        key = (value, frame, columns, rows)
        if key != self._key:  # else only something over it has changed
            codes = _sampled(value, frame, rows, columns)
            _mark(codes, max(1, round(ratio)))
            pixels = self._table[codes]
            image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32)
            self._key, self._image = key, image.copy()  # of its own memory
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(QRectF(0.0, 0.0, width, height), self._image)

    def _draw_cells(self, painter: QPainter, value: Heatmap, frame: Frame) -> None:
        """Draw rectangles, of neighbouring rows the strongest where they are many.

        They end where the view does: not every reader of the paper clips them.
        """
        stride = -(-len(value.codes) // _PAPER_ROWS)
        between = np.flatnonzero(~value.codes.any(axis=1))  # strips stay apart
        starts = np.arange(0, len(value.codes), stride)
        starts = np.unique(np.concatenate([starts, between, between + 1]))
        starts = starts[starts < len(value.codes)]
        codes = np.maximum.reduceat(value.codes, starts, axis=0)[::-1]
        edges = np.append(value.edges[:-1][starts], value.edges[-1])[::-1]
        width, height = frame.x(frame.right), frame.y(frame.bottom)
        x = np.round(np.clip(frame.x(np.arange(codes.shape[1] + 1) + 0.5), 0.0, width))
        y = np.round(np.clip(frame.y(edges), 0.0, height))
        for brushes in (self._fills, self._patterns):
            paint_between(painter, self._marks, codes, x, y, brushes)


def _sampled(value: Heatmap, frame: Frame, rows: int, columns: int) -> Codes:
    """Return the codes at an image's pixels, the topmost row first."""
    steps = value.codes.shape[1]
    across = np.linspace(frame.left, frame.right, columns + 1) - 0.5  # counted from 0
    down = np.linspace(frame.top, frame.bottom, rows + 1)
    left = np.floor(across[:-1]).astype(np.intp)
    right = np.maximum(np.floor(across[1:]).astype(np.intp), left + 1)
    above = np.searchsorted(value.edges, down[:-1], "right") - 1
    below = np.minimum(np.searchsorted(value.edges, down[1:], "right") - 1, above)
    codes = _strongest(value.codes, below + (below < above), above + 1, axis=0)
    return _strongest(codes, left, np.minimum(right, steps), axis=1)


def _strongest(codes: Codes, first: Any, stop: Any, *, axis: int) -> Codes:
    """Return the greatest code of each range along an axis; ranges follow one another."""
    length = codes.shape[axis]
    inside = (stop > 0) & (first < length)
    first, last = np.clip(first, 0, length - 1), np.clip(stop - 1, 0, length - 1)
    found: Codes = codes.take(last, axis)
    for offset in range(1, int((last - first).max(initial=0)) + 1):
        np.maximum(found, codes.take(np.maximum(last - offset, first), axis), out=found)
    outside = ~inside[:, None] if axis == 0 else ~inside[None, :]
    found[np.broadcast_to(outside, found.shape)] = ABSENT
    return found


def _mark(codes: Codes, ratio: int) -> None:
    """Stripe zeros and infinities, check the NaNs, at so many pixels a point."""
    stripes, checks, others = _patterns(*codes.shape, ratio)
    zeros = codes == ZERO_CODE
    if zeros.any():
        np.putmask(codes, zeros & stripes, _ZERO_MARK)
    if codes.max(initial=0) >= NAN_CODE:
        np.putmask(codes, (codes == NAN_CODE) & checks, _NAN_MARK)
        np.putmask(codes, (codes == INFINITE_CODE) & others, _INFINITE_MARK)


@lru_cache(maxsize=4)
def _patterns(rows: int, columns: int, ratio: int) -> tuple[NDArray[np.bool_], ...]:
    y, x = np.ogrid[:rows, :columns]
    x, y = x // ratio, y // ratio
    return (x + y) % 6 == 0, (x // 3 + y // 3) % 2 == 0, (x - y) % 4 == 0
