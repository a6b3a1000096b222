from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.engine.gradient_check import check_components
from gradexplorer.engine.initializers import orthogonal
from gradexplorer.engine.omega import omega

STEPS, BATCH, SIZE = 6, 3, 4


def draw(dtype=np.float64):
    generator = np.random.default_rng(0)
    da = generator.standard_normal((STEPS, BATCH, SIZE)).astype(dtype)
    slopes = generator.uniform(0.1, 1.0, (STEPS, BATCH, SIZE)).astype(dtype)
    return da, slopes, generator.standard_normal((SIZE, SIZE)).astype(dtype)


def straight(da, slopes, weight):
    """Return the sum over steps and mean over sequences, word for word."""
    terms = []
    for b in range(BATCH):
        for k in range(STEPS - 1):
            passed = da[k + 1, b] @ weight @ np.diag(slopes[k, b])
            ratio = np.linalg.norm(passed) / np.linalg.norm(da[k + 1, b])
            terms.append((ratio - 1.0) ** 2)
    return sum(terms) / BATCH


def test_value_is_that_of_the_definition():
    assert omega(*draw()).value == pytest.approx(straight(*draw()), rel=1e-13)


def test_gradient_equals_central_differences_of_the_definition():
    da, slopes, weight = draw()
    check_components(
        lambda values: straight(da, slopes, values),
        weight,
        omega(da, slopes, weight).d_weight,
        1e-8,
    )


def test_an_orthogonal_linear_network_has_none():
    da, slopes, _ = draw()
    found = omega(da, np.ones_like(slopes), orthogonal(np.random.default_rng(1), SIZE))
    assert found.value < 1e-28
    assert np.abs(found.d_weight).max() < 1e-14


def test_a_scaled_orthogonal_network_by_hand():
    da, slopes, _ = draw()
    rotation = orthogonal(np.random.default_rng(1), SIZE)
    found = omega(da, np.ones_like(slopes), 0.5 * rotation)
    assert found.value == pytest.approx((STEPS - 1) * 0.25, rel=1e-13)
    # Along the scale: d/ds (s - 1)^2 = 2 (s - 1) for each step.
    assert np.sum(found.d_weight * rotation) == pytest.approx(-(STEPS - 1), rel=1e-12)


def test_steps_without_a_gradient_are_left_out():
    da, slopes, weight = draw()
    whole = omega(da[3:], slopes[3:], weight)
    da[:4] = 0.0
    cut = omega(da, slopes, weight)
    assert cut.value == pytest.approx(whole.value, rel=1e-13)
    np.testing.assert_allclose(cut.d_weight, whole.d_weight, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [1e-35, 1e-20, 1e20, 1e35])
def test_the_size_of_the_gradient_does_not_matter(dtype, scale):
    da, slopes, weight = draw(dtype)
    near, far = omega(da, slopes, weight), omega((da * scale).astype(dtype), slopes, weight)
    assert far.d_weight.dtype == dtype
    assert far.value == pytest.approx(near.value, rel=1e-5)
    np.testing.assert_allclose(far.d_weight, near.d_weight, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_a_gradient_that_is_not_finite_is_left_out(bad):
    da, slopes, weight = draw()
    da[4, 1, 2] = bad
    found = omega(da, slopes, weight)
    assert np.isfinite(found.value)
    assert np.isfinite(found.d_weight).all()


def test_units_that_pass_nothing_on_have_no_direction_to_grow_in():
    da, slopes, weight = draw()
    found = omega(da, np.zeros_like(slopes), weight)
    assert found.value == STEPS - 1
    assert not found.d_weight.any()


def test_a_single_step_has_none():
    da, slopes, weight = draw()
    found = omega(da[:1], slopes[:1], weight)
    assert found.value == 0.0
    assert not found.d_weight.any()
