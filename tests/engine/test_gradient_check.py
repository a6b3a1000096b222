from __future__ import annotations

import re

import numpy as np
import pytest

from gradexplorer.engine.gradient_check import (
    GradientError,
    central_differences,
    check_components,
    check_directions,
    directional_derivative,
)

POINT = np.array([[0.3, -1.2], [2.0, 0.7]])


def function(values):
    return float(np.sum(np.sin(values) * values**2))


def gradient(values):
    return np.cos(values) * values**2 + 2 * np.sin(values) * values


def test_differences_equal_the_known_gradient():
    np.testing.assert_allclose(central_differences(function, POINT), gradient(POINT), rtol=1e-9)
    direction = np.array([[1.0, -2.0], [0.5, 0.0]])
    expected = np.sum(gradient(POINT) * direction)
    assert directional_derivative(function, POINT, direction) == pytest.approx(expected, rel=1e-9)


def test_the_right_gradient_passes():
    check_components(function, POINT, gradient(POINT))
    check_directions(function, POINT, gradient(POINT), np.random.default_rng(0))


def test_a_wrong_component_is_named_with_both_numbers():
    wrong = gradient(POINT)
    right = wrong[1, 0]
    wrong[1, 0] += 1e-4
    with pytest.raises(GradientError, match=r"component \(1, 0\)") as caught:
        check_components(function, POINT, wrong)
    numbers = re.search(r"analytic (\S+), numeric (\S+);", str(caught.value)).groups()
    assert list(map(float, numbers)) == pytest.approx([wrong[1, 0], right], rel=1e-10)
    with pytest.raises(GradientError, match=r"direction \d: analytic \S+, numeric \S+;"):
        check_directions(function, POINT, wrong, np.random.default_rng(0))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_gradient_that_is_not_finite_is_refused(bad):
    wrong = gradient(POINT)
    wrong[0, 1] = bad
    with pytest.raises(GradientError, match=r"component \(0, 1\)"):
        check_components(function, POINT, wrong)
    with pytest.raises(GradientError):
        check_directions(function, POINT, wrong, np.random.default_rng(0))


def test_rounding_alone_is_no_mismatch():
    def noisy(values):
        return 1.0 + 1e-9 * function(values)

    check_components(noisy, POINT, 1e-9 * gradient(POINT))
