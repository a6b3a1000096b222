"""Marks at nodes whose units pass little on: the share that is saturated, and that is dead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPen

if TYPE_CHECKING:
    from gradexplorer.gui.items.unrolled import Row
    from gradexplorer.gui.items.unrolled_painter import UnrolledPainter

LEAST = 0.01  # a share that is worth a mark
_ARCS = 24.0  # pixels that a column needs for arcs
_BARS_APART = 4.0  # and for bars with air between them
_WIDTH, _AWAY = 2.4, 2.2  # pixels of an arc, and from the node's rim
_TOP, _TURN = 90 * 16, -360 * 16  # Qt's angles: from the top, clockwise


def mark_ends(to: UnrolledPainter, row: Row) -> None:
    """Draw an arc as long as the share around each node, or a bar as high over narrow columns."""
    chosen = to.in_view(row.steps)
    steps = row.steps[chosen]
    known = to.are_computed(row.stage, steps)
    steps = steps[known]
    for shares, style in ((row.saturated, Qt.PenStyle.SolidLine), (row.dead, Qt.PenStyle.DotLine)):
        if shares is None:
            continue
        share = shares[chosen][known]
        marked = share >= LEAST
        x = (steps[marked] + to.aside(row)) * to.column
        if to.column >= _ARCS and not to.as_strips:
            _arcs(to, row, x, share[marked], style)
        else:
            _bars(to, row, x, share[marked])


def _arcs(
    to: UnrolledPainter, row: Row, x: np.ndarray, share: np.ndarray, style: Qt.PenStyle
) -> None:
    pen = QPen(_ink(to, row), _WIDTH, style, Qt.PenCapStyle.FlatCap)
    to.painter.setPen(pen)
    to.painter.setBrush(Qt.BrushStyle.NoBrush)
    y, reach = -row.height * to.row, to.half_height(row.height) + _AWAY
    half = to.half_width_of(row) + _AWAY
    if half != reach:  # a card: a bar beside it
        to.marks.lines(to.painter, x - half, y + reach, x - half, y + reach - 2.0 * reach * share)
        return
    for middle, part in zip(x.tolist(), share.tolist(), strict=True):
        area = QRectF(middle - reach, y - reach, 2.0 * reach, 2.0 * reach)
        to.painter.drawArc(area, _TOP, round(_TURN * part))


def _bars(to: UnrolledPainter, row: Row, x: np.ndarray, share: np.ndarray) -> None:
    room = min(8.0, 0.2 * to.row)
    base = -row.height * to.row - to.half_row(row)
    to.painter.setPen(Qt.PenStyle.NoPen)
    to.painter.setBrush(_ink(to, row))
    width = min(3.0, 0.6 * to.column) if to.column >= _BARS_APART else max(to.column, 1.0)
    to.marks.rects(to.painter, x - width / 2, base - room * share, width, room * share)


def _ink(to: UnrolledPainter, row: Row) -> QColor:
    """Return a strong colour; for gates, which may well be open or shut, a weak one."""
    return QColor(to.style.colors.muted if row.is_gate else to.style.colors.text)
