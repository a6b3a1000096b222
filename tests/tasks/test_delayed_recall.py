"""Delayed recall: a delay line, its baselines and its measure."""

from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.config.task import DelayedRecallTask
from gradexplorer.tasks import make_task
from gradexplorer.tasks.delayed_recall import DelayedRecall
from gradexplorer.tasks.views import NumberSequences

PLACES = {"every": 37, "marked": 30, "last": 1}


def draw(task: DelayedRecall, batch: int = 500):
    return task.draw(np.random.default_rng(0), batch)


@pytest.mark.parametrize(("loss_at", "steps"), PLACES.items())
def test_the_target_is_the_number_of_so_many_steps_ago(loss_at: str, steps: int) -> None:
    task = make_task(**DelayedRecallTask(lag=7, loss_at=loss_at).model_dump())
    episodes = draw(task)
    assert list(task.loss_steps) == list(range(37 - steps, 37))
    assert np.abs(episodes.inputs).max() <= 0.5
    for step, target in zip(task.loss_steps, episodes.targets, strict=True):
        shown = episodes.inputs[step - 7] if step >= 7 else 0.0 * target
        np.testing.assert_array_equal(target, shown)


@pytest.mark.parametrize("loss_at", PLACES)
@pytest.mark.parametrize("lag", [1, 7, 60])
def test_always_answering_zero_costs_what_the_baseline_says(lag: int, loss_at: str) -> None:
    task = DelayedRecall(lag, loss_at)
    cost = np.mean(draw(task, 20_000).targets ** 2)
    assert task.baselines[0].loss == pytest.approx(cost, rel=0.02)
    assert DelayedRecall(lag).baselines[0].loss == 1 / 12


@pytest.mark.parametrize("loss_at", PLACES)
def test_the_capacity_is_the_share_of_the_variance_that_is_explained(loss_at: str) -> None:
    task = DelayedRecall(7, loss_at)
    episodes = task.draw_held_out(np.random.default_rng(0))
    noise = np.random.default_rng(1).normal(size=episodes.targets.shape)
    outputs = 0.3 * episodes.targets + 0.1 * noise - 2.0
    recalled = slice(-30, None)
    expected = np.corrcoef(episodes.targets[recalled].ravel(), outputs[recalled].ravel())[0, 1] ** 2
    report = task.report(episodes, outputs, None)
    assert report.figures == {"memory capacity": pytest.approx(expected, rel=1e-12)}
    constant = task.report(episodes, np.full_like(outputs, 0.1), None)
    assert constant.figures == {"memory capacity": pytest.approx(0.0, abs=1e-12)}
    view = report.view
    assert isinstance(view, NumberSequences)
    marked = {"every": range(30), "marked": range(30), "last": [29]}[loss_at]
    np.testing.assert_array_equal(np.flatnonzero(view.marked[2]), marked)
    np.testing.assert_array_equal(view.outputs, outputs[:, :8, 0].T)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_outputs_beyond_all_bounds_are_told_of_all_the_same(value: float) -> None:
    task = DelayedRecall(3)
    episodes = task.draw_held_out(np.random.default_rng(0))
    figures = task.report(episodes, np.full_like(episodes.targets, value), None).figures
    assert not figures["memory capacity"] > 1.0


def test_no_lag_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1 step, got 0"):
        DelayedRecall(0)
