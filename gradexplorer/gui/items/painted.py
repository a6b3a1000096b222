"""What the painted items share."""

from __future__ import annotations

import sys
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter


class PaintedItem(pg.GraphicsObject):
    """An item over the whole view that paints itself anew whenever the view has changed."""

    def boundingRect(self) -> QRectF:  # noqa: N802
        """Return the whole view."""
        return self.getViewBox().viewRect()

    def viewRangeChanged(self) -> None:  # noqa: N802
        """Draw anew: what is visible has changed."""
        self.prepareGeometryChange()

    def draw_anew(self, *, empty: bool) -> None:
        """Have it painted soon; where there is nothing to see, Qt need not ask every frame."""
        if empty == self.isVisible():
            self.setVisible(not empty)
        elif not empty:
            self.update()

    def paint(self, painter: QPainter, *_: object) -> None:
        """Draw, if there is any room to draw on."""
        view = self.getViewBox()
        if view.width() < 1.0 or view.height() < 1.0:
            return
        try:
            self.draw(painter, view)
        except Exception:  # out of here it would take the process down with it
            sys.excepthook(*sys.exc_info())

    def draw(self, painter: QPainter, view: Any) -> None:
        """Draw on a view that is not empty.

        Parameters
        ----------
        painter : QPainter
            In data coordinates, y upwards.
        view : pyqtgraph.ViewBox
        """
        raise NotImplementedError
