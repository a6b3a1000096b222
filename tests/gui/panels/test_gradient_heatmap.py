"""The gradient over the run: rows, marks, read-outs, table, and what it costs when hidden."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from gradexplorer.gui.panels.gradient_heatmap import CodedRows
from gradexplorer.gui.scale import MagnitudeScale, kind_colors
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.theme import LIGHT
from gradexplorer.training.moments import Profile


@pytest.fixture
def heatmap(show_panel, standing):
    """Give a function that returns the panel showing a state."""
    return lambda state: show_panel("gradient-heatmap", standing(state))


def made_up(view, *rows):
    """Let a run have these profiles."""
    for number, row in enumerate(rows, 1):
        view.history.profiles.add(Profile(number, np.array(row)))
    return view


def color_at(panel, step, update):
    """Return the most frequent colour around a cell's middle."""
    image = panel.plot.grab().toImage()
    place = panel.plot.view.mapViewToScene(QPointF(step, update))
    found = [
        image.pixelColor(round(place.x()) + dx, round(place.y()) + dy).name()
        for dx in range(-3, 4)
        for dy in range(-1, 2)
    ]
    return max(set(found), key=found.count)


def test_a_cell_has_its_magnitudes_colour(heatmap, standing):
    view, panel = standing("running"), heatmap("running")
    colors = kind_colors(LIGHT)
    for update, step in ((7, 12), (20, 3), (33, 8)):
        profile = view.history.profiles.nearest(update)
        kind = int(view.scale.kinds(profile.dh)[step - 1])
        assert color_at(panel, step, profile.iteration) == colors[kind].name()


def test_what_is_no_magnitude_has_marks_of_its_own(show_panel, make_view, small):
    view = make_view(small(), 0)
    made_up(view, [1e-3, 0.0, np.nan, np.inf], [1e-3, 1e-3, 1e-3, 1e-3])
    panel = show_panel("gradient-heatmap", view)
    panel.plot.set_y_range(0.0, 3.0)
    image = panel.plot.grab().toImage()

    def colors(step):
        place = panel.plot.view.mapViewToScene(QPointF(step, 1.0))
        x, y = round(place.x()), round(place.y())
        return {image.pixelColor(x + dx, y + dy).name() for dx in range(8) for dy in range(8)}

    plain, zero, nan, infinite = map(colors, (1, 2, 3, 4))
    assert len(plain) == 1
    assert LIGHT.zero in zero
    assert LIGHT.not_a_number in nan
    assert LIGHT.infinite in infinite
    assert all(len(marked) == 2 for marked in (zero, nan, infinite))
    texts = [entry.text for entry in panel.plot.legend._entries]
    assert texts == ["mean before clipping", "exactly zero", "NaN", "infinite"]


def test_one_that_is_not_finite_is_never_lost_among_many(show_panel, make_view, small):
    view = make_view(small(), 0)
    rows = [np.full(4, 1e-3) for _ in range(500)]
    rows[250] = np.array([1e-3, np.inf, 1e-3, 1e-3])
    panel = show_panel("gradient-heatmap", made_up(view, *rows))
    panel.resize(400, 160)
    panel.plot.set_y_range(0.0, 500.0)
    image = panel.plot.grab().toImage()
    place = panel.plot.view.mapViewToScene(QPointF(2, 251))
    x, y = round(place.x()), round(place.y())
    near = {image.pixelColor(x + dx, y + dy).name() for dx in range(4) for dy in (-1, 0, 1)}
    assert LIGHT.infinite in near


def test_a_cell_says_what_it_is(heatmap, standing):
    panel, profiles = heatmap("running"), standing("running").history.profiles
    value = profiles.nearest(20).dh[6]
    expected = f"update 20\nt = 7\n‖dL/dh‖ = {magnitude(float(value))}"
    assert panel.describe(7.3, 20.2) == expected
    assert heatmap("layers").describe(2.0, 5.0).split("\n")[1] == "l = 2"


@pytest.mark.parametrize(("x", "y"), [(0.4, 3.0), (12.6, 3.0), (3.0, -1.0), (3.0, 99.0)])
def test_outside_there_is_nothing(heatmap, x, y):
    assert heatmap("running").describe(x, y) == ""


def test_its_table_has_a_row_an_update(heatmap, standing):
    columns = heatmap("running").table().columns
    profiles = standing("running").history.profiles.items
    assert list(columns) == ["iteration", *(f"t{step}" for step in range(1, 13))]
    assert columns["iteration"] == [profile.iteration for profile in profiles]
    np.testing.assert_array_equal(columns["t5"], [profile.dh[4] for profile in profiles])


def test_steps_that_a_window_has_not_are_empty(show_panel, make_view, small):
    view = made_up(make_view(small(), 0), [1.0, 2.0], [1.0, 2.0, 3.0])
    panel = show_panel("gradient-heatmap", view)
    assert panel.table().columns["t3"].tolist() == [None, 3.0]
    assert panel.describe(3.0, 1.0) == ""


def test_a_row_is_translated_once(monkeypatch):
    scale, rows, calls = MagnitudeScale(), CodedRows(), []
    kinds = scale.kinds
    monkeypatch.setattr(scale, "kinds", lambda values: (calls.append(1), kinds(values))[1])
    profiles = [Profile(number, np.full(3, 10.0**-number)) for number in range(1, 6)]
    first = rows.heatmap(profiles[:4], scale)
    assert rows.heatmap(profiles[:4], scale) is first
    second = rows.heatmap(profiles, scale)
    assert len(calls) == 5
    np.testing.assert_array_equal(second.codes[:4], first.codes)
    scale.low = -3.0
    assert not np.array_equal(rows.heatmap(profiles, scale).codes, second.codes)
    assert len(calls) == 10


def test_edges_are_halfway():
    scale = SimpleNamespace(low=0.0, high=1.0, kinds=lambda values: np.zeros(len(values), int))
    profiles = [Profile(number, np.ones(2)) for number in (1, 3, 9)]
    assert CodedRows().heatmap(profiles, scale).edges.tolist() == [0.5, 2.0, 6.0, 12.0]


def test_behind_another_tab_it_draws_nothing(window, settle, monkeypatch):
    dock = next(dock for dock in window.docks if dock.panel.name == "gradient-heatmap")
    drawn = []
    draw = dock.panel.draw
    monkeypatch.setattr(dock.panel, "draw", lambda view: (drawn.append(view), draw(view)))
    window.step()
    settle(window)
    assert drawn == []
    dock.raise_()
    assert len(drawn) == 1
    window.step()
    settle(window)
    assert len(drawn) > 1
