"""Output against truth: dots for sequences, a forecast for a stream."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from gradexplorer.gui.text import magnitude


@pytest.fixture
def output(show_panel, standing):
    """Give a function that returns the panel showing a state, its sequences as dots."""
    return lambda state: as_dots(show_panel("output", standing(state)))


def as_dots(panel):
    panel.choice.as_dots.setChecked(True)
    return panel


def data(item):
    x, y = item.points()
    return [] if x is None else list(zip(x, y, strict=True))


def test_before_the_first_measurement_it_says_what_will_come(output):
    panel = output("one update")
    hints = [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
    assert hints == ["The run ended before the first held-out measurement"]
    panel.show_view(replace(panel.view, is_running=True))
    hints = [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
    assert hints == ["Appears after update 10"]
    assert panel.table().columns == {"truth": [], "output": []}
    assert panel.describe(0.5, 0.5) == ""


def test_sequences_are_dots_over_their_targets(output, standing):
    evaluation = standing("running").history.evaluation
    panel = output("running")
    pairs = zip(evaluation.truth, evaluation.output, strict=True)
    assert sorted(data(panel.dots.dots)) == sorted(pairs)
    assert data(panel.over_time.truth) == data(panel.over_time.output) == []
    (place, other), _ = data(panel.dots.boundary)
    assert place == other  # the diagonal
    assert list(panel.table().columns) == ["sequence", "truth", "output"]


def test_a_dot_says_what_it_is(output, standing):
    evaluation = standing("running").history.evaluation
    truth, put_out = evaluation.truth[3], evaluation.output[3]
    said = output("running").describe(truth, put_out).split("\n")
    assert said[0].startswith("sequence ")
    assert said[1:] == [f"truth {magnitude(truth)}", f"output {magnitude(put_out)}"]
    assert output("running").describe(truth, put_out + 1e3) == ""


def test_a_stream_has_a_forecast_over_time(output, standing):
    evaluation = standing("plain stream").history.evaluation
    panel = output("plain stream")
    assert data(panel.over_time.output) == list(
        zip(evaluation.times, evaluation.output, strict=True)
    )
    assert data(panel.dots.dots) == []
    start = evaluation.times[evaluation.held_out_from]
    assert [x for x, _ in data(panel.over_time.boundary)] == [start, start]
    assert panel.plot.bottom.labelText == "year"
    year = evaluation.times[40]
    assert panel.describe(year, 0.0).split("\n") == [
        f"year {year:.2f}",
        f"truth {magnitude(evaluation.truth[40])}",
        f"output {magnitude(evaluation.output[40])}",
    ]
    columns = panel.table().columns
    assert list(columns) == ["year", "held_out", "truth", "output"]
    assert columns["held_out"].sum() == len(evaluation.times) - evaluation.held_out_from


@pytest.mark.parametrize("state", ["running", "plain stream"])
def test_a_double_click_shows_everything_again(output, standing, state):
    panel = output(state)
    everything = panel.plot.view.viewRange()
    panel.plot.view.setXRange(0.0, 0.1)
    panel.plot.view.setYRange(5.0, 6.0)
    panel.plot._stop_following()
    panel.show_view(standing(state))
    assert panel.plot.view.viewRange() == [[0.0, 0.1], [5.0, 6.0]]
    QTest.mouseDClick(panel.plot.viewport(), Qt.MouseButton.LeftButton)
    (left, right), (low, high) = panel.plot.view.viewRange()
    assert [left, right] == everything[0]
    assert low <= everything[1][0] or low <= standing(state).history.evaluation.output.min()
    assert high >= standing(state).history.evaluation.output.max()


@pytest.mark.parametrize("state", ["running", "stream"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_an_output_that_is_not_finite_is_left_out(
    show_panel, make_view, standing, small, small_stream, state, value
):
    view = make_view(small() if state == "running" else small_stream(), 11)
    evaluation = replace(view.history.evaluation, view=None)
    for spoilt in (
        np.where(np.arange(len(evaluation.output)) == 2, value, evaluation.output),
        np.full(len(evaluation.output), value),
    ):
        view.history.evaluation = replace(evaluation, output=spoilt)
        panel = as_dots(show_panel("output", view))
        panel.grab()
        assert np.isfinite(panel.plot.view.viewRange()).all()
        panel.describe(evaluation.truth[2], 0.0)


def test_classes_are_dots_whose_area_is_their_number(show_panel, make_view, small):
    classes = small("task.name=temporal_order", "training.evaluate_every=5")
    panel = as_dots(show_panel("output", make_view(classes, 6)))
    evaluation = panel.view.history.evaluation
    pairs = list(zip(evaluation.truth, evaluation.output, strict=True))
    assert set(pairs) == set(data(panel.dots.dots))
    assert len(pairs) == 128 > len(data(panel.dots.dots))
    for place, radius in zip(data(panel.dots.dots), panel.dots.dots.radii(), strict=True):
        count = pairs.count(place)
        assert radius == pytest.approx(min(3.0 * count**0.5, 20.0), abs=0.05)
        if count > 1:
            assert panel.describe(*place).startswith(f"{count} of 128 held out\n")
    assert panel.plot.legend._entries[0].text.endswith("a dot's area is their number")
