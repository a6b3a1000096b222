"""What recorded series share: gaps, levels, naive forecasts, and the free run."""

from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.engine.losses import LOSSES
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.tasks.series import Record, SeriesTask
from gradexplorer.tasks.task import Report
from gradexplorer.tasks.views import Forecast
from gradexplorer.training.evaluation import NetworkRunner

LENGTH, SEASON = 120, 4


class Plain(SeriesTask):
    """A series about a level of 0."""

    quantity, unit, time = "height", "m", "second"
    season = SEASON


class Rising(Plain):
    """A series about the mean of its last five values."""

    past = 5


def record(values: np.ndarray) -> Record:
    return Record(np.arange(len(values)) / 10.0, values)


def wild(seed: int = 0, *, gaps: bool = True) -> np.ndarray:
    """Return a rising series, some of it missing before and in what is held out."""
    generator = np.random.default_rng(seed)
    values = 0.3 * np.arange(LENGTH) + generator.standard_normal(LENGTH)
    if gaps:
        values[[3, 17, 18, 19, 40, 100, 111, 112]] = np.nan
    return values


class Constant:
    """A network that always says the same, and remembers what it was asked."""

    def __init__(self, answer: float = 0.0) -> None:
        self.answer = answer
        self.asked: list[np.ndarray] = []

    def restart(self) -> None:
        self.asked = []

    def run(self, inputs: np.ndarray) -> np.ndarray:
        self.asked.append(inputs.copy())
        return np.full((*inputs.shape[:2], 1), self.answer)


def reported(task: SeriesTask, runner: Constant, lead: int = 10) -> tuple[Report, Forecast]:
    first = task.held_out_from - lead
    outputs = np.full((len(task.times) - first, 1), runner.answer)
    report = task.report(first, outputs, runner)
    assert isinstance(report.view, Forecast)
    return report, report.view


def test_a_missing_value_is_carried_on_and_marked_and_has_no_target() -> None:
    values = wild()
    task = Plain(record(values), 0.25, 10)
    inputs, targets = task.series.inputs, task.series.targets[:, 0]
    assert task.loss == "masked_mean_squared_error"
    np.testing.assert_array_equal(np.isnan(targets), np.isnan(values[1:]))
    np.testing.assert_array_equal(inputs[:, 1], ~np.isnan(values[:-1]))
    shown = task.display.shown(inputs[:, 0])
    np.testing.assert_allclose(shown[17:20], values[16])
    np.testing.assert_allclose(shown[20], values[20])
    assert np.isfinite(inputs).all()


def test_a_series_without_gaps_has_one_input_and_the_plain_loss() -> None:
    task = Plain(record(wild(gaps=False)), 0.25, 10)
    assert (task.input_size, task.loss) == (1, "mean_squared_error")
    np.testing.assert_array_equal(task.series.inputs[1:], task.series.targets[:-1])


@pytest.mark.parametrize("kind", [Plain, Rising])
def test_nothing_that_is_held_out_acts_on_what_is_trained_on(kind) -> None:
    task = kind(record(wild()), 0.25, 10)
    changed = wild()
    changed[-(len(task.times) - task.held_out_from) :] += 50.0
    other = kind(record(changed), 0.25, 10)
    seen, trained_on = slice(task.held_out_from + 1), slice(task.held_out_from)
    np.testing.assert_array_equal(other.series.inputs[seen], task.series.inputs[seen])
    np.testing.assert_array_equal(other.series.targets[trained_on], task.series.targets[trained_on])
    assert not np.array_equal(other.series.targets, task.series.targets, equal_nan=True)


@pytest.mark.parametrize("kind", [Plain, Rising])
def test_the_value_that_ends_a_gap_does_not_act_within_it(kind) -> None:
    task, changed = kind(record(wild()), 0.25, 10), wild()
    changed[113] += 50.0  # 111 and 112 are missing
    other = kind(record(changed), 0.25, 10)
    step = 113 - task._offset
    np.testing.assert_array_equal(other.series.inputs[:step], task.series.inputs[:step])
    assert other.series.inputs[step, 0] > task.series.inputs[step, 0] + 1.0


