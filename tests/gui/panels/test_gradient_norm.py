"""The gradient norm over updates: the threshold, the clipped updates, the read-outs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradexplorer.gui.text import magnitude
from gradexplorer.training.history import History
from gradexplorer.training.mailbox import Mail


@pytest.fixture
def norm(show_panel, standing):
    """Give a function that returns the panel showing a state."""
    return lambda state: show_panel("gradient-norm", standing(state))


def legend(panel):
    return [entry.text for entry in panel.plot.legend._entries]


def test_the_norm_and_its_threshold_are_drawn(norm, standing):
    rows = standing("clipped").history.metrics
    panel = norm("clipped")
    np.testing.assert_allclose(panel.norm.points()[1], np.log10(rows["grad_norm"]))
    np.testing.assert_allclose(panel.threshold.points()[1], np.log10(0.05))


def test_clipped_updates_are_marked_and_counted(norm, standing):
    rows = standing("clipped").history.metrics
    panel, clipped = norm("clipped"), rows["clip_scale"] < 1.0
    assert clipped.all()
    np.testing.assert_array_equal(panel.clipped._x, rows["iteration"])
    assert "clipped, 100.0% of those shown" in legend(panel)


def test_without_clipping_there_is_no_threshold(norm):
    panel = norm("running")
    assert np.isnan(panel.threshold.points()[1]).all()
    assert legend(panel) == ["each update", "smoothed"]


def test_clipping_by_value_names_what_its_threshold_is_of(norm):
    panel = norm("clipped by value")
    assert "clipped (components > 0.01), 100.0% of those shown" in legend(panel)
    assert np.isnan(panel.threshold.points()[1]).all()  # it is no limit on the norm


def test_the_legend_names_what_the_threshold_is_of(norm):
    panel = norm("clipped by parameter")
    assert "threshold on each parameter" in legend(panel)
    assert np.isfinite(panel.threshold.points()[1]).all()


def test_an_update_says_its_norm(norm, standing):
    rows = standing("clipped").history.metrics
    index = int(np.argmax(rows["clip_scale"] < 1.0))
    row = rows[index]
    _, smoothed = standing("clipped").history.row(index)
    assert norm("clipped").describe(index + 1, 0.0).split("\n") == [
        f"update {index + 1}",
        f"norm before clipping {magnitude(row['grad_norm'])}",
        f"smoothed {magnitude(smoothed['grad_norm'])}",
        f"clipped to {magnitude(row['grad_norm'] * row['clip_scale'])}",
    ]
    assert "clipped" not in norm("running").describe(3.0, 0.0).split("before clipping")[1]
    assert norm("clipped").describe(0.0, 0.0) == norm("clipped").describe(13.0, 0.0) == ""


def test_an_update_that_was_not_made_says_so(norm, standing):
    rows = standing("diverged").history.metrics
    panel = norm("diverged")
    assert panel.describe(len(rows), 0.0).endswith("not applied: the run diverged")
    bad = rows["iteration"][~np.isfinite(rows["grad_norm"])]
    np.testing.assert_array_equal(panel.not_finite._x, bad)


def test_its_table(norm, standing):
    columns = norm("clipped").table().columns
    assert list(columns) == ["iteration", "grad_norm", "clip_threshold", "clip_scale"]
    rows = standing("clipped").history.metrics
    np.testing.assert_array_equal(columns["clip_scale"], rows["clip_scale"])


@pytest.mark.parametrize(("odds", "told"), [(0.3, "30%"), (0.004, "0.4%"), (0.997, "99.7%")])
def test_the_share_of_clipped_updates_is_exact_in_a_long_run(show_panel, standing, odds, told):
    rows = np.tile(standing("clipped").history.metrics, 10_000)
    rows["iteration"] = np.arange(1, len(rows) + 1)
    rows["clip_scale"] = np.where(np.random.default_rng(0).random(len(rows)) < odds, 0.5, 1.0)
    history = History(capacity=1024)
    for part in np.array_split(rows, 33):
        history.add(Mail(part))
    view = standing("clipped")
    training = view.config.training.model_copy(update={"iterations": len(rows)})
    config = view.config.model_copy(update={"training": training})
    panel = show_panel("gradient-norm", replace(view, history=history, config=config))
    assert f"clipped, {told} of those shown" in legend(panel)
    assert panel.clipped._counts.sum() == np.count_nonzero(rows["clip_scale"] < 1.0)
    panel.grab()
