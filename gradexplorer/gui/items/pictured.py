"""What the items that draw one immutable value share."""

from __future__ import annotations

from typing import Any, Generic, NamedTuple, TypeVar

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from gradexplorer.gui.items.painted import PaintedItem
from gradexplorer.gui.theme import LIGHT, Colors

Value = TypeVar("Value")


class Frame(NamedTuple):
    """What is seen of the data, and how large a pixel is there.

    Attributes
    ----------
    left, right, bottom, top : float
    dx, dy : float
        Of one pixel.
    """

    left: float
    right: float
    bottom: float
    top: float
    dx: float
    dy: float

    @classmethod
    def of(cls, view: Any) -> Frame:
        """Return what a view box shows."""
        (left, right), (bottom, top) = view.viewRange()
        return cls(left, right, bottom, top, *view.viewPixelSize())

    def x(self, value: Any) -> Any:
        """Return how many pixels right of the left edge a place of the data is."""
        return (value - self.left) / self.dx

    def y(self, value: Any) -> Any:
        """Return how many pixels below the upper edge a place of the data is."""
        return (self.top - value) / self.dy

    def area(self, left: float, top: float, width: float, height: float) -> QRectF:
        """Return in pixels a rectangle of the data given by its upper left corner."""
        return QRectF(self.x(left), self.y(top), width / self.dx, height / self.dy)


class PicturedItem(PaintedItem, Generic[Value]):
    """An item that draws one value in pixels, from the upper left corner of what is seen."""

    def __init__(self) -> None:
        super().__init__()
        self._value: Value | None = None
        self._colors: Colors = LIGHT
        self.hide()

    def set_colors(self, colors: Colors) -> None:
        """Draw in these colours."""
        self._colors = colors
        self.update()

    def show_value(self, value: Value | None) -> None:
        """Draw this one, or nothing."""
        if value is not self._value:
            self._value = value
            self.draw_anew(empty=value is None)

    def draw(self, painter: QPainter, view: Any) -> None:
        """Draw the value."""
        assert self._value is not None
        frame = Frame.of(view)
        painter.translate(frame.left, frame.top)
        painter.scale(frame.dx, -frame.dy)
        self.draw_value(painter, self._value, frame)

    def draw_value(self, painter: QPainter, value: Value, frame: Frame) -> None:
        """Draw in pixels, y downwards."""
        raise NotImplementedError
