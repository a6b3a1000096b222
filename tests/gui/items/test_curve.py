"""Curves in pixels: gaps, far values, dots, and the same width at every pixel ratio."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter

RED = "#ff0000"


def reds(plot, ratio=1.0):
    """Return where a picture of the plot's data area is red."""
    image = QImage(plot.size() * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    plot.render(painter, QRectF(plot.rect()), plot.rect())
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    return (pixels[..., 2] > 200) & (pixels[..., 1] < 80)


@pytest.mark.parametrize("ratio", [1.0, 2.0, 3.0])
def test_a_line_is_as_wide_as_it_says_at_every_pixel_ratio(plot, ratio):
    curve = plot.add_curve(width=4.0)
    curve.set_color(RED)
    curve.show_points(np.array([0.0, 10.0]), np.array([0.5, 0.5]))
    column = reds(plot, ratio)[:, round(180 * ratio)]
    assert abs(column.sum() - 4.0 * ratio) <= 1


def test_a_gap_is_left_where_a_value_is_missing(plot):
    curve = plot.add_curve(width=3.0)
    curve.set_color(RED)
    curve.show_points(np.arange(11), np.where(np.arange(11) == 5, np.nan, 0.5))
    columns = np.flatnonzero(reds(plot).any(axis=0))
    assert np.diff(columns).max() > 20


def test_values_far_out_of_view_point_the_right_way(plot):
    curve = plot.add_curve(width=3.0)
    curve.set_color(RED)
    curve.show_points(np.array([0.0, 5.0, 10.0]), np.array([0.0, 1e300, 0.0]))
    found = reds(plot)
    assert found.any(axis=0).sum() < 40, "the rest of the line is above the view"
    curve.clear()
    assert not reds(plot).any()


def test_dots_alone(plot):
    curve = plot.add_curve(style=Qt.PenStyle.NoPen, dots=4.0)
    curve.set_color(RED, rim=RED)
    curve.show_points(np.array([2.0, 8.0]), np.array([0.5, 0.5]))
    columns = np.flatnonzero(reds(plot).any(axis=0))
    assert len(columns) < 26
    assert np.diff(columns).max() > 80


def test_a_single_point_and_none_at_all_are_drawn_without_complaint(plot):
    curve = plot.add_curve(width=3.0)
    curve.set_color(RED)
    curve.show_points(np.array([5.0]), np.array([0.5]))
    assert reds(plot).any()
    curve.show_points(np.array([5.0]), np.array([np.nan]))
    assert not reds(plot).any()


def test_a_defect_while_painting_is_told_and_leaves_the_program_alive(plot, monkeypatch, capsys):
    """Out of a paint event an exception would end the process."""
    told = []
    monkeypatch.setattr("sys.excepthook", lambda kind, error, _: told.append(error))
    curve = plot.add_curve()
    curve.show_points(np.arange(2.0), np.arange(2.0))
    curve.draw = lambda *_: 1 / 0
    reds(plot)
    assert isinstance(told[0], ZeroDivisionError)


def test_what_is_empty_is_not_asked_to_paint(plot):
    curve = plot.add_curve()
    assert not curve.isVisible()
    curve.show_points(np.arange(2.0), np.arange(2.0))
    assert curve.isVisible()
    curve.clear()
    assert not curve.isVisible()
