"""A flow matrix as coloured cells, with the band that a truncation keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from gradexplorer.gui.items.cells import paint_cells
from gradexplorer.gui.items.marks import Marks
from gradexplorer.gui.items.pictured import Frame, PicturedItem
from gradexplorer.gui.reach import Reach
from gradexplorer.gui.scale import KINDS, MagnitudeScale, kind_colors
from gradexplorer.gui.theme import Colors

_FINEST = 1.5  # pixels: smaller cells are drawn as the largest of several
_GRIP = 6.0  # pixels


@dataclass(frozen=True, eq=False)
class Flow:
    """What is drawn.

    Attributes
    ----------
    norms : ndarray, shape (S, T)
        NaN where a loss does not reach because the step lies after it.
    loss_steps : ndarray of int, shape (S,)
        Counted from 1.
    """

    norms: NDArray[np.float64]
    loss_steps: NDArray[np.intp]


class FlowItem(PicturedItem[Flow]):
    """Losses downwards, one row each; steps to the right.

    Parameters
    ----------
    reach : Reach
        Whose K the band's edge is; the edge can be dragged.
    """

    def __init__(self, reach: Reach) -> None:
        super().__init__()
        self._reach, self._marks = reach, Marks()
        self.scale = MagnitudeScale()
        self._fills: tuple[QColor, ...] = ()
        self._dragging = False
        reach.changed.connect(self._draw_anew)

    def _draw_anew(self, _steps: int) -> None:
        self.update()

    def set_colors(self, colors: Colors) -> None:
        """Draw in these colours."""
        self._fills = (*kind_colors(colors), QColor(Qt.GlobalColor.transparent))
        super().set_colors(colors)

    def draw_value(self, painter: QPainter, value: Flow, frame: Frame) -> None:
        """Draw in pixels, y downwards."""
        rows, columns = value.norms.shape
        area = frame.area(0.5, -0.5, columns, rows)
        down = max(1, int(_FINEST * rows / max(area.height(), 1.0)))
        across = max(1, int(_FINEST * columns / max(area.width(), 1.0)))
        kinds = self._kinds(value)
        kinds = kinds[: rows // down * down : down, : columns // across * across : across]
        area.setWidth(area.width() * kinds.shape[1] * across / columns)
        area.setHeight(area.height() * kinds.shape[0] * down / rows)
        paint_cells(painter, self._marks, kinds, area, self._fills)
        self._draw_edge(painter, value, frame, area)

    def _kinds(self, value: Flow) -> NDArray[np.intp]:
        columns = value.norms.shape[1]
        kinds = self.scale.kinds(value.norms)
        after = np.arange(1, columns + 1) > value.loss_steps[:, None]
        kinds[after] = KINDS  # the last fill, which is none
        return kinds

    def _draw_edge(self, painter: QPainter, value: Flow, frame: Frame, area: QRectF) -> None:
        """Veil what lies more than K steps before its loss, and draw the edge."""
        lefts = frame.x(value.loss_steps - self._reach.steps + 0.5)
        tops = frame.y(-np.arange(len(lefts)) - 0.5)
        bottoms = frame.y(-np.arange(len(lefts)) - 1.5)
        corners = np.column_stack([lefts, tops, lefts, bottoms]).reshape(-1, 2)
        start = max(area.left(), 0.0)
        edge = [QPointF(max(x, start), y) for x, y in corners.tolist()]
        veil = QColor(self._colors.base)
        veil.setAlphaF(0.6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(veil)
        ends = [QPointF(start, edge[-1].y()), QPointF(start, edge[0].y())]
        painter.drawPolygon(QPolygonF([*edge, *ends]))
        painter.setPen(QPen(QColor(self._colors.limit), 2.0, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(edge))

    def mouseDragEvent(self, event: Any) -> None:  # noqa: N802
        """Move the edge, if it was taken hold of; else let the plot be moved."""
        if self._value is None or event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        if event.isStart():
            near = self._reach_at(event.buttonDownPos())
            wide, _ = self.getViewBox().viewPixelSize()
            self._dragging = abs(near - self._reach.steps) <= max(1.0, _GRIP * wide)
        if not self._dragging:
            event.ignore()
            return
        event.accept()
        self._reach.set_steps(self._reach_at(event.pos()))

    def _reach_at(self, place: QPointF) -> int:
        """Return the K whose edge is at a place."""
        assert self._value is not None
        row = min(max(0, round(-place.y()) - 1), len(self._value.loss_steps) - 1)
        return round(float(self._value.loss_steps[row]) - place.x() + 0.5)
