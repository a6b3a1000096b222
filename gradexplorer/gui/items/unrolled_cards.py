"""Nodes as cards: each unit's number above, its gradient below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen

from gradexplorer.gui.items.unrolled_style import NEUTRAL, UNKNOWN, Style
from gradexplorer.gui.scale import ZERO
from gradexplorer.gui.text import signed

if TYPE_CHECKING:
    from gradexplorer.gui.items.unrolled import Row

Numbers = NDArray[np.floating]

_NARROWEST, _WIDEST = 46.0, 104.0  # columns, in pixels
_LINE = 1.3  # times the letters' height
_GAP, _BESIDE = 13.0, 6.0  # pixels between cards, for the edges: upright ones, and to the side
_HALF_NUMBER = 2.15  # times the letters' height: half the width of a long number
_SMALLEST, _LARGEST = 9, 17  # letters, in pixels
_ROUND = 4.0


@dataclass(frozen=True)
class Cards:
    """The cards' measures.

    Attributes
    ----------
    letters : int
        Pixels.
    half_width : float
    half_heights : dict of float to float
        By the rows' heights.
    """

    letters: int
    half_width: float
    half_heights: dict[float, float]

    @classmethod
    def fitting(cls, rows: Sequence[Row], column: float, row: float) -> Cards | None:
        """Return the largest cards that fit; ``None`` where letters would be too small."""
        if column < _NARROWEST or not any(one.values is not None for one in rows):
            return None
        half_width = 0.5 * min(column - _BESIDE, 0.8 * column + 4.0, _WIDEST)
        lines = {one.height: one.lines for one in rows if not one.run}
        rooms = [
            (row * (high - low) - _GAP) / (0.5 * _LINE * (lines[low] + lines[high]))
            for low, high in pairwise(sorted(lines))
        ]
        letters = int(min(*rooms, half_width / _HALF_NUMBER, _LARGEST))
        if letters < _SMALLEST:
            return None
        halves = {height: 0.5 * _LINE * letters * count for height, count in lines.items()}
        return cls(letters, half_width, halves)

    def draw(
        self,
        painter: QPainter,
        style: Style,
        row: Row,
        x: Numbers,
        y: Numbers,
        kinds: NDArray[np.intp],
        values: Numbers,
        gradients: Numbers | None,
    ) -> None:
        """Draw a row's cards, with what is known by their kinds."""
        font = QFont(style.font)
        font.setPixelSize(self.letters)
        painter.setFont(font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        half = self.half_heights[row.height]
        for index, kind in enumerate(kinds):
            area = QRectF(
                x[index] - self.half_width, y[index] - half, 2 * self.half_width, 2 * half
            )
            known = kind not in (NEUTRAL, UNKNOWN)
            self._card(painter, style, area, kind, row, known=known)
            if kind == UNKNOWN:
                continue
            ink = QColor(style.colors.text)
            self._write(painter, area, 0, values[index], ink)
            if gradients is not None and known:
                light = kind == ZERO
                ink = ink if light else style.name_color(int(kind))
                self._write(painter, area, len(values[index]), gradients[index], ink)

    def _card(
        self, painter: QPainter, style: Style, area: QRectF, kind: int, row: Row, *, known: bool
    ) -> None:
        """Draw a card's ground: its lower part, or its foot, in the gradient's colour."""
        path = QPainterPath()
        path.addRoundedRect(area, _ROUND, _ROUND)
        painter.fillPath(
            path, QColor(style.colors.base if kind == UNKNOWN else style.colors.raised)
        )
        if known:
            lines = row.lines - (0 if row.values is None else row.values.shape[1])
            foot = lines * _LINE * self.letters
            painter.save()
            painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
            lower = QRectF(area.left(), area.bottom() - foot, area.width(), foot)
            painter.fillRect(lower, style.fills[kind])
            painter.restore()
        painter.setPen(QPen(style.rims[kind]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)

    def _write(
        self, painter: QPainter, area: QRectF, line: int, numbers: Numbers, ink: QColor
    ) -> None:
        painter.setPen(ink)
        height = _LINE * self.letters
        for below, number in enumerate(numbers):
            place = QPointF(area.left(), area.top() + (line + below) * height)
            room = QRectF(place.x(), place.y(), area.width(), height)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, signed(float(number)))
