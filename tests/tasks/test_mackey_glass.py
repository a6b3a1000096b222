"""The Mackey-Glass series: its integration, and the stream made of it."""

from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.config.presets import load_preset
from gradexplorer.tasks.mackey_glass import MackeyGlass, season, solve
from gradexplorer.tasks.task import Report
from gradexplorer.training.trainer import Trainer


def test_until_the_delay_has_passed_it_is_an_exponential() -> None:
    """The delayed value is constant there, so the equation is linear."""
    before = 1.3
    level = 0.2 * before / (1.0 + before**10) / 0.1
    times = np.arange(171) / 10.0
    expected = level + (before - level) * np.exp(-0.1 * times)
    np.testing.assert_allclose(solve(17, before, 171), expected, rtol=1e-10)


@pytest.mark.parametrize("tau", [7, 17, 30])
def test_a_finer_integration_agrees_to_fourth_order(tau) -> None:
    until = 300
    exact = solve(tau, 1.2, round(until / 0.0125) + 1, 0.0125)[::8]
    errors = []
    for step in (0.1, 0.05):
        stride = round(0.1 / step)
        coarse = solve(tau, 1.2, round(until / step) + 1, step)[::stride]
        errors.append(np.abs(coarse - exact).max())
    assert errors[0] < 2e-6
    assert 10.0 < errors[0] / errors[1] < 25.0  # 16 for a method of fourth order


def test_the_equation_is_solved() -> None:
    """Central differences of the solution, against its right-hand side."""
    x = solve(17, 1.2, 40_000)
    now, delayed = x[1000:-1], x[1000 - 170 : -171]
    slope = (x[1001:] - x[999:-2]) / 0.2
    expected = 0.2 * delayed / (1.0 + delayed**10) - 0.1 * now
    assert np.abs(slope - expected).max() < 5e-4  # step^2 / 6 times the third derivative


def test_the_rest_point_stays_where_it_is() -> None:
    np.testing.assert_allclose(solve(17, 1.0, 5000), 1.0, atol=1e-12)


@pytest.mark.parametrize("count", [1, 2, 170, 171, 172, 341])
def test_a_shorter_series_is_the_beginning_of_a_longer_one(count) -> None:
    np.testing.assert_array_equal(solve(17, 1.2, count), solve(17, 1.2, 1000)[:count])
    assert len(solve(17, 1.2, count)) == count


def test_spacing_leaves_values_out_and_the_seed_chooses_the_series() -> None:
    wide, close = MackeyGlass(spacing=6, length=1000), MackeyGlass(spacing=1, length=6000)
    np.testing.assert_array_equal(wide.record.values, close.record.values[::6])
    np.testing.assert_array_equal(wide.record.times, close.record.times[::6])
    other = MackeyGlass(length=1000, history_seed=1)
    assert np.abs(other.record.values - wide.record.values).max() > 0.3


def test_mean_and_deviation_are_the_known_ones() -> None:
    values = MackeyGlass(spacing=1, length=10_000).record.values
    assert values.mean() == pytest.approx(0.93, abs=0.01)
    assert values.std() == pytest.approx(0.226, abs=0.005)


@pytest.mark.parametrize(("tau", "chaotic"), [(10, False), (17, True)])
def test_at_17_nearby_histories_part_and_on_a_cycle_they_do_not(tau, chaotic) -> None:
    one, other = (solve(tau, before, 60_000) for before in (1.2, 1.2 + 1e-6))
    apart = np.abs(one - other)[-10_000:].max()
    assert apart > 0.1 if chaotic else apart < 1e-4


def test_the_season_is_the_autocorrelation_s_first_peak() -> None:
    wave = np.sin(2.0 * np.pi * np.arange(1000) / 23.0)
    assert season(wave) == 23
    assert MackeyGlass(spacing=1).season in (49, 50)
    assert MackeyGlass(spacing=6).season == 8


class Silent:
    """A network that says 0."""

    def restart(self) -> None:
        pass

    def run(self, inputs: np.ndarray) -> np.ndarray:
        return np.zeros((*inputs.shape[:2], 1))


def report(task: MackeyGlass) -> Report:
    first = task.held_out_from - 10
    return task.report(first, np.zeros((len(task.times) - first, 1)), Silent())


def test_nrmse84_is_the_error_84_time_units_ahead_over_the_deviation() -> None:
    task = MackeyGlass(length=1000)
    ahead = task.series.targets[task.starts() + 84 // 6 - 1, 0]
    assert report(task).figures["NRMSE84"] == pytest.approx(np.sqrt(np.mean(ahead**2)), rel=1e-12)
    for other in (MackeyGlass(length=1000, horizon=13), MackeyGlass(length=1000, spacing=5)):
        assert "NRMSE84" not in report(other).figures


def test_it_is_learned_better_than_by_both_naive_forecasts() -> None:
    config = load_preset("mackey-glass", ["training.iterations=400", "task.horizon=20"])
    *_, last = Trainer(config)
    network, *naive = last.evaluation.view.scores
    assert network.one_step < 0.2 * min(score.one_step for score in naive)
    assert network.free_running < 0.7 * min(score.free_running for score in naive)
