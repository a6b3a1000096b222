"""The gradient at each timestep: bars, read-outs, table, and the range they share."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from gradexplorer.gui.scale import INFINITE, NOT_A_NUMBER, ZERO, kind_colors
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.theme import LIGHT


@pytest.fixture
def bars(show_panel, standing):
    """Give a function that returns the panel showing a state."""
    return lambda state: show_panel("timestep-gradient", standing(state))


def test_a_step_says_its_mean_and_band(bars, standing):
    trace = standing("lstm").history.trace
    lines = bars("lstm").describe(7.4, 0.0).split("\n")
    assert lines[0] == "t = 7"
    for line, name, band in zip(lines[1:], "hc", (trace.dh, trace.dc), strict=True):
        mean, low, high = (magnitude(values[6]) for values in band)
        assert line == f"‖dL/d{name}‖ = {mean}  (10–90%: {low} to {high})"


@pytest.mark.parametrize("x", [0.4, 12.6, -100.0, 1e9])
def test_outside_there_is_nothing(bars, x):
    assert bars("running").describe(x, 0.0) == ""


def test_a_cut_is_said(bars, standing):
    cuts = standing("cut").history.trace.cuts
    step = int(np.argmax(cuts)) + 1
    assert bars("cut").describe(step, 0.0).endswith("nothing passes on to the left: cut")
    assert "0 exactly" in bars("cut").describe(step - 1, 0.0)


def test_its_table(bars, standing):
    trace = standing("lstm").history.trace
    columns = bars("lstm").table().columns
    assert list(columns) == [
        "timestep", "dh_mean", "dh_p10", "dh_p90", "dc_mean", "dc_p10", "dc_p90",
    ]  # fmt: skip
    np.testing.assert_array_equal(columns["dh_p90"], trace.dh.high)
    assert list(bars("running").table().columns) == ["timestep", "dh_mean", "dh_p10", "dh_p90"]


def test_its_range_is_the_scales(bars, standing):
    view = standing("running")
    panel = bars("running")
    assert panel.plot.view.viewRange()[1] == [view.scale.low, view.scale.high]


@pytest.mark.parametrize(("step", "kind"), [(1, ZERO), (2, NOT_A_NUMBER), (3, INFINITE)])
def test_what_is_no_magnitude_has_a_colour_of_its_own(bars, step, kind):
    panel = bars("spoilt")
    plot = panel.plot
    area = plot.view.sceneBoundingRect()
    x = round(plot.view.mapViewToScene(QPointF(step, 0.0)).x())
    image = plot.grab().toImage()
    wanted = kind_colors(LIGHT)[kind]
    nearest = min(
        distance(image.pixelColor(x + side, y), wanted)
        for side in range(-6, 7)
        for y in range(round(area.top()), round(area.bottom()))
    )
    assert nearest <= 8  # letters have soft edges


def distance(one, other):
    return max(abs(a - b) for a, b in zip(one.getRgb()[:3], other.getRgb()[:3], strict=True))


def test_a_bar_is_as_high_as_its_mean(bars, standing):
    panel, trace = bars("running"), standing("running").history.trace
    plot, step = panel.plot, 12
    image = plot.grab().toImage()
    place = plot.view.mapViewToScene(QPointF(step, np.log10(trace.dh.mean[step - 1])))
    column = kind_colors(LIGHT)[standing("running").scale.kinds(trace.dh.mean)[step - 1]].name()
    aside = round(place.x()) + 8  # not where the whisker is
    assert image.pixelColor(aside, round(place.y()) + 4).name() == column
    assert image.pixelColor(aside, round(place.y()) - 4).name() != column


def test_the_heading_says_what_the_steps_are(show_panel, standing):
    panel = show_panel("timestep-gradient", standing("layers"))
    assert panel.heading(standing("layers")) == "Gradient at each layer"
    assert panel.heading(standing("running")) == panel.title == "Gradient at each timestep"
    assert next(iter(panel.table().columns)) == "layer"
