"""Where truncation cuts the unrolled graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradexplorer.engine.truncation import Cut
from gradexplorer.gui.items.unrolled_style import hatch

if TYPE_CHECKING:
    from gradexplorer.gui.items.unrolled import Unrolled
    from gradexplorer.gui.items.unrolled_painter import UnrolledPainter

_STROKES = 24.0  # pixels that a column needs for strokes where only some losses are cut


def shade_cut_off(to: UnrolledPainter, data: Unrolled) -> None:
    """Shade the steps that truncation keeps the gradient from."""
    if not data.cut_off:
        return
    top, bottom = to.extent(data)
    area = QRectF(0.5 * to.column, top, data.cut_off * to.column, bottom - top)
    to.painter.fillRect(area, hatch(to.style.colors))


def draw_cuts(to: UnrolledPainter, data: Unrolled) -> None:
    """Draw where truncation cuts: strokes on each road, a line where nothing passes."""
    steps = np.flatnonzero(data.cuts) + 1
    steps = steps[to.in_view(steps)]
    color = QColor(to.style.colors.limit)
    top, bottom = to.extent(data)
    to.painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for step in steps:
        x = (step - 0.5) * to.column
        full = data.cuts[step - 1] == Cut.FULL
        if full:
            to.painter.setPen(QPen(color, 1.2, Qt.PenStyle.DashLine))
            to.painter.drawLine(QPointF(x, top), QPointF(x, bottom))
        if not to.as_strips and (full or to.column >= _STROKES):
            for row in data.rows:
                if row.is_road:
                    _scissors(to, x, -row.height * to.row + to.apart, color, full=full)
    _label(to, data, top)


def _label(to: UnrolledPainter, data: Unrolled, top: float) -> None:
    first = max(0.5, to.first + 1.0) * to.column
    room = (data.cut_off + 0.5) * to.column - first - 8.0
    if not data.cut_off or room <= 0.0:
        return
    to.painter.setFont(to.style.font)
    metrics = to.painter.fontMetrics()
    text = metrics.elidedText(data.cut_off_label, Qt.TextElideMode.ElideRight, round(room))
    area = QRectF(first + 4.0, top + 2.0, metrics.horizontalAdvance(text), metrics.height())
    to.painter.fillRect(area.adjusted(-2.0, 0.0, 2.0, 0.0), QColor(to.style.colors.base))
    to.painter.setPen(QColor(to.style.colors.limit))
    to.painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)


def _scissors(to: UnrolledPainter, x: float, y: float, color: QColor, *, full: bool) -> None:
    """Draw two slanted strokes with a gap between them; one stroke for a partial cut."""
    reach = min(8.0, 0.2 * to.row)
    lean, gap = 0.45 * reach, (2.5 if full else 0.0)
    if full:
        to.painter.setPen(QPen(QColor(to.style.colors.base), 2 * gap))
        to.painter.drawLine(QPointF(x + lean, y - reach), QPointF(x - lean, y + reach))
    to.painter.setPen(QPen(color, 1.8 if full else 1.2))
    for offset in (-gap, gap) if full else (0.0,):
        to.painter.drawLine(
            QPointF(x + offset + lean, y - reach), QPointF(x + offset - lean, y + reach)
        )
