"""What the program needs of Qt's bindings themselves."""

from __future__ import annotations

import sys

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter


def test_painting_loses_no_references():
    """PySide6 6.12.0 lost one to None at nearly every call; the process died in the end."""
    image = QImage(16, 16, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    color, area, point = QColor("red"), QRectF(1, 1, 9, 9), QPointF(3, 3)
    before = sys.getrefcount(None)
    for _ in range(500):
        painter.setPen(color)
        painter.drawRect(area)
        painter.drawEllipse(point, 2.0, 2.0)
        painter.drawLine(point, point)
    after = sys.getrefcount(None)
    painter.end()
    assert abs(after - before) < 100
