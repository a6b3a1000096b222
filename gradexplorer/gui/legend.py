"""The strip above a plot that says what each mark on it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen

from gradexplorer.gui.items.color_scale import color_scale_width, paint_color_scale
from gradexplorer.gui.items.curve import CurveItem
from gradexplorer.gui.items.marks import Marks
from gradexplorer.gui.items.shapes import paint_shapes
from gradexplorer.gui.scale import MagnitudeScale
from gradexplorer.gui.theme import Colors

Kind = Literal["line", "band", "dot", "ring", "tick", "text", "shape"]
HEIGHT = 22.0
_SWATCH = 18.0
_LEFT, _GAP = 8.0, 14.0
_SHORTEST_TEXT = 40.0
_MORE = "…"


@dataclass(frozen=True)
class Entry:
    """One mark and its meaning."""

    kind: Kind
    color: str
    text: str
    width: float = 2.0
    dashed: bool = False
    dashes: Qt.PenStyle = Qt.PenStyle.DashLine
    shape: str = ""

    @classmethod
    def of(cls, curve: CurveItem, text: str) -> Entry:
        """Return the entry of a curve, drawn as the curve is."""
        return cls.of_pen(curve.pen, text)

    @classmethod
    def of_pen(cls, pen: QPen, text: str) -> Entry:
        """Return the entry of what is drawn with a pen."""
        style = pen.style()
        dashed = style != Qt.PenStyle.SolidLine
        return cls("line", pen.color().name(), text, pen.widthF(), dashed, style)


class LegendStrip(pg.GraphicsWidget):
    """Marks and their meanings in rows; for what does not fit an ellipsis stands at the right.

    A colour scale or a note, where there is one, stands at the right end of the first row. The
    tooltip has all of them.
    """

    height_changed = Signal()
    """What stands below has to be laid out anew, and soon: a picture may be taken."""

    def __init__(self, font: QFont) -> None:
        super().__init__()
        self._rows = 1
        self._inset = 0.0
        self._font = font
        self._entries: tuple[Entry, ...] = ()
        self._scale: tuple[float, float] | None = None
        self._note = ""
        self._colors: Colors | None = None
        self.setFixedHeight(HEIGHT)

    def set_colors(self, colors: Colors) -> None:
        """Draw in these colours."""
        self._colors = colors
        self.update()

    def set_entries(self, entries: tuple[Entry, ...]) -> None:
        """Show these marks."""
        if entries != self._entries:
            self._entries = entries
            self._changed()

    def set_rows(self, rows: int) -> None:
        """Let what does not fit in one row begin the next, up to so many."""
        if rows != self._rows:
            self._rows = rows
            self._changed()

    def set_inset(self, inset: float) -> None:
        """Leave so many pixels free at the right end: something else stands there."""
        if inset != self._inset:
            self._inset = inset
            self._changed()

    def _changed(self) -> None:
        texts = [entry.text for entry in self._entries]
        self.setToolTip("\n".join([*texts, self._note] if self._note else texts))
        self._fit_height()
        self.update()

    def resizeEvent(self, event: object) -> None:  # noqa: N802
        """Be as high as the rows that are needed at the new width."""
        super().resizeEvent(event)
        self._fit_height()

    def _fit_height(self) -> None:
        height = HEIGHT * len(self._rows_of_entries(self._right_of_entries()))
        if height != self.minimumHeight():
            self.setFixedHeight(height)
            self.height_changed.emit()

    def _right(self) -> float:
        return float(self.rect().right()) - 6.0 - self._inset

    def _right_of_entries(self) -> float:
        """Return where the entries of the first row have to end."""
        metrics, right = QFontMetricsF(self._font), self._right()
        if self._scale is not None:
            right -= color_scale_width(metrics, right, self._scale)
        if self._note:
            right -= metrics.horizontalAdvance(self._note) + _GAP
        return right

    def set_scale(self, scale: MagnitudeScale | None) -> None:
        """Show the colours of a magnitude scale at the right end, or none."""
        span = None if scale is None else (scale.low, scale.high)
        if span != self._scale:
            self._scale = span
            self._changed()

    def set_note(self, note: str) -> None:
        """Show a short text at the right end, which goes before the marks."""
        if note != self._note:
            self._note = note
            self._changed()

    def paint(self, painter: QPainter, *_: object) -> None:
        """Draw the strip."""
        if self._colors is None:
            return
        painter.setFont(self._font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        right = self._right()
        if self._scale is not None:
            area = QRectF(0.0, 0.0, right, HEIGHT)
            right = paint_color_scale(painter, self._colors, area, self._scale)
        if self._note:
            right = self._paint_note(painter, right)
        self._paint_entries(painter, right)

    def _rows_of_entries(self, right: float) -> list[list[Entry]]:
        """Return what stands in each row, the first of which ends earlier, the rest in the last."""
        rows: list[list[Entry]] = [[]]
        left = start = self.rect().left() + _LEFT
        for entry in self._entries:
            if rows[-1] and left + self._width(entry) > right and len(rows) < self._rows:
                rows.append([])
                left, right = start, self._right()
            rows[-1].append(entry)
            left += self._width(entry) + _GAP
        return rows

    def _width(self, entry: Entry) -> float:
        return _swatch_width(entry) + QFontMetricsF(self._font).horizontalAdvance(entry.text)

    def _paint_entries(self, painter: QPainter, right: float) -> None:
        for number, row in enumerate(self._rows_of_entries(right)):
            self._paint_row(painter, row, self._right() if number else right, number * HEIGHT)

    def _paint_row(self, painter: QPainter, entries: list[Entry], right: float, top: float) -> None:
        assert self._colors is not None
        metrics = QFontMetricsF(self._font)
        left = self.rect().left() + _LEFT
        for entry in entries:
            swatch = _swatch_width(entry)
            text, room = entry.text, right - left - swatch
            if metrics.horizontalAdvance(text) > room:
                if room < _SHORTEST_TEXT or entry is not entries[0]:
                    self._paint_more(painter, left, right, top)
                    return
                text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            width = swatch + metrics.horizontalAdvance(text)
            _paint_swatch(painter, entry, left, top + HEIGHT / 2)
            painter.setPen(QColor(self._colors.muted if swatch else self._colors.text))
            area = QRectF(left + swatch, top, width - swatch + 2.0, HEIGHT)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, text)
            left += width + _GAP

    def _paint_more(self, painter: QPainter, left: float, right: float, top: float) -> None:
        """Tell that there is more, which the tooltip has."""
        assert self._colors is not None
        width = QFontMetricsF(self._font).horizontalAdvance(_MORE)
        least = (
            self.rect().left() + _LEFT if left <= self.rect().left() + _LEFT else left - _GAP + 2.0
        )
        painter.setPen(QColor(self._colors.muted))
        area = QRectF(max(least, min(left, right - width)), top, width + 2.0, HEIGHT)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, _MORE)

    def _paint_note(self, painter: QPainter, right: float) -> float:
        assert self._colors is not None
        width = QFontMetricsF(self._font).horizontalAdvance(self._note)
        if right - width < self.rect().left() + 8.0:
            return right
        painter.setPen(QColor(self._colors.text))
        area = QRectF(right - width, 0.0, width + 2.0, HEIGHT)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, self._note)
        return right - width - _GAP


def _swatch_width(entry: Entry) -> float:
    return 0.0 if entry.kind == "text" else _SWATCH + 5.0


def _paint_swatch(painter: QPainter, entry: Entry, left: float, middle: float) -> None:
    color = QColor(entry.color)
    center = QPointF(left + _SWATCH / 2, middle)
    line = QLineF(left, middle, left + _SWATCH, middle)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if entry.kind == "line":
        style = entry.dashes if entry.dashed else Qt.PenStyle.SolidLine
        painter.setPen(QPen(color, entry.width, style))
        painter.drawLine(line)
    elif entry.kind == "band":
        color.setAlpha(110)
        painter.fillRect(QRectF(left, middle - 5.0, _SWATCH, 10.0), QBrush(color))
    elif entry.kind == "dot":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(center, 3.5, 3.5)
    elif entry.kind == "ring":
        painter.setPen(QPen(color, 1.5, entry.dashes if entry.dashed else Qt.PenStyle.SolidLine))
        painter.drawEllipse(center, 4.0, 4.0)
    elif entry.kind == "shape":
        place = np.array([center.x()]), np.array([center.y()])
        paint_shapes(painter, Marks(), entry.shape, *place, 3.8, color)
    elif entry.kind == "tick":
        painter.setPen(QPen(color, 2.0))
        painter.drawLine(QLineF(center.x(), middle - 5.0, center.x(), middle + 5.0))
