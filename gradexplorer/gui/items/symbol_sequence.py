"""A sequence of symbols over time, and how likely the network holds each class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from gradexplorer.gui.items.cells import paint_cells
from gradexplorer.gui.items.marks import Marks
from gradexplorer.gui.items.pictured import Frame, PicturedItem
from gradexplorer.gui.theme import LIGHT, Colors, mix
from gradexplorer.tasks.views import SymbolSequences

LEVELS = 16
FAINT = 0.35  # of the symbols that are not marked
_TITLE = 2  # rows that a title has above its block
_GAP, _BESIDE = 0.05, 0.4  # of the sequence's length
_NARROWEST = 2.0  # pixels of a symbol that matters
_OUTLINED = 5.0  # pixels from which on a cell is large enough for an outline
_BAR = 0.7  # of a row's height


class ShownSymbols(NamedTuple):
    """One sequence of those that there are."""

    view: SymbolSequences
    which: int


@dataclass(frozen=True)
class Places:
    """Where symbols and classes stand: one row each, those of one block below each other.

    A single answer has no need of the time axis, so its classes stand right of the symbols.

    Attributes
    ----------
    steps, symbols, classes : int
    beside : bool
    """

    steps: int
    symbols: int
    classes: int
    beside: bool

    @classmethod
    def of(cls, view: SymbolSequences) -> Places:
        """Return where a view's blocks stand."""
        beside = len(view.loss_steps) == 1
        return cls(view.inputs.shape[1], len(view.symbols), len(view.classes), beside)

    @property
    def right(self) -> float:
        """Where the rightmost block ends."""
        end = self.steps + 0.5
        return end + (_GAP + _BESIDE) * self.steps if self.beside else end

    @property
    def bottom(self) -> float:
        """Where the lowest block ends."""
        below = 0 if self.beside else _TITLE + self.classes
        return 0.5 - self.symbols - below

    @property
    def top(self) -> float:
        """Where the uppermost title begins."""
        return 0.5 + _TITLE * (0.6 if self.beside else 1.0)

    def class_row(self, index: int) -> tuple[float, float]:
        """Return the upper edge and the height of a class's row."""
        if self.beside:
            high = self.symbols / self.classes
            return 0.5 - index * high, high
        return 0.5 - self.symbols - _TITLE - index, 1.0

    def class_at(self, y: float) -> int | None:
        """Return which class's row is at a height."""
        top, high = self.class_row(0)
        index = int((top - y) // high)
        return index if 0 <= index < self.classes else None


class SymbolSequenceItem(PicturedItem[ShownSymbols]):
    """Symbols as cells over time, and the classes' probabilities as shades, or as bars.

    Parameters
    ----------
    font : QFont
    """

    def __init__(self, font: QFont) -> None:
        super().__init__()
        self._font, self._marks = font, Marks()
        self.set_colors(LIGHT)

    def set_colors(self, colors: Colors) -> None:
        """Draw in these colours."""
        shares = (np.arange(LEVELS + 1) / LEVELS).tolist()
        self._shades = [QColor(mix(colors.accent, colors.base, share)) for share in shares]
        self._shades.append(QColor(colors.not_a_number))
        self._inputs = [
            QColor(colors.base),
            QColor(mix(colors.muted, colors.base, FAINT)),
            QColor(colors.text),
        ]
        super().set_colors(colors)

    def draw_value(self, painter: QPainter, value: ShownSymbols, frame: Frame) -> None:
        """Draw in pixels, y downwards."""
        places = Places.of(value.view)
        painter.setFont(self._font)
        self._draw_inputs(painter, value, places, frame)
        if places.beside:
            self._draw_bars(painter, value, places, frame)
        else:
            self._draw_shades(painter, value, places, frame)

    def _draw_inputs(
        self, painter: QPainter, value: ShownSymbols, places: Places, frame: Frame
    ) -> None:
        symbols, marked = value.view.inputs[value.which], value.view.marked[value.which]
        steps = np.arange(places.steps)
        levels = np.zeros((places.symbols, places.steps), np.intp)
        levels[symbols, steps] = np.where(marked, 2, 1)
        area = frame.area(0.5, 0.5, places.steps, places.symbols)
        self._title(painter, "input", area)
        paint_cells(painter, self._marks, _thinned(levels, area), area, self._inputs)
        wide = 1.0 / frame.dx
        if wide < _NARROWEST:
            painter.setBrush(self._inputs[2])
            x = frame.x(steps[marked] + 0.5) - 0.5 * (_NARROWEST - wide)
            high = 1.0 / frame.dy
            self._marks.rects(painter, x, frame.y(0.5 - symbols[marked]), _NARROWEST, high)
        self._border(painter, area)

    def _draw_shades(
        self, painter: QPainter, value: ShownSymbols, places: Places, frame: Frame
    ) -> None:
        view, index = value
        first = int(view.loss_steps[0])
        span = int(view.loss_steps[-1]) + 1 - first
        levels = np.zeros((places.classes, span), np.intp)
        levels[:, view.loss_steps - first] = _levels(view.probabilities[index].T)
        top, _ = places.class_row(0)
        area = frame.area(first + 0.5, top, span, places.classes)
        self._title(painter, "output", frame.area(0.5, top, places.steps, places.classes))
        paint_cells(painter, self._marks, _thinned(levels, area), area, self._shades)
        self._border(painter, area)
        targets, wide, high = view.targets[index], 1.0 / frame.dx, 1.0 / frame.dy
        x, y = frame.x(view.loss_steps + 0.5), frame.y(top - targets)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if min(wide, high) >= _OUTLINED:
            painter.setPen(QPen(QColor(self._colors.text), 1.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            x, y, wide, high = np.round(x), np.round(y), round(wide), round(high)
            self._marks.rects(painter, x, y, wide, high)
        else:
            painter.setPen(QPen(QColor(self._colors.text), 1.0))
            self._marks.lines(painter, x, y + 0.5 * high, x + wide, y + 0.5 * high)

    def _draw_bars(
        self, painter: QPainter, value: ShownSymbols, places: Places, frame: Frame
    ) -> None:
        view, index = value
        left = places.steps * (1.0 + _GAP) + 0.5
        metrics = QFontMetricsF(self._font)
        name = max(metrics.horizontalAdvance(text) for text in view.classes) + 6.0
        block = frame.area(left, 0.5, places.right - left, places.symbols)
        self._title(painter, "output", block)
        target, painted = int(view.targets[index, 0]), view.probabilities[index, 0]
        for number, (text, probability) in enumerate(zip(view.classes, painted, strict=True)):
            top, high = places.class_row(number)
            row = frame.area(left, top, places.right - left, high)
            if row.height() >= metrics.ascent():
                painter.setPen(
                    QColor(self._colors.text if number == target else self._colors.muted)
                )
                flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
                painter.drawText(row, flags, text)
            slack = 0.5 * (1.0 - _BAR) * row.height()
            self._bar(
                painter,
                row.adjusted(name, slack, -2.0, -slack),
                float(probability),
                is_target=number == target,
            )

    def _bar(
        self, painter: QPainter, track: QRectF, probability: float, *, is_target: bool
    ) -> None:
        if track.width() < 2.0:
            return
        colors, known = self._colors, not np.isnan(probability)
        fill = QColor(colors.accent if known else colors.not_a_number)
        filled = QRectF(track)
        filled.setWidth(track.width() * (probability if known else 1.0))
        painter.fillRect(filled, fill)
        pen = QPen(QColor(colors.text), 2.0) if is_target else QPen(QColor(colors.border), 1.0)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(track)

    def _title(self, painter: QPainter, text: str, area: QRectF) -> None:
        high = QFontMetricsF(self._font).height()
        painter.setPen(QColor(self._colors.muted))
        above = QRectF(area.left() + 2.0, area.top() - high - 1.0, area.width(), high)
        painter.drawText(above, Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextDontClip, text)

    def _border(self, painter: QPainter, area: QRectF) -> None:
        painter.setPen(QPen(QColor(self._colors.border), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area)


def _levels(probabilities: NDArray[np.floating]) -> NDArray[np.intp]:
    """Return the index of each probability's shade; the last is that of NaN."""
    unknown = np.isnan(probabilities)
    levels = np.round(np.where(unknown, 0.0, probabilities) * LEVELS).astype(np.intp)
    return np.where(unknown, LEVELS + 1, levels)


def _thinned(levels: NDArray[np.intp], area: QRectF) -> NDArray[np.intp]:
    """Return the strongest of the cells that share a pixel column."""
    columns = levels.shape[1]
    together = int(columns // max(1.0, area.width()))
    if together < 2:
        return levels
    starts = np.arange(0, columns, together)
    return np.maximum.reduceat(levels, starts, axis=1)
