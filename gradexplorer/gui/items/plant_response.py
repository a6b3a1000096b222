"""What a plant and its model answer to a signal."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from gradexplorer.gui.items.lanes import Lane, LanePainter, high_lane, low_lane, round_limit
from gradexplorer.gui.items.marks import Marks
from gradexplorer.gui.items.pictured import Frame, PicturedItem
from gradexplorer.gui.theme import Colors
from gradexplorer.tasks.views import PlantResponse


class PlantResponseItem(PicturedItem[PlantResponse]):
    """The plant's output and the network's above, the input below.

    Parameters
    ----------
    font : QFont
    """

    def __init__(self, font: QFont) -> None:
        super().__init__()
        self._font, self._marks = font, Marks()
        self._others: tuple[PlantResponse, ...] = ()

    def leave_room_for(self, others: Sequence[PlantResponse]) -> None:
        """Let the lanes hold the outputs of other networks too."""
        self._others = tuple(others)
        self.update()

    def draw_value(self, painter: QPainter, value: PlantResponse, frame: Frame) -> None:
        """Draw in pixels, y downwards."""
        painter.setFont(self._font)
        times = value.times
        output, signal = lanes(value, self._others)
        lane_painter = LanePainter(painter, self._marks, frame, self._colors, times[0], times[-1])
        truth, found, given = pens(self._colors)
        for lane in (output, signal):
            lane_painter.paint_ground(lane)
        lane_painter.paint_curve(output, times, value.truth, truth)
        lane_painter.paint_curve(output, times, value.output, found)
        lane_painter.paint_curve(signal, times, value.inputs, given)


def lanes(view: PlantResponse, others: Sequence[PlantResponse] = ()) -> tuple[Lane, Lane]:
    """Return the lanes of the output, with room for other networks', and of the input."""
    outputs = [view.truth, view.output, *(other.output for other in others)]
    return (
        high_lane("output y", round_limit(*outputs)),
        low_lane("input u", round_limit(view.inputs)),
    )


def pens(colors: Colors) -> tuple[QPen, QPen, QPen]:
    """Return the pens of the plant's output, the network's, and the input."""
    return (
        QPen(QColor(colors.text), 1.4),
        QPen(QColor(colors.accent), 2.0, Qt.PenStyle.DashLine),
        QPen(QColor(colors.held_out), 1.4),
    )
