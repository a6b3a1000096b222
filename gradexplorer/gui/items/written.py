"""Text that a network has written, and an excerpt shaded by a loss's gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetricsF, QPainter, QPen

from gradexplorer.gui.items.color_scale import paint_color_scale
from gradexplorer.gui.items.marks import Marks
from gradexplorer.gui.items.pictured import Frame, PicturedItem
from gradexplorer.gui.scale import MagnitudeScale, kind_colors
from gradexplorer.gui.theme import Colors
from gradexplorer.tasks.views import GeneratedText

_SIGNS = {"\n": "↵", "\t": "→", " ": " "}
_MARGIN, _GAP = 10.0, 8.0  # pixels
_OVERLAP = 0.4  # pixels, so that no reader shows seams
_EXCERPT_SHARE = 0.6  # of the rows, where not all fit
_EVEN_LUMINANCE = 0.179  # relative, at which black and white have the same contrast (WCAG 2)


class Page(NamedTuple):
    """Where what is on a page of text stands, in pixels.

    Attributes
    ----------
    cell : tuple of float
        Width and height of a character.
    excerpt, written : ndarray of int, shape (N, 2)
        Row and column of each character.
    rows : tuple of int
        How many rows of each are shown.
    skipped : int
        The excerpt's first rows, which are not.
    tops : tuple of float
        Where the first shown row of each begins.
    """

    cell: tuple[float, float]
    excerpt: NDArray[np.intp]
    written: NDArray[np.intp]
    rows: tuple[int, int]
    skipped: int
    tops: tuple[float, float]

    def corner(self, index: int) -> tuple[float, float] | None:
        """Return the upper left corner of a character of the excerpt, if it is shown."""
        row, column = self.excerpt[index]
        if not 0 <= row - self.skipped < self.rows[0]:
            return None
        wide, high = self.cell
        return _MARGIN + column * wide, self.tops[0] + (row - self.skipped) * high

    def index_at(self, x: float, y: float) -> int | None:
        """Return the character of the excerpt at a place."""
        wide, high = self.cell
        row, column = (y - self.tops[0]) // high, (x - _MARGIN) // wide
        if not 0 <= row < self.rows[0]:
            return None
        found = np.flatnonzero((self.excerpt == (row + self.skipped, column)).all(axis=1))
        return int(found[0]) if len(found) else None


def wrapped(text: str, columns: int) -> NDArray[np.intp]:
    """Return row and column of each character, (N, 2); a line break ends its row."""
    places, row, column = np.zeros((len(text), 2), np.intp), 0, 0
    for index, character in enumerate(text):
        if column == columns:
            row, column = row + 1, 0
        places[index] = row, column
        column += 1
        if character == "\n":
            row, column = row + 1, 0
    return places


def sign(character: str) -> str:
    """Return what stands for a character; nothing is left invisible but the space."""
    return _SIGNS.get(character, character if character.isprintable() else "·")


class WrittenItem(PicturedItem[GeneratedText]):
    """The excerpt above, each character before the chosen one shaded, and what was written below.

    Parameters
    ----------
    font : QFont
        Of the headings.

    Attributes
    ----------
    scale : MagnitudeScale
    """

    def __init__(self, font: QFont) -> None:
        super().__init__()
        self._font, self._marks = font, Marks()
        self._fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        self._fixed.setPixelSize(font.pixelSize() + 1)
        self.scale = MagnitudeScale()
        self._chosen = -1
        self._shades: Sequence[QColor] = ()

    def set_colors(self, colors: Colors) -> None:
        """Draw in these colours."""
        self._shades = kind_colors(colors)
        super().set_colors(colors)

    def choose(self, index: int) -> None:
        """Box a character of the excerpt; its first has no loss of its own."""
        self._chosen = max(1, index)
        self.update()

    def chosen(self, value: GeneratedText) -> int:
        """Return the boxed character: the last, for as long as none was chosen."""
        last = len(value.losses)
        return last if self._chosen < 0 else min(self._chosen, last)

    def page(self, value: GeneratedText, frame: Frame) -> Page:
        """Lay out a page; where it is short, the excerpt keeps the row of the chosen character."""
        wide, high = self._cell(value)
        width, height = (
            (frame.right - frame.left) / frame.dx,
            (frame.top - frame.bottom) / frame.dy,
        )
        columns = max(1, int((width - 2 * _MARGIN) // wide))
        excerpt, written = (
            wrapped(text, columns) for text in (value.excerpt, value.prompt + value.text)
        )
        headings = 3 * self._heading_height() + _GAP
        room = max(2, int((height - headings) // high))
        needed = int(excerpt[-1, 0]) + 1
        shown = min(needed, max(1, int(_EXCERPT_SHARE * room)))
        rest = max(0, min(room - shown, int(written[-1, 0]) + 1))
        row = int(excerpt[self.chosen(value), 0])
        top = self._heading_height()
        below = top + shown * high + _GAP + self._heading_height()
        skipped = min(max(0, row - shown + 1), needed - shown)
        return Page((wide, high), excerpt, written, (shown, rest), skipped, (top, below))

    def draw_value(self, painter: QPainter, value: GeneratedText, frame: Frame) -> None:
        """Draw in pixels, y downwards."""
        page = self.page(value, frame)
        right = (frame.right - frame.left) / frame.dx - _MARGIN
        bottom = (frame.top - frame.bottom) / frame.dy
        self._draw_headings(painter, value, page, right, bottom)
        painter.setFont(self._fixed)
        self._draw_excerpt(painter, value, page)
        self._draw_written(painter, value, page)

    def _cell(self, value: GeneratedText) -> tuple[float, float]:
        """Return the size of the largest character."""
        metrics = QFontMetricsF(self._fixed)
        every = {*value.excerpt, *value.prompt, *value.text} - {*_SIGNS}
        usual = metrics.horizontalAdvance("n")
        widest = max(map(metrics.horizontalAdvance, map(sign, every)), default=usual)
        return max(usual, min(widest, 2.0 * usual)), metrics.height()

    def _heading_height(self) -> float:
        return QFontMetricsF(self._font).height() + 6.0

    def _draw_headings(
        self, painter: QPainter, value: GeneratedText, page: Page, right: float, bottom: float
    ) -> None:
        painter.setFont(self._font)
        high = self._heading_height()
        area = QRectF(0.0, 0.0, right, high)
        span = self.scale.low, self.scale.high
        stop = paint_color_scale(painter, self._colors, area, span)
        self._draw_heading(painter, "Loss of the boxed character", 0.0, stop)
        heading = f"Written by the network at temperature {value.temperature:g}"
        self._draw_heading(painter, heading, page.tops[1] - high, right)
        self._draw_heading(painter, value.source, bottom - high, right)

    def _draw_heading(self, painter: QPainter, text: str, top: float, right: float) -> None:
        painter.setPen(QColor(self._colors.muted))
        area = QRectF(_MARGIN, top, right - _MARGIN, self._heading_height())
        metrics = QFontMetricsF(self._font)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, shown)

    def _draw_excerpt(self, painter: QPainter, value: GeneratedText, page: Page) -> None:
        chosen = self.chosen(value)
        kinds = self.scale.kinds(value.reach[chosen - 1, :chosen])
        corners = [page.corner(index) for index in range(len(value.excerpt))]
        wide, high = page.cell
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # no seams
        for kind in np.unique(kinds):
            places = [corners[index] for index in np.flatnonzero(kinds == kind)]
            x, y = np.array([place for place in places if place] or np.zeros((0, 2))).T
            painter.setBrush(self._shades[kind])
            self._marks.rects(painter, x, y, wide + _OVERLAP, high + _OVERLAP)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inks = [_readable_on(shade) for shade in self._shades]
        text, muted = QColor(self._colors.text), QColor(self._colors.muted)
        for index, corner in enumerate(corners):
            if corner is None:
                continue
            if index < chosen:
                painter.setPen(inks[kinds[index]])
            else:
                painter.setPen(text if index == chosen else muted)
            cell = QRectF(*corner, wide, high)
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, sign(value.excerpt[index]))
        if corner := corners[chosen]:
            painter.setPen(QPen(QColor(self._colors.accent), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(*corner, wide, high))

    def _draw_written(self, painter: QPainter, value: GeneratedText, page: Page) -> None:
        wide, high = page.cell
        ascent = QFontMetricsF(self._fixed).ascent()
        given, top = len(value.prompt), page.tops[1]
        colors = QColor(self._colors.accent), QColor(self._colors.text)
        for index, character in enumerate(value.prompt + value.text):
            row, column = page.written[index]
            if row >= page.rows[1]:
                break
            if character == " ":
                continue
            ink = QColor(self._colors.muted) if character in _SIGNS else colors[index >= given]
            painter.setPen(ink)
            place = QPointF(_MARGIN + column * wide, top + row * high + ascent)
            painter.drawText(place, sign(character))


def _readable_on(color: QColor) -> QColor:
    """Return black or white, whichever stands out more from a colour."""
    shares = np.array([color.redF(), color.greenF(), color.blueF()])
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    light = linear @ (0.2126, 0.7152, 0.0722) > _EVEN_LUMINANCE
    return QColor("#000000" if light else "#ffffff")
