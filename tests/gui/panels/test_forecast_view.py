"""A series' forecast in the output panel: curves, gaps, errors, table and read-out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradexplorer.gui.figures import render_figure
from gradexplorer.gui.panels.forecast import ForecastDrawing
from gradexplorer.gui.theme import DARK, LIGHT
from gradexplorer.tasks.views import Forecast, Score

STEPS, START, HORIZON = 60, 20, 10


def forecast(**changes) -> Forecast:
    times = 1984.0 + np.arange(STEPS) / 52.0
    truth = 340.0 + np.sin(np.arange(STEPS) / 8.0)
    truth[[5, 24, 25]] = np.nan
    return replace(
        Forecast(
            times=times,
            truth=truth,
            one_step=np.linspace(339.0, 341.0, STEPS),
            held_out_from=START,
            free_running=np.linspace(339.5, 340.5, HORIZON),
            persistence=np.full(HORIZON, 340.25),
            seasonal_naive=np.full(HORIZON, 339.75),
            scores=(
                Score("network", 0.394, 1.6),
                Score("persistence", 0.518, 4.82),
                Score("seasonal naive", 1.75, 4.44),
            ),
            starts=7,
            time="year",
            quantity="CO₂",
            unit="ppm",
        ),
        **changes,
    )


@pytest.fixture
def shown(show_panel, make_view, small):
    """Give a function that returns the panel and the drawing, showing a made-up forecast."""

    def show(view: Forecast, colors=LIGHT, size=(500, 320)):
        run = make_view(small("task.name=co2", "training.evaluate_every=2", "task.horizon=5"), 2)
        run.history.evaluation = replace(run.history.evaluation, view=view)
        panel = show_panel("output", run, colors=colors)
        panel.resize(*size)
        drawing = panel.drawings[Forecast]
        assert isinstance(drawing, ForecastDrawing)
        return panel, drawing

    return show


def data(curve) -> tuple[list[float], list[float]]:
    x, y = curve.points()
    return x.tolist(), y.tolist()


def test_every_forecast_stands_where_it_belongs(shown) -> None:
    view = forecast()
    panel, drawing = shown(view)
    ahead = view.times[START : START + HORIZON].tolist()
    assert data(drawing.one_step) == (view.times.tolist(), view.one_step.tolist())
    assert data(drawing.free_running) == (ahead, view.free_running.tolist())
    assert data(drawing.persistence) == (ahead, view.persistence.tolist())
    assert data(drawing.seasonal_naive) == (ahead, view.seasonal_naive.tolist())
    assert data(drawing.boundary)[0] == [view.times[START]] * 2
    assert data(panel.over_time.output) == data(panel.over_time.truth) == ([], [])
    assert (panel.plot.bottom.labelText, panel.plot.left.labelText) == ("year", "CO₂, ppm")


def test_what_was_not_measured_is_a_gap_with_a_ring_and_is_said_to_be(shown) -> None:
    view = forecast()
    panel, drawing = shown(view)
    x, y = drawing.truth.points()
    assert np.flatnonzero(np.isnan(y)).tolist() == [5, 24, 25]
    missing = view.times[[5, 24, 25]].tolist(), view.one_step[[5, 24, 25]].tolist()
    assert data(drawing.rings) == data(drawing.holes) == missing
    assert "not measured" in [entry.text for entry in panel.plot.legend._entries]
    assert "truth: not measured" in panel.describe(x[24], 0.0).split("\n")
    whole, _ = shown(forecast(truth=np.full(STEPS, 340.0)))
    assert "not measured" not in [entry.text for entry in whole.plot.legend._entries]


def test_the_errors_stand_beside_the_names(shown) -> None:
    panel, _ = shown(forecast())
    assert [entry.text for entry in panel.plot.legend._entries[:5]] == [
        "truth",
        "one step, RMSE 0.394",
        "free run 1.6",
        "persistence 0.518, 4.82",
        "seasonal naive 1.75, 4.44",
    ]
    assert panel.plot.legend._note == ""


def test_the_read_out_tells_all_of_a_time(shown) -> None:
    view = forecast()
    panel, _ = shown(view)
    assert panel.describe(view.times[22], 0.0).split("\n") == [
        "year 1984.42, held out",
        "truth: 340.4 ppm",
        "one step: 339.7 ppm",
        "free run, 3 ahead: 339.7 ppm",
        "persistence: 340.2 ppm",
        "seasonal naive: 339.8 ppm",
    ]
    assert panel.describe(view.times[19], 0.0).startswith("year 1984.37, trained on\n")
    assert len(panel.describe(view.times[START + HORIZON], 0.0).split("\n")) == 3
    plain, _ = shown(forecast(unit=""))
    assert "truth: 340.4" in plain.describe(view.times[22], 0.0).split("\n")


def test_the_table_has_everything_and_gaps_where_there_is_nothing(shown) -> None:
    view = forecast()
    panel, _ = shown(view)
    columns = panel.table().columns
    assert list(columns) == [
        "year",
        "held_out",
        "truth",
        "one_step",
        "free_running",
        "persistence",
        "seasonal_naive",
    ]
    assert {len(values) for values in columns.values()} == {STEPS}
    assert columns["held_out"].sum() == STEPS - START
    assert np.flatnonzero(columns["truth"].mask).tolist() == [5, 24, 25]
    assert columns["free_running"][:START] == [None] * START
    assert columns["free_running"][START : START + HORIZON] == view.free_running.tolist()
    assert columns["persistence"][START + HORIZON :] == [None] * (STEPS - START - HORIZON)


def test_the_free_run_and_as_much_behind_it_is_in_sight(shown) -> None:
    view = forecast()
    panel, _ = shown(view)
    (left, right), (bottom, top) = panel.plot.view.viewRange()
    assert (left, right) == (view.times[START - 1], view.times[START + 2 * HORIZON])
    assert bottom < np.nanmin(view.truth[START - 1 : START + 2 * HORIZON])
    assert top > 340.25


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_a_network_that_runs_away_does_not_take_the_view_along(shown, value) -> None:
    good, _ = shown(forecast())
    panel, _ = shown(forecast(one_step=np.full(STEPS, value), free_running=np.full(HORIZON, value)))
    panel.grab()
    assert panel.plot.view.viewRange() == good.plot.view.viewRange()
    assert len(panel.describe(1984.4, 0.0).split("\n")) == 6


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("size", [(160, 110), (390, 250), (1200, 700)])
def test_it_is_drawn_at_any_size_and_gone_afterwards(shown, standing, colors, size) -> None:
    panel, drawing = shown(forecast(), colors, size)
    before = panel.grab().toImage()
    panel.show_view(standing("running"))
    assert panel.grab().toImage() != before
    assert all(data(curve) == ([], []) for curve in drawing._curves())
    assert panel.plot.bottom.labelText == "timestep t"


def test_on_paper_it_is_a_drawing_with_its_legend(shown) -> None:
    panel, _ = shown(forecast(), size=(700, 400))
    svg = render_figure(panel, "svg")
    assert b"<image" not in svg
    assert b"seasonal naive 1.75, 4.44" in svg
