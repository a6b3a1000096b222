"""The moving average against its closed form, and against itself in parts."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gradexplorer.training.smoothing import SMOOTHING, MovingAverage

values_ = st.lists(st.floats(-1e6, 1e6) | st.sampled_from([np.nan, np.inf, -np.inf]), max_size=40)


def closed_form(values: list[float]) -> list[float]:
    """The mean of all finite values so far, weighted by SMOOTHING to the power of their age."""
    smoothed = []
    for stop in range(1, len(values) + 1):
        finite = [value for value in values[:stop] if np.isfinite(value)]
        weights = SMOOTHING ** np.arange(len(finite))[::-1]
        smoothed.append(np.average(finite, weights=weights) if finite else np.nan)
    return smoothed


@given(values=values_, cut=st.integers(0, 40))
def test_it_is_a_weighted_mean_of_the_finite_values(values: list[float], cut: int) -> None:
    average = MovingAverage()
    found = [average.add(np.array(part, float)) for part in (values[:cut], values[cut:])]
    np.testing.assert_allclose(np.concatenate(found), closed_form(values), rtol=1e-9, atol=1e-6)


def one_by_one(values: np.ndarray) -> np.ndarray:
    """The recurrence as Kingma & Ba write it."""
    moment, found = 0.0, []
    for count, value in enumerate(values, 1):
        moment = SMOOTHING * moment + (1.0 - SMOOTHING) * value
        found.append(moment / (1.0 - SMOOTHING**count))
    return np.array(found)


def test_a_long_series_of_many_magnitudes() -> None:
    values = 10.0 ** np.random.default_rng(1).uniform(-8.0, 8.0, 5000)
    np.testing.assert_allclose(MovingAverage().add(values), one_by_one(values), rtol=1e-12)
    falling = np.logspace(30.0, -30.0, 5000)
    np.testing.assert_allclose(MovingAverage().add(falling), one_by_one(falling), rtol=1e-12)


def test_a_constant_is_not_biased_towards_zero() -> None:
    np.testing.assert_allclose(MovingAverage().add(np.full(2000, 3.0)), 3.0, rtol=1e-12)


@given(sizes=st.lists(st.sampled_from([0, 1, 3, 511, 512, 513, 2000]), max_size=5))
def test_parts_change_no_bit(sizes: list[int]) -> None:
    values = np.random.default_rng(2).normal(size=sum(sizes))
    values[::7] = np.nan
    average, at_once, start, found = MovingAverage(), MovingAverage(), 0, [np.zeros(0)]
    for size in sizes:
        found.append(average.add(values[start : start + size]))
        start += size
    assert np.concatenate(found).tobytes() == at_once.add(values).tobytes()
