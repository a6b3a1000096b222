"""A pendulum at work, beside its angle and torque over time."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

from gradexplorer.gui.items.lanes import BOTTOM, TOP, Lane, LanePainter, high_lane, low_lane
from gradexplorer.gui.items.marks import Marks
from gradexplorer.gui.items.pictured import Frame, PicturedItem
from gradexplorer.gui.theme import Colors, mix
from gradexplorer.tasks.views import PendulumTrial

WIDTH = 0.72  # of the pendulum's place, in units of the trial's duration
_GAP = 0.06
_WIDGET = 1  # what a paint device's devType() is on the screen
_GHOSTS = 9
_FAINTEST = 0.12
_SMALLEST = 16.0  # pixels, of a rod
_ARC = 150.0  # degrees, of the largest torque


class PendulumItem(PicturedItem[PendulumTrial]):
    """Angle above, torque below, over time, and at the right the pendulum itself at one step.

    On paper there is no motion: there its way is shown by fainter and fainter ghosts.

    Parameters
    ----------
    font : QFont
    """

    def __init__(self, font: QFont) -> None:
        super().__init__()
        self._font, self._marks = font, Marks()
        self._step, self._playing = 0, True

    def show_step(self, step: int, *, playing: bool) -> None:
        """Draw the pendulum at this step, and whether it is moving."""
        self._step, self._playing = step, playing
        self.update()

    def draw_value(self, painter: QPainter, value: PendulumTrial, frame: Frame) -> None:
        """Draw in pixels, y downwards."""
        painter.setFont(self._font)
        moving = painter.device().devType() == _WIDGET
        step = min(self._step, len(value.angle) - 1)
        self._draw_curves(painter, value, frame, step if moving else None)
        area = frame.area(*place(value))
        if moving:
            self._draw_pendulum(painter, value, area, step)
        else:
            self._draw_ghosts(painter, value, area)

    def _draw_curves(
        self, painter: QPainter, value: PendulumTrial, frame: Frame, step: int | None
    ) -> None:
        colors = self._colors
        times = value.seconds * np.arange(len(value.angle))
        angle, torque = lanes(value)
        of_angle, of_torque, of_reference = pens(colors)
        lane_painter = LanePainter(painter, self._marks, frame, colors, 0.0, duration(value))
        within = math.degrees(value.held_within)
        shade = QColor(mix(colors.smooth, colors.base, 0.25))
        start, stop = value.seconds * value.held_from, duration(value)
        lane_painter.paint_range(angle, -within, within, start, stop, shade)
        for lane in (angle, torque):
            lane_painter.paint_ground(lane)
        lane_painter.paint_level(angle, 0.0, of_reference)
        degrees = np.degrees(value.angle)
        lane_painter.paint_curve(angle, *unwrapped(times, degrees), of_angle)
        lane_painter.paint_curve(torque, times, value.torque, of_torque)
        if step is not None:
            lane_painter.paint_dot(angle, times[step], degrees[step], of_angle.color())
            lane_painter.paint_dot(torque, times[step], value.torque[step], of_torque.color())

    def _draw_pendulum(
        self, painter: QPainter, value: PendulumTrial, area: QRectF, step: int
    ) -> None:
        pivot, length = self._pivot(painter, area)
        if length < _SMALLEST:
            return
        angle, torque = float(value.angle[step]), float(value.torque[step])
        if math.isfinite(angle):
            self._draw_rod(painter, pivot, length, angle, self._colors.accent)
        if math.isfinite(torque):
            self._draw_torque(painter, pivot, 0.42 * length, torque / value.most_torque)
        time = "" if self._playing else "paused, "
        self._write(painter, area, f"{time}t = {value.seconds * step:.2f} s")

    def _draw_ghosts(self, painter: QPainter, value: PendulumTrial, area: QRectF) -> None:
        """Draw the way up: from the start to where it stays, or to the end."""
        pivot, length = self._pivot(painter, area)
        if length < _SMALLEST:
            return
        away = np.flatnonzero(~(np.abs(value.angle) <= value.held_within))
        last = min(len(value.angle) - 1, int(away[-1]) + 1 if len(away) else 0)
        steps = np.unique(np.linspace(0, last, _GHOSTS).round().astype(np.intp))
        for index, step in enumerate(steps.tolist()):
            share = _FAINTEST + (1.0 - _FAINTEST) * ((index + 1) / len(steps)) ** 2
            if math.isfinite(angle := float(value.angle[step])):
                color = mix(self._colors.accent, self._colors.base, share)
                self._draw_rod(painter, pivot, length, angle, color)
        self._write(painter, area, f"t = 0 to {value.seconds * last:.2f} s")

    def _pivot(self, painter: QPainter, area: QRectF) -> tuple[QPointF, float]:
        """Return the pivot and the rod's length, and draw which way is up."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = 1.4 * self._font.pixelSize()
        side = min(area.width(), area.height() - line)
        length, pivot = 0.42 * side, QPointF(area.center().x(), area.center().y() - 0.5 * line)
        if length >= _SMALLEST:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._colors.grid), 1.0))
            painter.drawEllipse(pivot, length, length)
            painter.setPen(pens(self._colors)[2])
            painter.drawLine(pivot, pivot - QPointF(0.0, 1.12 * length))
        return pivot, length

    def _draw_rod(
        self, painter: QPainter, pivot: QPointF, length: float, angle: float, color: str
    ) -> None:
        # Positive angles are counter-clockwise, as Gymnasium draws them.
        end = pivot + QPointF(-math.sin(angle), -math.cos(angle)) * length
        width = max(3.0, 0.09 * length)
        cap = Qt.PenCapStyle.RoundCap
        painter.setPen(QPen(QColor(color), width, Qt.PenStyle.SolidLine, cap))
        painter.drawLine(pivot, end)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(color))
        painter.drawEllipse(end, 1.1 * width, 1.1 * width)
        painter.setBrush(QColor(self._colors.text))
        painter.drawEllipse(pivot, 0.45 * width, 0.45 * width)

    def _draw_torque(self, painter: QPainter, pivot: QPointF, radius: float, share: float) -> None:
        """Draw an arc from the top the way the motor turns, as long as it is strong."""
        turn = _ARC * share
        if abs(turn) < 4.0:
            return
        pen = QPen(pens(self._colors)[1].color(), 2.0)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        box = QRectF(pivot.x() - radius, pivot.y() - radius, 2.0 * radius, 2.0 * radius)
        painter.drawArc(box, 90 * 16, round(16 * turn))
        end = math.radians(90.0 + turn)
        tip = pivot + QPointF(math.cos(end), -math.sin(end)) * radius
        along = QPointF(-math.sin(end), -math.cos(end)) * math.copysign(1.0, turn)
        across = QPointF(-along.y(), along.x())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(pen.color())
        painter.drawPolygon(QPolygonF([tip + along * 6.0, tip + across * 4.0, tip - across * 4.0]))

    def _write(self, painter: QPainter, area: QRectF, text: str) -> None:
        painter.setPen(QColor(self._colors.muted))
        flags = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignHCenter
        painter.drawText(area, flags, text)


