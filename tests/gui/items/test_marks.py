"""Many marks in one call: where they are asked for, on screens and on paper."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtSvg import QSvgGenerator

from gradexplorer.gui.items.marks import Marks, paints_pixels

FILLS = [QColor("red"), QColor("green"), QColor("blue")]
RIMS = [QPen(QColor("black"), 1.0)] * 3
EMPTY = np.zeros(0)


@pytest.fixture
def canvas():
    """Give a white image and a painter on it."""
    image = QImage(60, 40, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    yield image, painter
    painter.end()


def test_lines_with_equal_coordinates_may_share_a_scalar(canvas):
    image, painter = canvas
    painter.setPen(QPen(FILLS[0], 1.0))
    Marks().lines(painter, np.array([5.5, 25.5]), 10.0, np.array([5.5, 25.5]), 30.0)
    assert [image.pixelColor(x, 20).name() for x in (5, 15, 25)] == [
        "#ff0000",
        "#ffffff",
        "#ff0000",
    ]


def test_rectangles(canvas):
    image, painter = canvas
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(FILLS[2])
    Marks().rects(painter, np.array([5.0, 25.0]), 10.0, 6.0, np.array([20.0, 4.0]))
    found = [image.pixelColor(x, 25) == FILLS[2] for x in (8, 15, 28)]
    assert found == [True, False, False]


@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_discs_have_the_fills_of_their_kinds(ratio):
    image = QImage(round(60 * ratio), round(40 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    assert paints_pixels(painter)
    x, y, kinds = np.array([10.0, 30.0, 50.0]), np.full(3, 20.0), np.array([2, 0, 1])
    Marks().discs(painter, x, y, 5.0, kinds, FILLS, RIMS)
    painter.end()
    found = [image.pixelColor(round(at * ratio), round(20 * ratio)).name() for at in x]
    assert found == [FILLS[kind].name() for kind in kinds]
    assert image.pixelColor(round(20 * ratio), round(20 * ratio)).name() == "#ffffff"


def test_discs_are_true_circles_on_paper():
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    painter = QPainter(generator)
    assert not paints_pixels(painter)
    Marks().discs(
        painter, np.array([10.0, 30.0]), np.full(2, 20.0), 5.0, np.array([0, 1]), FILLS,
        RIMS,
    )  # fmt: skip
    painter.end()
    svg = bytes(buffer.data().data())
    assert svg.count(b"<circle") + svg.count(b"<ellipse") == 2
    assert b"<image" not in svg


def test_no_marks_are_no_error(canvas):
    image, painter = canvas
    marks = Marks()
    marks.lines(painter, EMPTY, 1.0, EMPTY, 2.0)
    marks.rects(painter, EMPTY, 1.0, 1.0, 1.0)
    marks.discs(painter, EMPTY, EMPTY, 3.0, EMPTY.astype(int), FILLS, RIMS)
    assert image.pixelColor(1, 1).name() == "#ffffff"


def test_memory_is_reused_for_fewer_marks(canvas):
    image, painter = canvas
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(FILLS[0])
    marks = Marks()
    marks.rects(painter, np.arange(0.0, 50.0, 10.0), 0.0, 5.0, 5.0)
    image.fill(Qt.GlobalColor.white)
    marks.rects(painter, np.array([10.0]), 0.0, 5.0, 5.0)
    assert [image.pixelColor(x, 2) == FILLS[0] for x in (2, 12, 22)] == [False, True, False]
