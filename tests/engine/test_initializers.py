from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.engine.initializers import (
    chrono_forget_bias,
    gaussian,
    glorot,
    orthogonal,
    sparse,
    spectral,
    uniform,
)


@pytest.mark.parametrize("size", [1, 2, 5, 64])
def test_orthogonal_matrix_keeps_lengths_and_angles(size):
    matrix = orthogonal(np.random.default_rng(0), size)
    np.testing.assert_allclose(matrix.T @ matrix, np.eye(size), atol=1e-13)


def test_orthogonal_matrix_prefers_no_direction():
    """Under the Haar measure each entry has mean 0 and variance 1/size."""
    generator = np.random.default_rng(0)
    matrices = np.stack([orthogonal(generator, 4) for _ in range(2000)])
    np.testing.assert_allclose(matrices.mean(axis=0), 0.0, atol=5 * 0.5 / np.sqrt(2000))
    np.testing.assert_allclose((matrices**2).mean(axis=0), 0.25, atol=0.03)


def test_uniform_fills_its_bounds():
    values = uniform(np.random.default_rng(0), (100, 50), 0.3)
    assert values.shape == (100, 50)
    assert -0.3 <= values.min() < -0.299
    assert 0.299 < values.max() < 0.3
    assert abs(values.mean()) < 0.01


@pytest.mark.parametrize(
    "draw",
    [
        lambda g: orthogonal(g, 3),
        lambda g: uniform(g, (3, 3), 1.0),
        lambda g: glorot(g, (3, 3)),
        lambda g: gaussian(g, (3, 3), 1.0),
        lambda g: spectral(g, 3, 1.0),
        lambda g: sparse(g, 3, 2, 1.0),
        lambda g: chrono_forget_bias(g, 3, 9),
    ],
)
def test_a_seed_gives_the_same_doubles(draw):
    first, again, other = (draw(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.dtype == np.float64
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_glorot_has_the_variance_that_gives_it_its_name():
    values = glorot(np.random.default_rng(0), (300, 100))
    bound = np.sqrt(6.0 / 400.0)
    assert 0.999 * bound < np.abs(values).max() <= bound
    assert values.var() == pytest.approx(2.0 / 400.0, rel=0.03)


def test_gaussian_is_normal_with_the_deviation_asked_for():
    values = gaussian(np.random.default_rng(0), (200, 200), 0.3) / 0.3
    assert abs(values.mean()) < 4.0 / 200
    assert (values**2).mean() == pytest.approx(1.0, abs=4 * np.sqrt(2.0) / 200)
    assert (values**4).mean() == pytest.approx(3.0, abs=4 * np.sqrt(96.0) / 200)


@pytest.mark.parametrize("size", [1, 2, 15, 40])
@pytest.mark.parametrize("radius", [0.0, 0.95, 2.0])
@pytest.mark.parametrize("draw", [spectral, lambda g, n, radius: sparse(g, n, 15, radius)])
def test_the_spectral_radius_is_the_one_asked_for(draw, size, radius):
    matrix = draw(np.random.default_rng(size), size, radius)
    assert np.abs(np.linalg.eigvals(matrix)).max() == pytest.approx(radius, rel=1e-9)


def test_a_spectral_matrix_is_gaussian_up_to_its_scale():
    matrix = spectral(np.random.default_rng(0), 200, 1.0)
    scaled = matrix / matrix.std()
    assert (scaled**4).mean() == pytest.approx(3.0, abs=4 * np.sqrt(96.0) / 200)


@pytest.mark.parametrize(("size", "count"), [(10, 10), (15, 15), (60, 15)])
def test_a_sparse_matrix_has_fifteen_connections_into_each_unit(size, count):
    matrix = sparse(np.random.default_rng(0), size, 15, 0.95)
    np.testing.assert_array_equal(np.count_nonzero(matrix, axis=1), count)


def test_sparse_connections_prefer_no_unit():
    generator = np.random.default_rng(0)
    share = np.mean([sparse(generator, 20, 5, 1.0) != 0.0 for _ in range(800)], axis=0)
    np.testing.assert_allclose(share, 0.25, atol=5 * np.sqrt(0.25 * 0.75 / 800))


def test_chrono_forgets_at_rates_of_one_over_a_uniform_time():
    """A unit of bias b keeps sigmoid(b) a step, so it remembers for exp(b) + 1 steps."""
    bias = chrono_forget_bias(np.random.default_rng(0), 20_000, 101)
    steps = np.exp(bias)
    assert 1.0 <= steps.min() < 1.02
    assert 99.98 < steps.max() <= 100.0
    assert steps.mean() == pytest.approx(50.5, abs=4 * 99 / np.sqrt(12 * 20_000))
    np.testing.assert_allclose(chrono_forget_bias(np.random.default_rng(0), 3, 2), 0.0)
