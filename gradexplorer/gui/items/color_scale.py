"""The colours of gradient magnitudes, and which decades they span."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter

from gradexplorer.gui.scale import viridis
from gradexplorer.gui.text import power_of_ten
from gradexplorer.gui.theme import Colors

_NAME = "‖gradient‖"
_WIDTH, _HEIGHT = 72.0, 10.0
_GAP = 14.0
_LEAST_LEFT = 60.0  # pixels for what stands left of it


def color_scale_width(metrics: QFontMetricsF, room: float, span: tuple[float, float]) -> float:
    """Return how much the scale takes of a row, with the gap before it; 0: there is no room."""
    low, high = _ends(span)
    width = metrics.horizontalAdvance(high) + 5.0 + _WIDTH
    if room - width < _LEAST_LEFT:
        return 0.0
    width += metrics.horizontalAdvance(low) + 5.0
    return width + _GAP + (_name(metrics) if _has_name(metrics, room - width) else 0.0)


def paint_color_scale(
    painter: QPainter, colors: Colors, area: QRectF, span: tuple[float, float]
) -> float:
    """Draw the scale at the right end of an area, if there is room; return where it begins.

    Parameters
    ----------
    painter : QPainter
        With the font to write in.
    colors : Colors
    area : QRectF
    span : tuple of float
        The exponents of its ends.
    """
    metrics = QFontMetricsF(painter.font())
    low, high = _ends(span)
    top, tall, right = area.top(), area.height(), area.right()
    taken = color_scale_width(metrics, area.width(), span)
    if not taken:
        return right
    left = right - metrics.horizontalAdvance(high) - 5.0 - _WIDTH
    gradient = QLinearGradient(left, 0.0, left + _WIDTH, 0.0)
    for index, color in enumerate(viridis()):
        gradient.setColorAt((index + 0.5) / len(viridis()), color)
    painter.setBrush(gradient)
    painter.setPen(QColor(colors.border))
    painter.drawRect(QRectF(left, top + (tall - _HEIGHT) / 2, _WIDTH, _HEIGHT))
    painter.setPen(QColor(colors.muted))
    flags = Qt.AlignmentFlag.AlignVCenter
    painter.drawText(QRectF(left + _WIDTH + 5.0, top, 80.0, tall), flags, high)
    left -= metrics.horizontalAdvance(low) + 5.0
    painter.drawText(QRectF(left, top, 80.0, tall), flags, low)
    if _has_name(metrics, left - area.left()):
        left -= _name(metrics)
        painter.drawText(QRectF(left, top, _name(metrics), tall), flags, _NAME)
    return right - taken


def _ends(span: tuple[float, float]) -> tuple[str, str]:
    low, high = (power_of_ten(round(end)) for end in span)
    return low, high


def _name(metrics: QFontMetricsF) -> float:
    return metrics.horizontalAdvance(_NAME) + 8.0


def _has_name(metrics: QFontMetricsF, room: float) -> bool:
    return room - _name(metrics) > _LEAST_LEFT
