"""A slider over a run's updates, with a tick wherever a moment is kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSlider

from gradexplorer.gui.items.marks import Marks
from gradexplorer.gui.theme import LIGHT, Colors

_RADIUS = 7.0  # of the handle
_GROOVE, _TICK = 4.0, 5.0
_FAR = 10  # moments that Page Up and Page Down go
_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_PageDown: -_FAR,
    Qt.Key.Key_PageUp: _FAR,
}


class Timeline(QSlider):
    """Its value is an update, 1 to all that were made; a press goes there at once."""

    chosen = Signal(int)
    """The user went to this update."""
    moved = Signal(int)
    """The user went so many kept moments further on."""
    released = Signal()
    """The user went to the end."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._colors = LIGHT
        self._ticks: tuple[int, ...] = ()
        self._failed_at = 0
        self._held = False
        self._marks = Marks()
        self.setRange(1, 1)
        self.setMouseTracking(True)

    def set_colors(self, colors: Colors) -> None:
        """Draw in these colours."""
        self._colors = colors
        self.update()

    def show_run(
        self, updates: int, at: int, *, held: bool, ticks: Sequence[int], failed_at: int
    ) -> None:
        """Show where in a run the views are.

        Parameters
        ----------
        updates : int
            Made so far.
        at : int
            Shown.
        held : bool
            Whether it is not simply the latest.
        ticks : sequence of int
            Where moments are kept.
        failed_at : int
            Where the run diverged, or 0.
        """
        state = held, tuple(ticks), failed_at
        if state != (self._held, self._ticks, self._failed_at):
            self._held, self._ticks, self._failed_at = state
            self.update()
        if not self.isSliderDown():  # nothing moves under the mouse
            self.setRange(1, max(1, updates))
            self.setValue(at)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the size of handle and ticks."""
        return QSize(200, 26)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return what is still of use."""
        return QSize(80, 26)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Go from moment to moment with the arrow keys, to the ends with Home and End."""
        key = Qt.Key(event.key())
        if key in _STEPS:
            self.moved.emit(_STEPS[key])
        elif key == Qt.Key.Key_Home:
            self.chosen.emit(1)
        elif key == Qt.Key.Key_End:
            self.released.emit()
        else:
            event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Go from moment to moment."""
        self.moved.emit(1 if event.angleDelta().y() > 0 else -1)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Go where the mouse is."""
        if event.button() == Qt.MouseButton.LeftButton and self.isEnabled():
            self.setSliderDown(True)
            self._go_to(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Go along with the mouse while it is pressed."""
        if self.isSliderDown():
            self._go_to(event.position())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        """Stay here."""
        self.setSliderDown(False)

    def place_of(self, update: int) -> float:
        """Return where an update is, in pixels from the left."""
        share = (update - self.minimum()) / max(1, self.maximum() - self.minimum())
        return _RADIUS + 1.0 + share * self._width()

    def _width(self) -> float:
        return max(1.0, self.width() - 2.0 * (_RADIUS + 1.0))

    def _go_to(self, place: QPointF) -> None:
        share = min(1.0, max(0.0, (place.x() - _RADIUS - 1.0) / self._width()))
        update = round(self.minimum() + share * (self.maximum() - self.minimum()))
        self.setValue(update)
        self.chosen.emit(update)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw the groove up to the handle, the ticks below it and the handle."""
        colors, painter = self._colors, QPainter(self)
        middle = self.height() / 2.0 - 2.0
        left, right = _RADIUS + 1.0, self.width() - _RADIUS - 1.0
        at = self.place_of(self.value())
        if self._ticks:
            x = np.unique(np.round([self.place_of(tick) for tick in self._ticks])) + 0.5
            painter.setPen(QPen(QColor(colors.axis), 1.0))
            top = middle + _GROOVE / 2.0 + 3.0
            self._marks.lines(painter, x, top, x, top + _TICK)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for end, color in ((right, colors.border), (at, self._ink())):
            painter.setBrush(QColor(color))
            area = QRectF(left, middle - _GROOVE / 2.0, end - left, _GROOVE)
            painter.drawRoundedRect(area, _GROOVE / 2.0, _GROOVE / 2.0)
        if self._failed_at:
            end = self.place_of(self._failed_at)
            painter.setPen(QPen(QColor(colors.error), 2.0))
            painter.drawLine(QPointF(end, middle - _RADIUS - 2.0), QPointF(end, middle + _RADIUS))
        painter.setPen(QPen(QColor(colors.text if self.hasFocus() else colors.base), 2.0))
        painter.setBrush(QColor(self._ink()))
        painter.drawEllipse(QPointF(at, middle), _RADIUS - 1.0, _RADIUS - 1.0)

    def _ink(self) -> str:
        """Return the colour of what is shown: strong where it is held."""
        return self._colors.accent if self._held and self.isEnabled() else self._colors.axis
