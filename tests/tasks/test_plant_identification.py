"""The plants of Narendra & Parthasarathy (1990), written down once more from the paper."""

from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.config.tasks.control import PlantIdentificationTask
from gradexplorer.tasks.plant_identification import LAGS, PLANTS, PlantIdentification

STEPS = 400


def published(plant: str, u: np.ndarray) -> np.ndarray:
    """Return y_p(1), y_p(2), ... of an example, y_p and u zero before k = 0."""
    y = dict.fromkeys((-2, -1, 0), 0.0)
    given = {-1: 0.0, **dict(enumerate(u.tolist()))}
    for k in range(len(u)):
        x1, x2, x3, x4, x5 = y[k], y[k - 1], y[k - 2], given[k], given[k - 1]
        y[k + 1] = {
            "model_2": x1 * x2 * (x1 + 2.5) / (1 + x1**2 + x2**2) + x4,
            "model_3": x1 / (1 + x1**2) + x4**3,
            "model_4": (x1 * x2 * x3 * x5 * (x3 - 1) + x4) / (1 + x2**2 + x3**2),
        }[plant]
    return np.array([y[k + 1] for k in range(len(u))])


@pytest.fixture(params=PLANTS)
def plant(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_plant_may_be_chosen() -> None:
    schema = PlantIdentificationTask.model_json_schema()["properties"]["plant"]
    assert schema["enum"] == list(PLANTS)


def test_the_outputs_are_those_of_the_published_equation(plant: str) -> None:
    task = PlantIdentification(plant, STEPS)
    outputs = task.display.shown(task.series.targets[:, 0])
    np.testing.assert_allclose(outputs, published(plant, task.plant_inputs), atol=1e-9)
    assert len(task.series.inputs) == len(outputs) == len(task.times)


def test_inputs_are_random_first_and_then_the_published_signal(plant: str) -> None:
    task = PlantIdentification(plant, STEPS)
    assert task.held_out_from == STEPS
    random, test = np.split(task.plant_inputs, [STEPS])
    limit = 1.0 if plant == "model_4" else 2.0
    assert 0.95 * limit < np.abs(random).max() <= limit
    k = np.arange(len(test))
    waves = {period: np.sin(2 * np.pi * k / period) for period in (10, 25, 250)}
    expected = {
        "model_2": waves[25],
        "model_3": waves[25] + waves[10],
        "model_4": np.where(k <= 500, waves[250], 0.8 * waves[250] + 0.2 * waves[25]),
    }[plant]
    np.testing.assert_allclose(test, expected, atol=1e-12)
    assert task.times[STEPS] == 1.0


def test_standardization_knows_nothing_of_the_test_signal(plant: str) -> None:
    task = PlantIdentification(plant, STEPS)
    for part in (task.series.inputs, task.series.targets):
        assert part[:STEPS].mean() == pytest.approx(0.0, abs=1e-12)
        assert part[:STEPS].std() == pytest.approx(1.0)


def test_it_is_the_same_each_time(plant: str) -> None:
    one, other = (PlantIdentification(plant, STEPS) for _ in range(2))
    np.testing.assert_array_equal(one.series.targets, other.series.targets)


def test_the_baselines_are_what_they_say(plant: str) -> None:
    """The linear one by steps, from rows written out, with a solver of another kind."""
    task = PlantIdentification(plant, STEPS)
    u, y = task.series.inputs[:, 0], task.series.targets[:, 0]
    rows = [[*(u[k - lag] if k >= lag else 0.0 for lag in range(LAGS)), 1.0] for k in range(len(u))]
    seen, tested = np.split(np.array(rows), [STEPS])
    weights = np.linalg.pinv(seen) @ y[:STEPS]
    last, linear = task.baselines
    assert linear.loss == pytest.approx(np.mean((tested @ weights - y[STEPS:]) ** 2))
    assert last.loss == pytest.approx(np.mean(np.diff(y[STEPS - 1 :]) ** 2))


def test_the_report_is_of_the_test_signal_alone() -> None:
    task = PlantIdentification("model_3", STEPS)
    outputs = task.series.targets[STEPS - 7 :].astype(np.float32)
    outputs[:7] = 100.0
    report = task.report(STEPS - 7, outputs, None)  # type: ignore[arg-type]
    assert report.figures["held-out RMSE"] == pytest.approx(0.0, abs=1e-5)
    np.testing.assert_allclose(report.view.output, report.view.truth, atol=1e-5)
    np.testing.assert_array_equal(report.view.inputs, task.plant_inputs[STEPS:])
    shifted = task.report(STEPS - 7, outputs + 1.0, None)  # type: ignore[arg-type]
    assert shifted.figures["held-out RMSE"] == pytest.approx(task.display.scale, rel=1e-5)
