"""Our few icons, in the colours of the theme."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from gradexplorer.gui.theme import mix
from gradexplorer.paths import resource

_SIZES = (18, 36, 54)


def icon(name: str, color: str, background: str) -> QIcon:
    """Return an icon drawn in one colour, paler where its action is disabled.

    Parameters
    ----------
    name : str
        A file of ``resources/icons`` without its ending.
    color, background : str
        ``#rrggbb``.
    """
    result = QIcon()
    pale = mix("#808080", background, 0.7)
    for size in _SIZES:
        result.addPixmap(_pixmap(name, color, size), QIcon.Mode.Normal)
        result.addPixmap(_pixmap(name, pale, size), QIcon.Mode.Disabled)
    return result


def app_icon() -> QIcon:
    """Return the program's own icon."""
    result = QIcon()
    for size in (16, 32, 64, 128, 256):
        result.addPixmap(_pixmap("gradexplorer", "#000000", size))
    return result


def _pixmap(name: str, color: str, size: int) -> QPixmap:
    svg = _source(name).replace("currentColor", QColor(color).name())
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    renderer.setAspectRatioMode(Qt.AspectRatioMode.KeepAspectRatio)
    pixmap = QPixmap(QSize(size, size))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter)
    painter.end()
    return pixmap


@cache
def _source(name: str) -> str:
    return resource("icons", f"{name}.svg").read_text("utf-8")
