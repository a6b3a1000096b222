"""The loss over updates: curves, ranges, read-outs, table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from gradexplorer.gui.figures import render_figure
from gradexplorer.gui.legend import HEIGHT
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.theme import DARK, LIGHT
from gradexplorer.tasks.task import Baseline
from gradexplorer.training.history import History
from gradexplorer.training.mailbox import Mail

BASELINE = (2 - (1 / 6 + 5 / 6 / 5)) / 48  # of the adding problem at 12 steps


@pytest.fixture
def loss(show_panel, standing):
    """Give a function that returns the panel showing a state."""
    return lambda state: show_panel("loss", standing(state))


def test_raw_and_smoothed_losses_are_drawn(loss, standing):
    history = standing("running").history
    panel = loss("running")
    x, y = panel.raw.points()
    np.testing.assert_array_equal(x, history.metrics["iteration"])
    np.testing.assert_allclose(y, np.log10(history.metrics["loss"]))
    np.testing.assert_allclose(panel.smooth.points()[1], np.log10(history.smoothed_loss))


def test_held_out_losses_stand_where_they_were_measured(loss, standing):
    rows = standing("finished").history.metrics
    x, _ = loss("finished").held_out.points()
    assert list(x) == [10.0, 20.0, 30.0, 40.0]
    assert np.isfinite(rows["held_out_loss"][[9, 19, 29, 39]]).all()


def test_a_linear_axis_shows_the_losses_themselves(loss, standing):
    panel = loss("running")
    panel.set_logarithmic(False)
    losses = standing("running").history.metrics["loss"]
    np.testing.assert_array_equal(panel.raw.points()[1], losses)
    low, high = panel.plot.view.viewRange()[1]
    assert low <= losses.min() <= losses.max() <= high
    panel.grab()
    panel.set_logarithmic(True)
    np.testing.assert_allclose(panel.raw.points()[1], np.log10(losses))
    low, high = panel.plot.view.viewRange()[1]
    assert low <= np.log10(losses.min()) <= np.log10(losses.max()) <= high


def test_everything_is_in_view(loss, standing):
    for state in ("one update", "running", "finished", "stream"):
        panel, losses = loss(state), standing(state).history.metrics["loss"]
        (left, right), (low, high) = panel.plot.view.viewRange()
        assert left <= 1
        assert right >= len(losses)
        assert low <= np.log10(losses.min())
        assert np.log10(losses.max()) <= high


def test_a_finished_run_fills_the_axis(loss):
    assert loss("finished").plot.view.viewRange()[0] == [0.0, 40.0]


def test_an_update_says_its_losses(loss, standing):
    history = standing("finished").history
    panel = loss("finished")
    row = history.metrics[9]
    assert panel.describe(10.3, 0.0).split("\n") == [
        "update 10",
        f"loss {magnitude(row['loss'])}",
        f"smoothed {magnitude(history.smoothed_loss[9])}",
        f"held out {magnitude(row['held_out_loss'])}",
        f"smoothed is {magnitude(history.smoothed_loss[9] / BASELINE)} of the baseline, always 0.5",
    ]
    assert "held out" not in panel.describe(11.0, 0.0)
    assert panel.describe(0.4, 0.0) == panel.describe(40.6, 0.0) == ""


def test_losses_that_are_not_finite_are_marked(loss, standing):
    panel, rows = loss("diverged"), standing("diverged").history.metrics
    assert list(panel.not_finite._x) == [len(rows)]
    assert panel.describe(len(rows), 0.0).split("\n")[1] in ("loss NaN", "loss infinite")
    assert np.isfinite(panel.raw.points()[1]).sum() == len(rows) - 1


def test_its_table(loss, standing):
    rows = standing("finished").history.metrics
    columns = loss("finished").table().columns
    names = ["iteration", "loss", "smoothed_loss", "held_out_loss", "baseline_always_0_5"]
    assert list(columns) == names
    assert (columns["baseline_always_0_5"] == BASELINE).all()
    np.testing.assert_array_equal(columns["loss"], rows["loss"])
    assert columns["held_out_loss"][8:10].tolist() == [None, rows["held_out_loss"][9]]


def told(history, **columns):
    """Return a history of the same rows but for some columns."""
    rows, other = history.metrics.copy(), History()
    for name, values in columns.items():
        rows[name] = values
    other.add(Mail(rows, history.trace))
    return other


def test_a_loss_of_exactly_zero_is_no_point_of_a_logarithmic_axis(show_panel, standing):
    view = standing("one update")
    panel = show_panel("loss", replace(view, history=told(view.history, loss=0.0)))
    assert np.isnan(panel.raw.points()[1]).all()
    panel.grab()


def test_a_long_run_is_drawn_with_few_points(show_panel, standing):
    rows = np.tile(standing("finished").history.metrics, 2500)
    rows["iteration"] = np.arange(1, len(rows) + 1)
    history = History()
    history.add(Mail(rows))
    panel = show_panel("loss", replace(standing("finished"), history=history))
    assert len(panel.raw.points()[0]) <= 4 * panel.plot.columns()
    assert len(panel.smooth.points()[0]) <= 2 * panel.plot.columns()
    assert panel.describe(100_000.0, 0.0).startswith("update 100,000")
    panel.grab()


def test_a_spike_in_a_long_run_is_drawn_at_its_full_height(show_panel, standing, small):
    rows = np.tile(standing("finished").history.metrics, 2500)
    rows["iteration"] = np.arange(1, len(rows) + 1)
    rows["loss"] = 0.5
    rows["loss"][77_777], rows["loss"][33_333] = 1e4, 1e-4
    history = History(capacity=4096)
    for part in np.array_split(rows, 70):
        history.add(Mail(part))
    config = small(f"training.iterations={len(rows)}")
    panel = show_panel("loss", replace(standing("finished"), history=history, config=config))
    drawn = panel.raw.points()[1]
    assert (np.nanmin(drawn), np.nanmax(drawn)) == (-4.0, 4.0)
    assert len(drawn) <= 4 * panel.plot.columns() + 2
    low, high = panel.plot.view.viewRange()[1]
    assert low <= -4.0
    assert high >= 4.0


def test_a_linear_axis_holds_whatever_a_float_does(show_panel, standing):
    view = standing("running")
    huge = told(view.history, loss=np.logspace(-30, 37, len(view.history)))
    panel = show_panel("loss", replace(view, history=huge))
    panel.set_logarithmic(False)
    panel.grab()
    low, high = panel.plot.view.viewRange()[1]
    assert low <= 0.0
    assert high >= 1e37
    measured = view.history.metrics["held_out_loss"] * 1e-12
    tiny = np.linspace(1e-12, 2e-12, len(view.history))
    tiny = told(view.history, loss=tiny, held_out_loss=measured)
    panel.show_view(replace(view, history=tiny, shape=replace(view.shape, baselines=())))
    panel.plot.follow()
    low, high = panel.plot.view.viewRange()[1]
    assert high < 1e-11


def test_a_logarithmic_axis_zooms_no_further_than_a_float_goes(loss):
    panel = loss("running")
    panel.plot.view.setYRange(-1e6, 1e6)
    low, high = panel.plot.view.viewRange()[1]
    assert -331.0 <= low < high <= 331.0
    panel.grab()


THREE = (Baseline("persistence", 0.5), Baseline("seasonal naive", 0.02), Baseline("bigram", 3e-5))


def legend(panel):
    return [entry.text for entry in panel.plot.legend._entries]


@pytest.mark.parametrize("logarithmic", [True, False])
def test_baselines_are_lines_in_sight(show_panel, standing, logarithmic):
    view = standing("finished")
    panel = show_panel("loss", replace(view, shape=replace(view.shape, baselines=THREE)))
    panel.set_logarithmic(logarithmic)
    losses = np.array([baseline.loss for baseline in THREE])
    heights = np.log10(losses) if logarithmic else losses
    np.testing.assert_allclose(panel.baselines.levels(), heights)
    low, high = panel.plot.view.viewRange()[1]
    assert low <= heights.min()
    assert heights.max() <= high
    assert legend(panel)[-3:] == ["persistence: 0.5", "seasonal naive: 0.02", "bigram: 3.00·10⁻⁵"]
    dashes = {entry.dashes for entry in panel.plot.legend._entries[-3:]}
    assert len(dashes) == 3  # told apart by more than their order
    assert panel.describe(40.0, 0.0).count("of the baseline, ") == 3
    assert list(panel.table().columns)[-2:] == ["baseline_seasonal_naive", "baseline_bigram"]


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_a_baseline_is_drawn_from_edge_to_edge_over_the_curves(show_panel, standing, colors):
    view = standing("finished")
    (baseline,) = view.shape.baselines
    flat = np.full(len(view.history), baseline.loss)
    panel = show_panel("loss", replace(view, history=told(view.history, loss=flat)), colors=colors)
    image, area = panel.plot.grab().toImage(), panel.plot.view.sceneBoundingRect()
    y = panel.plot.view.mapViewToScene(QPointF(0.0, np.log10(baseline.loss))).y()
    columns = range(round(area.left()) + 2, round(area.right()) - 2)
    rows = (round(y) - 1, round(y), round(y) + 1)
    dark = [any(image.pixelColor(x, row).name() == colors.text for row in rows) for x in columns]
    assert 0.4 < np.mean(dark) < 0.9  # dashed
    assert any(dark[:12])
    assert any(dark[-12:])


def test_without_updates_there_are_no_baselines_yet(loss):
    panel = loss("empty")
    assert panel.baselines.levels() == ()
    assert legend(panel) == ["each update", "smoothed"]


@pytest.mark.parametrize(("width", "rows"), [(760, 1), (360, 2)])
def test_the_legend_has_as_many_rows_as_it_needs(loss, width, rows):
    panel = loss("finished")
    panel.resize(width, 300)
    panel.grab()
    assert panel.plot.legend.size().height() == rows * HEIGHT
    svg = render_figure(panel, "svg").decode()
    assert all(text in svg for text in legend(panel))
