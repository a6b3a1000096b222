"""What a task has to show, in the output panel: confusion matrix and decision surface."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from gradexplorer.gui.figures import render_figure
from gradexplorer.gui.items.confusion import sample_place
from gradexplorer.gui.scale import viridis
from gradexplorer.gui.theme import DARK, LIGHT
from gradexplorer.tasks.views import Confusion, DecisionSurface

THEMES = pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])


@pytest.fixture
def shown(show_panel, make_view, small):
    """Give a function that returns the panel showing a made-up view."""

    def show(view, colors=LIGHT, size=(500, 320)):
        task = "digits" if isinstance(view, Confusion) else "spirals"
        run = make_view(small(f"task.name={task}", "training.evaluate_every=2"), 2)
        run.history.evaluation = replace(run.history.evaluation, view=view)
        panel = show_panel("output", run, colors=colors)
        panel.resize(*size)
        panel.set_colors(colors)
        return panel

    return show


def confusion() -> Confusion:
    counts = np.zeros((10, 10), np.intp)
    counts[np.arange(10), np.arange(10)] = 30
    counts[2, 7] = 10
    images = np.zeros((3, 8, 8))
    images[0, 0, 0] = 1.0
    return Confusion(counts, images, np.array([2, 2, 5]), np.array([7, 7, 5]))


def surface() -> DecisionSurface:
    probabilities = np.full((4, 4), 0.01)
    probabilities[3, 0] = 0.99  # highest y, lowest x
    probabilities[0, 3] = np.nan
    points, truth = np.array([[0.0, 0.0], [-1.5, 1.5]]), np.array([0, 1])
    return DecisionSurface(probabilities, (-2.0, 2.0, -2.0, 2.0), points, truth)


def color_at(panel, x, y) -> QColor:
    place = panel.plot.view.mapViewToScene(QPointF(x, y))
    return panel.plot.grab().toImage().pixelColor(round(place.x()), round(place.y()))


def likeness(one: QColor, other: str) -> int:
    wanted = QColor(other)
    return max(
        abs(getattr(one, part)() - getattr(wanted, part)()) for part in ("red", "green", "blue")
    )


@THEMES
def test_true_classes_are_down_and_predicted_ones_across(shown, colors) -> None:
    panel = shown(confusion(), colors)
    aside = -0.4, 0.4  # from a cell's middle, where its number stands
    right, wrong, never = (
        color_at(panel, column + aside[0], -row + aside[1])
        for row, column in ((0, 0), (2, 7), (7, 2))
    )
    assert right == viridis()[-1]
    assert wrong == viridis()[8]  # 10 of 40
    assert never == QColor(colors.base)
    assert panel.plot.bottom.labelText == "predicted"
    assert panel.plot.left.labelText == "true"
    assert panel.describe(7.2, -1.9) == "true 2, predicted 7\n10 of 40"
    columns = panel.table().columns
    assert list(columns) == ["truth", "predicted", "count"]
    assert columns["count"][27] == 10
    assert (columns["truth"][27], columns["predicted"][27]) == (2, 7)


@THEMES
def test_images_stand_beside_the_matrix(shown, colors) -> None:
    panel = shown(confusion(), colors)
    left, top, wide, high = sample_place(confusion(), 0)
    dx, dy = panel.plot.view.viewPixelSize()
    assert likeness(color_at(panel, left + 5 * dx, top - 5 * dy), colors.text) < 4
    assert color_at(panel, left + 20 * dx, top - 30 * dy) == QColor(colors.base)
    assert panel.describe(left + wide / 2, top - high / 2) == "true 2, predicted 7"
    assert panel.plot.view.viewRange()[0][1] >= left + 2 * wide
    assert panel.describe(50.0, 50.0) == ""


@THEMES
def test_a_surface_has_the_colour_of_the_likelier_class(shown, colors) -> None:
    panel = shown(surface(), colors)
    one, zero = color_at(panel, -1.2, 1.2), color_at(panel, 1.2, 1.2)
    assert one.red() > one.blue()
    assert zero.blue() > zero.red()
    assert color_at(panel, 1.5, -1.5) == QColor(colors.not_a_number)
    assert color_at(panel, 0.0, 0.0) == QColor(colors.accent)  # a point of class 0
    assert color_at(panel, -1.5, 1.5) == QColor(colors.base)  # a ring: class 1
    assert panel.describe(-1.9, 1.9).endswith("probability of class 1: 0.99")
    assert panel.describe(1.9, -1.9).endswith("NaN")
    assert panel.describe(2.1, 0.0) == ""
    columns = panel.table().columns
    assert {name: len(values) for name, values in columns.items()} == dict.fromkeys(
        ("x", "y", "probability", "truth"), 18
    )
    cell = columns["probability"].index(0.99)
    assert (columns["x"][cell], columns["y"][cell]) == (-1.5, 1.5)
    assert columns["truth"][-2:] == [0, 1]


@pytest.mark.parametrize("view", [confusion(), surface()])
def test_the_panel_says_how_good_the_network_is(shown, view) -> None:
    panel = shown(view)
    evaluation = panel.view.history.evaluation
    accuracy = evaluation.figures["held-out accuracy"]
    assert panel.plot.legend._note == f"held-out accuracy {accuracy:.3g}"


@pytest.mark.parametrize("view", [confusion(), surface()])
def test_any_range_can_be_looked_at(shown, view) -> None:
    panel = shown(view)
    for x, y in (((0.0, 1e-3), (-1e-3, 0.0)), ((-1e6, 1e6), (-1e6, 1e6)), ((50.0, 51.0), (0, 1))):
        panel.plot.view.setRange(xRange=x, yRange=y, padding=0)
        panel.grab()


@pytest.mark.parametrize("view", [confusion(), surface()])
def test_after_a_view_truth_and_output_are_drawn_as_ever(shown, standing, view) -> None:
    panel = shown(view)
    panel.choice.as_dots.setChecked(True)
    panel.show_view(standing("running"))
    assert panel.plot.bottom.labelText == "target"
    assert panel.plot.grid.isVisible()
    assert not panel.plot.bottom.names
    assert panel.plot.legend._note.startswith("share right")
    assert len(panel.dots.dots.points()[0]) == 128
    fresh = panel.grab().toImage()
    panel.set_colors(LIGHT)
    assert panel.grab().toImage() == fresh
    panel.show_view(standing("empty"))
    assert panel.plot.legend._note == ""


@THEMES
@pytest.mark.parametrize("view", [confusion(), surface()])
def test_on_paper_it_is_a_drawing_and_no_picture(shown, view, colors) -> None:
    panel = shown(view, colors)
    svg = render_figure(panel, "svg")
    assert b"<image" not in svg
    assert b"base64" not in svg
    filled = viridis()[8].name() if isinstance(view, Confusion) else colors.not_a_number
    assert filled.encode() in svg
    assert render_figure(panel, "pdf").startswith(b"%PDF")


@pytest.mark.parametrize(("height", "labelled"), [(320, 10), (150, 5)])
def test_classes_are_named_as_far_as_there_is_room(shown, height, labelled) -> None:
    panel = shown(confusion(), size=(230, height))
    panel.grab()
    axis = panel.plot.left
    low, high = panel.plot.view.viewRange()[1]
    ((_, places),) = axis.tickValues(low, high, axis.height())
    assert axis.tickStrings(places, 1.0, 1.0) == [str(round(-place)) for place in places]
    assert len(places) == labelled