def duration(view: PendulumTrial) -> float:
    """Return how long a trial takes, in seconds."""
    return view.seconds * len(view.angle)


def place(view: PendulumTrial) -> tuple[float, float, float, float]:
    """Return left, top, width and height of the pendulum's place, y upwards."""
    long = duration(view)
    return (1.0 + _GAP) * long, TOP, (WIDTH - _GAP) * long, TOP - BOTTOM


def lanes(view: PendulumTrial) -> tuple[Lane, Lane]:
    """Return the lanes of the angle, in degrees, and of the torque."""
    return high_lane("angle from upright, °", 180.0), low_lane("torque, N m", view.most_torque)


def pens(colors: Colors) -> tuple[QPen, QPen, QPen]:
    """Return the pens of the angle, the torque and the reference."""
    return (
        QPen(QColor(colors.accent), 2.0),
        QPen(QColor(colors.held_out), 1.4),
        QPen(QColor(colors.text), 1.0, Qt.PenStyle.DashLine),
    )


def unwrapped(times: np.ndarray, degrees: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the curve with a gap wherever the angle goes over from 180 to -180 degrees."""
    over = np.flatnonzero(np.abs(np.diff(degrees)) > 180.0)
    edge = np.copysign(180.0, degrees[over])
    share = (edge - degrees[over]) / (degrees[over + 1] + 2.0 * edge - degrees[over])
    crossing = times[over] + share * (times[over + 1] - times[over])
    at = np.repeat(over + 1, 3)
    gap = np.stack([edge, np.full(len(over), np.nan), -edge], axis=1)
    return np.insert(times, at, np.repeat(crossing, 3)), np.insert(degrees, at, gap.ravel())
