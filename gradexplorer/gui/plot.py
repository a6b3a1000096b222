"""The plot that every panel draws on: legend, axes, ranges set by hand, hover read-out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal, Slot
from PySide6.QtGui import QFont, QFontInfo, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from gradexplorer.gui.axes import (
    BOTTOM_HEIGHT,
    BOTTOM_HEIGHT_LOW,
    LEFT_WIDTH,
    Grid,
    ValueAxis,
    style_axis,
)
from gradexplorer.gui.items.curve import CurveItem
from gradexplorer.gui.legend import LegendStrip
from gradexplorer.gui.theme import Colors

_DECADES = 330.0
_ROOM_FOR_ROWS = (150, 200)  # pixels from which a legend may have a second row, and a third
_ROOM_FOR_NAME = 100  # pixels from which the x axis has its name

Describe = Callable[[float, float], str]


class Plot(pg.GraphicsLayoutWidget):
    """A plot whose ranges follow the data until the user moves them, or double clicks.

    Automatic ranges paint twice, so ranges are set by hand, with some air, and seldom.

    Parameters
    ----------
    x_label, y_label : str
    log_y : bool
        Whether the y axis is log10 of its quantity.
    """

    hovered = Signal(object)
    """The x under the mouse, or ``None``."""
    moved = Signal()
    """The user chose another range."""
    resized = Signal()
    """The plot has another size, and nothing in it is where it was."""
    followed = Signal()
    """The user let the ranges follow the data again."""

    def __init__(self, x_label: str, y_label: str, *, log_y: bool = False) -> None:
        super().__init__()
        self.ci.layout.setContentsMargins(0, 0, 0, 0)
        self.ci.layout.setSpacing(0)
        self.font_small = QFont(self.font())
        self.font_small.setPixelSize(max(9, QFontInfo(self.font()).pixelSize() - 1))
        self.legend = LegendStrip(self.font_small)
        self.legend.height_changed.connect(self._lay_out)
        self.addItem(self.legend, 0, 0)
        self.left = ValueAxis("left")
        self.left.set_logarithmic(log_y)
        self.bottom = ValueAxis("bottom")
        axes = {"left": self.left, "bottom": self.bottom}
        self.plot = pg.PlotItem(axisItems=axes, enableMenu=False)
        self.addItem(self.plot, 1, 0)
        self.view = self.plot.getViewBox()
        self.following = True
        self.has_cursor = True
        self.describe: Describe = lambda _x, _y: ""
        self._colors: Colors | None = None
        self._mouse: QPointF | None = None
        self._build_axes(x_label, y_label)
        self._cursor = QFrame(self)
        self._cursor.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._readout = QLabel(self)
        self._readout.setObjectName("readout")
        self._readout.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._hint = QLabel(self)
        self._hint.setObjectName("hint")
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setWordWrap(True)
        for widget in (self._cursor, self._readout, self._hint):
            widget.hide()
        self.view.sigRangeChangedManually.connect(self._stop_following)

    def _build_axes(self, x_label: str, y_label: str) -> None:
        self.plot.hideButtons()
        self.left.setWidth(LEFT_WIDTH)
        self.bottom.setHeight(BOTTOM_HEIGHT)
        self.plot.setLabel("left", y_label)
        self.plot.setLabel("bottom", x_label)
        self.plot.layout.setContentsMargins(0, 5, 18, 2)  # a label stands out at the right
        self.view.disableAutoRange()
        self.view.setLimits(minXRange=1e-3, maxXRange=1e12)
        self.set_logarithmic(self.left.logarithmic)
        self.view.setDefaultPadding(0.0)
        self.grid = Grid(self.left)
        self.view.addItem(self.grid, ignoreBounds=True)

    def set_colors(self, colors: Colors) -> None:
        """Draw in these colours."""
        self._colors = colors
        self.setBackground(colors.base)
        for axis in (self.left, self.bottom):
            style_axis(axis, colors, self.font_small)
        self.grid.set_color(colors.grid)
        self.legend.set_colors(colors)
        self._cursor.setStyleSheet(f"background: {colors.muted}")

    def set_hint(self, text: str) -> None:
        """Say in the middle of the plot why it is empty; nothing to say: it is not."""
        if text != self._hint.text():
            self._hint.setText(text)
            self._hint.setVisible(bool(text))
            self._place_hint()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep the hint in the middle, and leave the plot room below its legend."""
        # The base class resizes while it is made, and once more when it is closed, all gone.
        made = hasattr(self, "_hint") and not self.closed
        if made:  # first: the whole is never made smaller than its rows then are
            self.legend.set_rows(1 + sum(self.height() >= least for least in _ROOM_FOR_ROWS))
            low = self.height() < _ROOM_FOR_NAME
            self.bottom.setHeight(BOTTOM_HEIGHT_LOW if low else BOTTOM_HEIGHT)
        super().resizeEvent(event)
        if made:
            self._lay_out()
            self._place_hint()
            self.show_cursor(None)  # what the mouse was over is elsewhere now
            self._readout.hide()
            self.resized.emit()

    @Slot()
    def _lay_out(self) -> None:
        """Give legend and plot their heights now, not when the event loop comes to it."""
        if not self.closed:
            self.ci.layout.activate()

    def _place_hint(self) -> None:
        self._hint.setGeometry(LEFT_WIDTH, 0, max(0, self.width() - LEFT_WIDTH), self.height())

    def add_curve(self, **options: Any) -> CurveItem:
        """Add a curve; see `CurveItem` for the options."""
        curve = CurveItem(**options)
        self.view.addItem(curve, ignoreBounds=True)
        return curve

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Read the y axis as log10 of its quantity, within what a float can hold, or as it is."""
        self.left.set_logarithmic(logarithmic)
        low, high, least = (-_DECADES, _DECADES, 1e-3) if logarithmic else (None, None, None)
        self.view.setLimits(yMin=low, yMax=high, minYRange=least)

    def set_labels(self, x_label: str, y_label: str) -> None:
        """Name the axes, and put the names back in the middle of them."""
        for axis, label in ((self.bottom, x_label), (self.left, y_label)):
            if axis.labelText != label:
                axis.setLabel(label)
                axis.resizeEvent()

    def set_x_range(self, low: float, high: float) -> None:
        """Show these x values, if they are not shown already."""
        if self.view.viewRange()[0] != [low, high]:
            self.view.setXRange(low, high, padding=0)

    def set_y_range(self, low: float, high: float) -> None:
        """Show these y values, if they are not shown already."""
        if self.view.viewRange()[1] != [low, high]:
            self.view.setYRange(low, high, padding=0)

    def follow_y(self, low: float, high: float) -> None:
        """Let the y range hold ``[low, high]``, changing it only when it does not fit well."""
        (shown_low, shown_high), span = self.view.viewRange()[1], high - low
        if span <= 0.0:
            span = max(abs(high), 1e-6) * 0.1
        fits = shown_low <= low and high + 0.12 * span <= shown_high  # marks stand at the top
        if not fits or shown_high - shown_low > 2.5 * span:
            self.set_y_range(low - 0.12 * span, high + 0.25 * span)

    def columns(self) -> int:
        """Return the width of the data area in pixels."""
        return max(1, int(self.view.width()))

    def show_cursor(self, x: float | None) -> None:
        """Mark a position with a vertical line, or none."""
        if x is None or self._colors is None or not self.has_cursor:
            self._cursor.hide()
            return
        area = self.view.sceneBoundingRect()
        place = self.view.mapViewToScene(QPointF(x, 0.0)).x()
        self._cursor.setVisible(area.left() <= place <= area.right())
        self._cursor.setGeometry(round(place), round(area.top()), 1, round(area.height()))

    def refresh_readout(self) -> None:
        """Show what is under the mouse by now."""
        if self._mouse is not None:
            self._hover(self._mouse)

    def follow(self) -> None:
        """Let the ranges follow the data again."""
        self.following = True
        self.followed.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Show what is under the mouse."""
        super().mouseMoveEvent(event)
        self._mouse = event.position()
        self._hover(self._mouse)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Let the ranges follow the data again."""
        super().mouseDoubleClickEvent(event)
        self.follow()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Hide the read-out."""
        super().leaveEvent(event)
        self._mouse = None
        self._readout.hide()
        self.show_cursor(None)
        self.hovered.emit(None)

    def _stop_following(self, *_: object) -> None:
        self.following = False
        self.moved.emit()

    def _hover(self, position: QPointF) -> None:
        inside = self.view.sceneBoundingRect().contains(position)
        place = self.view.mapSceneToView(position) if inside else None
        text = self.describe(place.x(), place.y()) if place is not None else ""
        self.hovered.emit(place.x() if place is not None else None)
        self.show_cursor(place.x() if place is not None else None)
        self._readout.setVisible(bool(text))
        if text:
            self._readout.setText(text)
            self._readout.adjustSize()
            self._place_readout(self._readout, position)

    def _place_readout(self, label: QWidget, position: QPointF) -> None:
        """Put the read-out beside the mouse, inside the plot, and not over what it tells of."""
        wide, high = label.width(), label.height()
        right = position.x() + 14 + wide <= self.width()
        x = max(position.x() + 14 if right else position.x() - 14 - wide, 2.0)
        above, below = position.y() - high - 8, position.y() + 16
        is_over = x <= position.x() <= x + wide
        y = below if is_over and above < 2 and below + high <= self.height() else above
        label.move(round(x), round(min(max(y, 2), self.height() - high - 2)))
