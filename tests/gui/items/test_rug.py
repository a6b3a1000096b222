"""Marks along the upper edge: one for each value, or as opaque as their column is full."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from gradexplorer.gui.items.rug import RugItem
from gradexplorer.gui.theme import LIGHT


@pytest.fixture
def rug(plot):
    rug = RugItem()
    plot.view.addItem(rug, ignoreBounds=True)
    rug.set_color("#ff0000")
    return rug


def redness(plot, x):
    """Return how much of the rug's colour is at a value, from 0 to 1."""
    place = plot.view.mapViewToScene(QPointF(x, 0.0))
    color = (
        plot.grab()
        .toImage()
        .pixelColor(round(place.x()), round(plot.view.sceneBoundingRect().top()) + 4)
    )
    white = QColor(LIGHT.base)
    return (white.green() - color.green()) / white.green()


def test_single_values_are_marked(plot, rug):
    plot.set_x_range(0.0, 20.0)
    rug.show_ticks(np.array([5.0, 12.0]))
    assert redness(plot, 5) == redness(plot, 12) == 1.0
    assert redness(plot, 8) == 0.0
    rug.show_ticks(np.zeros(0))
    assert redness(plot, 5) == 0.0


def test_many_values_are_as_opaque_as_their_column_is_full(plot, rug):
    plot.set_x_range(0.0, 100_000.0)
    rug.show_ticks(np.concatenate([np.arange(10_000, 30_000), np.arange(60_000, 80_000, 50)]))
    assert redness(plot, 20_000) == pytest.approx(1.0, abs=0.02)
    assert 0.2 < redness(plot, 70_000) < 0.6
    assert redness(plot, 45_000) == 0.0


def test_values_out_of_view_are_left_out(plot, rug):
    plot.set_x_range(50.0, 60.0)
    rug.show_ticks(np.array([5, 200]))
    plot.grab()
    assert redness(plot, 55) == 0.0