def test_a_rising_series_is_told_by_its_distance_from_the_mean_of_the_past() -> None:
    values = wild()
    task = Rising(record(values), 0.25, 10)
    assert len(task.times) == LENGTH - 5
    assert task.times[0] == 0.5
    known = record(values).carried()
    for step in (0, 14, 60, 110):
        now = step + 4
        level = np.nanmean(values[now - 4 : now + 1])
        shown = task.display.shown(task.series.inputs[step, :1])[0]
        assert shown == pytest.approx(known[now] - level)
        target = task.display.shown(task.series.targets[step])[0]
        assert target == pytest.approx(values[now + 1] - level, nan_ok=True)
    trained_on = (known[4:] - np.array([np.nanmean(values[i - 4 : i + 1]) for i in range(4, 120)]))[
        : task.held_out_from + 1
    ][~np.isnan(values[4 : task.held_out_from + 5])]
    assert task.display.offset == pytest.approx(trained_on.mean())
    assert task.display.scale == pytest.approx(trained_on.std())


def test_naive_forecasts_of_a_sawtooth_in_closed_form() -> None:
    """0 1 2 3 0 1 2 3: a step errs by 1, 1, 1 and 3; a season later it is the same."""
    task = Plain(record(np.tile(np.arange(4.0), 30)), 0.2, 8)
    tail = LENGTH - 1 - task.held_out_from
    assert tail % SEASON == 0
    persistence, seasonal = task.baselines
    assert (persistence.name, seasonal.name) == ("persistence", "seasonal naive")
    assert persistence.loss * task.display.scale**2 == pytest.approx((1 + 1 + 1 + 9) / 4)
    assert seasonal.loss == 0.0
    _, view = reported(task, Constant())
    _, persistence, seasonal = view.scores
    assert (persistence.one_step, seasonal.one_step) == (pytest.approx(3**0.5), 0.0)
    assert seasonal.free_running == 0.0
    starts = task.starts()
    truth = np.tile(np.arange(4.0), 30)
    errors = [truth[s + 1 + np.arange(8)] - truth[s] for s in starts]
    assert persistence.free_running == pytest.approx(np.sqrt(np.mean(np.square(errors))))
    assert len(starts) == tail - 8 + 1 == view.starts


def test_persistence_of_a_random_walk_errs_by_a_step_and_by_more_later() -> None:
    walk = np.cumsum(np.random.default_rng(0).standard_normal(20_001))
    task = Plain(record(walk), 0.5, 100)
    _, view = reported(task, Constant())
    assert view.scores[1].one_step == pytest.approx(1.0, rel=0.02)
    mean_of_squares = np.mean(np.arange(1, 101))  # of a walk's distance after 1 to 100 steps
    assert view.scores[1].free_running == pytest.approx(np.sqrt(mean_of_squares), rel=0.25)


def test_baselines_are_losses_as_the_network_s_is() -> None:
    task = Plain(record(wild()), 0.25, 10)
    held_out = slice(task.held_out_from, None)
    known = record(wild()).carried()
    for baseline, lag in zip(task.baselines, (1, SEASON), strict=True):
        told = known[np.arange(LENGTH)[1:] - lag]
        outputs = (told - task.display.offset) / task.display.scale
        loss = LOSSES[task.loss](
            outputs[held_out, None, None], task.series.targets[held_out, None]
        ).value
        assert baseline.loss == pytest.approx(loss, rel=1e-12)


