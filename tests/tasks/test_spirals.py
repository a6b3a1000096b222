"""Two spirals: where their points lie, and what is shown of them."""

from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.engine.losses import binary_cross_entropy
from gradexplorer.tasks.spirals import CELLS, Spirals
from gradexplorer.tasks.views import DecisionSurface


@pytest.mark.parametrize("turns", [0.5, 2.0, 3.0])
def test_without_noise_every_point_lies_on_its_spiral(turns: float) -> None:
    batch = Spirals(turns, noise=0.0).draw(np.random.default_rng(0), 500)
    assert batch.inputs.shape == (1, 500, 2)
    assert batch.targets.shape == (1, 500, 1)
    points, spiral = batch.inputs[0], batch.targets[0, :, 0]
    radius = np.hypot(*points.T)
    assert radius.min() >= 0.1 - 1e-12
    assert radius.max() <= 1.0 + 1e-12
    turned = points @ [1.0, 1j] * np.exp(-2j * np.pi * turns * radius)
    np.testing.assert_allclose(turned, np.where(spiral == 1.0, -1.0, 1.0) * radius, atol=1e-12)
    assert 200 < spiral.sum() < 300


def test_noise_is_as_large_as_it_says() -> None:
    clean, noisy = (
        Spirals(noise=noise).draw(np.random.default_rng(3), 4000).inputs for noise in (0.0, 0.3)
    )
    assert (noisy - clean).std() == pytest.approx(0.3, rel=0.03)


def test_the_surface_is_the_networks_answer_on_a_grid() -> None:
    task = Spirals()
    probes = task.probe_inputs()
    assert probes.shape == (1, CELLS * CELLS, 2)
    episodes = task.draw_held_out(np.random.default_rng(0))
    logits = 3.0 * probes[..., :1] - 2.0 * probes[..., 1:]
    outputs = 3.0 * episodes.inputs[..., :1] - 2.0 * episodes.inputs[..., 1:]
    report = task.report(episodes, outputs, logits)
    view = report.view
    assert isinstance(view, DecisionSurface)
    left, right, bottom, top = view.extent
    row, column = 5, 60  # from the lowest y and x on
    x = left + (right - left) * (column + 0.5) / CELLS
    y = bottom + (top - bottom) * (row + 0.5) / CELLS
    expected = 1.0 / (1.0 + np.exp(-(3.0 * x - 2.0 * y)))
    assert view.probabilities[row, column] == pytest.approx(expected, rel=1e-12)
    np.testing.assert_array_equal(view.points, episodes.inputs[0])
    right_ones = (outputs[0, :, 0] > 0.0) == (view.truth == 1)
    assert report.figures == {"held-out accuracy": right_ones.mean()}


def test_a_logit_of_any_size_is_a_probability() -> None:
    task = Spirals()
    episodes = task.draw_held_out(np.random.default_rng(0))
    logits = np.where(task.probe_inputs()[..., :1] > 0.0, 1e30, -1e30)
    view = task.report(episodes, episodes.targets, logits).view
    assert set(np.unique(view.probabilities)) == {0.0, 1.0}


def test_guessing_costs_what_the_baseline_says() -> None:
    task = Spirals()
    episodes = task.draw_held_out(np.random.default_rng(0))
    loss = binary_cross_entropy(np.zeros_like(episodes.targets), episodes.targets)
    assert task.baselines[0].loss == pytest.approx(loss.value, rel=1e-13) == np.log(2)
