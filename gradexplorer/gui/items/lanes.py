"""Two curves' worth of room above each other over one time: a high lane and a low one."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradexplorer.gui.items.marks import Marks
from gradexplorer.gui.items.pictured import Frame
from gradexplorer.gui.theme import Colors

Numbers = NDArray[np.floating]

BOTTOM, TOP = -0.35, 6.75  # of both lanes, with air
_AIR = 3.0  # pixels


class Lane(NamedTuple):
    """Room for values from -limit to limit.

    Attributes
    ----------
    title : str
    bottom, top : float
        On the plot's y axis, whose places one apart can be labelled.
    limit : float
    """

    title: str
    bottom: float
    top: float
    limit: float

    def y(self, values: Numbers) -> Numbers:
        """Return where values stand on the y axis, at the lane's edges at most."""
        share = 0.5 + 0.5 * np.clip(values / self.limit, -1.0, 1.0)
        height: Numbers = self.bottom + (self.top - self.bottom) * share
        return height

    def names(self) -> dict[float, str]:
        """Return labels of places, one apart, by y."""
        count = round(self.top - self.bottom)
        values = np.linspace(-self.limit, self.limit, count + 1)
        return {self.bottom + index: f"{value:g}" for index, value in enumerate(values.tolist())}


def high_lane(title: str, limit: float) -> Lane:
    """Return the upper lane, four times as high as the lower one."""
    return Lane(title, 2.0, 6.0, limit)


def low_lane(title: str, limit: float) -> Lane:
    """Return the lower lane."""
    return Lane(title, 0.0, 1.0, limit)


def round_limit(*curves: Numbers) -> float:
    """Return a round number that no finite value exceeds."""
    values = np.abs(np.concatenate(curves))
    largest = float(values[np.isfinite(values)].max(initial=0.0))
    if not 1e-30 < largest < 1e30:
        return 1.0
    power = 10.0 ** math.floor(math.log10(largest))
    return next(power * step for step in (1.0, 2.0, 4.0, 6.0, 8.0, 10.0) if largest <= power * step)


class LanePainter:
    """Paints lanes in pixels.

    Parameters
    ----------
    painter : QPainter
    marks : Marks
    frame : Frame
    colors : Colors
    left, right : float
        Of the lanes, in time.
    """

    def __init__(
        self,
        painter: QPainter,
        marks: Marks,
        frame: Frame,
        colors: Colors,
        left: float,
        right: float,
    ) -> None:
        self.painter, self.marks, self.frame, self.colors = painter, marks, frame, colors
        self._left, self._right = frame.x(left), frame.x(right)

    def paint_ground(self, lane: Lane) -> None:
        """Draw a lane's lines, one at each label, and its title where it is not cut off."""
        painter, frame, colors = self.painter, self.frame, self.colors
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        y = np.round(frame.y(np.array(list(lane.names()))))
        painter.setPen(QPen(QColor(colors.grid), 1.0))
        self.marks.lines(painter, self._left, y, self._right, y)
        room = frame.y(lane.top) - _AIR
        if room < painter.fontMetrics().ascent():
            return
        painter.setPen(QColor(colors.muted))
        corner = QRectF(self._left + _AIR, room + _AIR - 40.0, 400.0, 40.0 - _AIR)
        flags = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft
        painter.drawText(corner, flags, lane.title)

    def paint_level(self, lane: Lane, value: float, pen: QPen) -> None:
        """Draw a line all along a lane."""
        self.painter.setPen(pen)
        y = round(float(self.frame.y(lane.y(np.array(value)))))
        self.marks.lines(self.painter, self._left, y, self._right, y)

    def paint_range(
        self, lane: Lane, low: float, high: float, left: float, right: float, color: QColor
    ) -> None:
        """Fill the range of values between two times."""
        bottom, top = self.frame.y(lane.y(np.array([low, high])))
        x = self.frame.x(left)
        self.painter.fillRect(QRectF(x, top, self.frame.x(right) - x, bottom - top), color)

    def paint_curve(self, lane: Lane, x: Numbers, values: Numbers, pen: QPen) -> None:
        """Draw a curve, with a gap where a value is not finite."""
        painter = self.painter
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen)
        columns, rows = self.frame.x(x), self.frame.y(lane.y(values))
        gaps = np.flatnonzero(~np.isfinite(values))
        for part in np.split(np.arange(len(x)), gaps):
            part = part[np.isfinite(values[part])]
            self.marks.polyline(painter, columns[part], rows[part])

    def paint_dot(self, lane: Lane, x: float, value: float, color: QColor) -> None:
        """Mark a value, if it is finite."""
        painter = self.painter
        if not math.isfinite(value):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.colors.base), 1.0))
        painter.setBrush(color)
        y = float(self.frame.y(lane.y(np.array(value))))
        painter.drawEllipse(QPointF(self.frame.x(x), y), 3.5, 3.5)
