from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.engine.initializers import orthogonal, uniform


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


@pytest.mark.parametrize("draw", [lambda g: orthogonal(g, 3), lambda g: uniform(g, (3, 3), 1.0)])
def test_a_seed_gives_the_same_doubles(draw):
    first, again, other = (draw(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first.dtype == np.float64
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
