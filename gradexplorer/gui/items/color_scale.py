"""The colours of gradient magnitudes, and which decades they span."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter

from gradexplorer.gui.scale import viridis
from gradexplorer.gui.text import power_of_ten
from gradexplorer.gui.theme import Colors

_NAME = "‖gradient‖"
_WIDTH, _HEIGHT = 72.0, 10.0
_LEAST_LEFT = 60.0  # pixels for what stands left of it


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
    low, high = (power_of_ten(round(end)) for end in span)
    top, tall, right = area.top(), area.height(), area.right()
    left = right - metrics.horizontalAdvance(high) - 5.0 - _WIDTH
    if left < area.left() + _LEAST_LEFT:
        return right
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
    name = metrics.horizontalAdvance(_NAME) + 8.0
    if left - name > area.left() + _LEAST_LEFT:
        left -= name
        painter.drawText(QRectF(left, top, name, tall), flags, _NAME)
    return left - 14.0
