"""Marks of several shapes: told apart without colour, and drawn where the points are."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from gradexplorer.gui.items.shapes import SHAPES, ShapesItem
from gradexplorer.gui.pinned import MOST_PINNED


@pytest.fixture
def draw(plot):
    """Give a function that returns the ink around a point, and around a place without one."""

    def draw(shape, x, y):
        item = ShapesItem(shape, radius=5.0)
        item.set_color("#000000")
        plot.view.addItem(item, ignoreBounds=True)
        item.show_points(np.array([x, np.nan, 3.0]), np.array([y, 0.5, np.inf]))
        image = plot.grab().toImage()
        plot.view.removeItem(item)

        def ink(at_x, at_y):
            place = plot.view.mapViewToScene(QPointF(at_x, at_y))
            around = range(-7, 8)
            return np.array(
                [
                    [
                        image.pixelColor(round(place.x()) + dx, round(place.y()) + dy).lightness()
                        < 128
                        for dx in around
                    ]
                    for dy in around
                ]
            )

        return ink(x, y), ink(7.0, 0.25)

    return draw


def test_every_pinned_run_has_a_shape_of_its_own(draw):
    assert len(SHAPES) == MOST_PINNED
    drawn = [draw(shape, 5.0, 0.75)[0] for shape in SHAPES]
    for number, one in enumerate(drawn):
        assert one.sum() > 12
        assert all((one != other).sum() > 12 for other in drawn[:number])


@pytest.mark.parametrize("shape", SHAPES)
def test_marks_stand_at_their_points_alone(draw, shape):
    at, elsewhere = draw(shape, 5.0, 0.75)
    rows, columns = np.nonzero(at)
    assert abs(rows.mean() - 7.0) < 1.5
    assert abs(columns.mean() - 7.0) < 1.0
    assert not elsewhere.any()


def test_what_is_under_the_mouse_can_be_asked_for(plot):
    item = ShapesItem("square")
    plot.view.addItem(item, ignoreBounds=True)
    item.show_points(np.array([5.0]), np.array([0.5]))
    assert item in plot.scene().items(plot.view.mapViewToScene(QPointF(5.0, 0.5)))