@pytest.mark.parametrize("kind", [Plain, Rising])
@pytest.mark.parametrize("gaps", [False, True])
def test_the_free_run_is_the_network_fed_by_hand(kind, gaps) -> None:
    values = wild(gaps=gaps)
    task = kind(record(values), 0.25, 12)
    network = RecurrentNetwork("gru", task.input_size, 6, 1, np.float64)
    network.parameters.flat[...] = 0.5 * np.random.default_rng(1).standard_normal(
        network.parameters.flat.size
    )
    first = task.held_out_from - 10
    runner = NetworkRunner(network)
    outputs = runner.run(task.series.inputs[first:, None])
    view = task.report(first, outputs[:, 0], runner).view
    assert isinstance(view, Forecast)

    inputs = list(task.series.inputs[first : task.held_out_from + 1])
    past = list(values[: task.held_out_from + LENGTH - len(task.times)])
    found = []
    for _ in range(12):  # the whole sequence again for every step
        output = network.forward(np.array(inputs)[:, None], np.array([len(inputs) - 1]))[0, 0, 0]
        level = np.nanmean(past[-5:]) if kind.past else 0.0
        found.append(level + task.display.offset + task.display.scale * output)
        past.append(found[-1])
        level = np.nanmean(past[-5:]) if kind.past else 0.0
        value = (found[-1] - level - task.display.offset) / task.display.scale
        inputs.append(np.array([value, 1.0])[: task.input_size])
    np.testing.assert_allclose(view.free_running, found, rtol=1e-12)
    assert view.one_step[view.held_out_from] == pytest.approx(found[0], rel=1e-12)


def test_scores_are_root_mean_squares_over_what_was_measured() -> None:
    task = Plain(record(wild()), 0.25, 10)
    runner = Constant(0.5)
    report, view = reported(task, runner)
    network = view.scores[0]
    tail = wild()[task.held_out_from + 1 :]
    said = task.display.shown(np.array([0.5]))[0]
    assert network.one_step == pytest.approx(np.sqrt(np.nanmean((said - tail) ** 2)))
    runs = [tail[start : start + 10] for start in range(len(tail) - 9)]
    assert view.starts == len(runs)
    assert network.free_running == pytest.approx(np.sqrt(np.nanmean((said - np.array(runs)) ** 2)))
    assert report.figures["one-step RMSE, network, m"] == network.one_step
    assert report.figures["free-running RMSE, seasonal naive, m"] == view.scores[2].free_running
    assert len(report.figures) == 6
    assert runner.asked[0].shape == (11, len(runs), 2)
    assert all(asked[0, 0, 1] == 1.0 for asked in runner.asked[1:])


@pytest.mark.parametrize("kind", [Plain, Rising])
def test_a_network_that_is_not_finite_has_errors_that_are_not(kind) -> None:
    _, view = reported(kind(record(wild()), 0.25, 10), Constant(np.nan))
    network, *naive = view.scores
    assert np.isnan([network.one_step, network.free_running]).all()
    assert np.isfinite([score[1:] for score in naive]).all()
    assert np.isnan(view.free_running).all()


def test_the_view_shows_the_end_of_the_series() -> None:
    values = wild()
    _, view = reported(Rising(record(values), 0.25, 10), Constant())
    np.testing.assert_array_equal(view.truth, values[-len(view.truth) :])
    np.testing.assert_array_equal(view.times, np.arange(LENGTH)[-len(view.truth) :] / 10.0)
    assert view.held_out_from == 10
    start = LENGTH - len(view.truth) + 10
    known = record(values).carried()
    np.testing.assert_array_equal(view.persistence, np.full(10, known[start - 1]))
    season = known[start - SEASON : start]
    np.testing.assert_array_equal(view.seasonal_naive, np.resize(season, 10))
    assert not any(part.flags.writeable for part in (view.truth, view.one_step, view.free_running))


def test_a_horizon_beyond_the_end_stops_there() -> None:
    task = Plain(record(wild()), 0.1, 500)
    _, view = reported(task, Constant())
    assert task.horizon == len(task.times) - task.held_out_from == len(view.free_running)
    assert view.starts == 1
