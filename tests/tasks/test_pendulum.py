"""The pendulum's trials, and what counts as holding it."""

from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.engine.losses import mean_squared_error
from gradexplorer.engine.plants import PLANTS
from gradexplorer.engine.plants import Pendulum as Plant
from gradexplorer.tasks import pendulum
from gradexplorer.tasks.pendulum import Pendulum
from gradexplorer.tasks.task import Episodes
from gradexplorer.tasks.views import PendulumTrial


def outputs_of(angle: np.ndarray, rate: np.ndarray, torque: np.ndarray) -> np.ndarray:
    """Return what a network puts out that measured these, (200, B)."""
    measured = np.stack([np.cos(angle), np.sin(angle), rate, torque], axis=2)
    return (measured * Pendulum.scales).astype(np.float32)


def still(*angles: float) -> np.ndarray:
    angle = np.tile(np.radians(angles), (200, 1))
    return outputs_of(angle, np.zeros_like(angle), np.zeros_like(angle))


def report(outputs: np.ndarray):
    return Pendulum().report(Episodes(np.zeros(0), np.zeros(0)), outputs, None)


def test_what_it_says_of_its_plant_is_so() -> None:
    task, plant = Pendulum(), PLANTS[Pendulum.plant]
    assert plant is Plant
    assert (task.input_size, task.output_size) == (plant.state_size, plant.measured_size)
    assert len(task.scales) == plant.measured_size
    assert (plant.seconds, plant.most_torque) == (pendulum.SECONDS, pendulum.MOST_TORQUE)


@pytest.mark.parametrize("most_speed", [0.0, 1.0, 8.0])
def test_training_trials_start_anywhere(most_speed: float) -> None:
    task = Pendulum(30, most_speed)
    drawn = task.draw(np.random.default_rng(0), 2000)
    assert drawn.inputs.shape == (30, 2000, 2)
    assert drawn.targets.shape == (30, 2000, 4)
    assert not drawn.inputs[1:].any()
    angle, speed = drawn.inputs[0].T
    assert np.abs(angle).max() == pytest.approx(np.pi, rel=0.01)
    assert np.abs(angle).max() <= np.pi
    assert np.abs(speed).max() == pytest.approx(most_speed, rel=0.01)
    assert np.mean(np.abs(angle) < np.pi / 2) == pytest.approx(0.5, abs=0.05)
    again = task.draw(np.random.default_rng(0), 2000)
    np.testing.assert_array_equal(again.inputs, drawn.inputs)


def test_held_out_trials_are_gymnasiums_whatever_is_trained_on() -> None:
    task = Pendulum(30, 8.0)
    held_out = task.draw_held_out(np.random.default_rng(0))
    assert held_out.inputs.shape == (200, 100, 2)
    assert np.abs(held_out.inputs[0, :, 1]).max() <= 1.0
    assert list(task.held_out_loss_steps) == list(range(200))
    assert list(task.loss_steps) == list(range(30))


def test_the_loss_is_a_quarter_of_the_smooth_cost() -> None:
    generator = np.random.default_rng(1)
    angle, rate, torque = (generator.uniform(-2.0, 2.0, (200, 3)) for _ in range(3))
    outputs = outputs_of(angle, rate, torque).astype(np.float64)
    targets = Pendulum(200).draw(generator, 3).targets
    smooth = 2.0 * (1.0 - np.cos(angle)) + 0.1 * rate**2 + 0.001 * torque**2
    found = mean_squared_error(outputs, targets).value
    assert found == pytest.approx(smooth.mean() / 4.0, rel=1e-6)


def test_hanging_still_costs_what_the_baseline_says() -> None:
    targets = Pendulum(200).draw(np.random.default_rng(0), 1).targets
    (hanging,) = Pendulum.baselines
    found = mean_squared_error(still(180.0).astype(np.float64), targets).value
    assert found == pytest.approx(hanging.loss, rel=1e-6)


def test_a_success_is_within_ten_degrees_for_the_last_two_seconds() -> None:
    outputs = still(0.0, 9.9, -9.9, 10.1, 180.0, 0.0, 0.0)
    outputs[:160, 1] = still(120.0)[:160, 0]  # wherever it was before
    outputs[160, 5] = still(11.0)[0, 0]
    outputs[199, 6] = still(-11.0)[0, 0]
    found = report(outputs)
    assert found.figures["held-out successes"] == pytest.approx(3 / 7)
    assert (found.view.successes, found.view.trials) == (3, 7)
    assert found.view.held_from == 160


def test_the_return_is_gymnasiums() -> None:
    generator = np.random.default_rng(2)
    angle, rate, torque = (generator.uniform(-2.0, 2.0, (200, 5)) for _ in range(3))
    reward = -(angle**2 + 0.1 * rate**2 + 0.001 * torque**2)
    found = report(outputs_of(angle, rate, torque)).figures["mean return"]
    assert found == pytest.approx(reward.sum(axis=0).mean(), rel=1e-6)


def test_the_trial_that_starts_lowest_is_shown() -> None:
    outputs = still(30.0, -170.0, 100.0)
    outputs[5:, 1] = outputs_of(*(np.full((195, 1), value) for value in (0.1, 0.0, 1.5)))[:, 0]
    view = report(outputs).view
    assert type(view) is PendulumTrial
    assert np.degrees(view.angle[0]) == pytest.approx(-170.0, rel=1e-5)
    assert view.angle[5] == pytest.approx(0.1, rel=1e-5)
    assert view.torque[5] == pytest.approx(1.5, rel=1e-5)


def test_what_is_not_finite_is_no_success() -> None:
    found = report(np.full((200, 2, 4), np.nan, np.float32))
    assert found.figures["held-out successes"] == 0.0
    assert np.isnan(found.figures["mean return"])
