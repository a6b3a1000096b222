"""Decimation: few points, and nothing that stands out is lost."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gradexplorer.gui.decimate import envelope, last_of_each

lengths = st.integers(0, 3000)
columns = st.integers(1, 300)
elements = st.floats(-1e6, 1e6) | st.sampled_from([np.nan])


@st.composite
def series(draw):
    y = draw(arrays(np.float64, draw(lengths), elements=elements, fill=st.floats(-1.0, 1.0)))
    return np.arange(1, len(y) + 1), y


@given(series(), columns)
def test_an_envelope_keeps_the_extremes(points, columns):
    x, y = points
    _, kept = envelope(x, y, columns)
    for extreme in (np.fmin, np.fmax):
        if len(y):
            np.testing.assert_equal(extreme.reduce(kept), extreme.reduce(y))


@given(series(), columns)
def test_an_envelope_is_short_and_in_order(points, columns):
    x, y = points
    kept_x, kept = envelope(x, y, columns)
    assert len(kept_x) == len(kept) <= max(4 * columns + 2, 2)
    assert np.all(np.diff(kept_x) >= 0)
    assert set(kept_x) <= set(x)
    assert kept_x.dtype == kept.dtype == np.float64


@given(series(), columns)
def test_every_value_lies_within_its_bucket(points, columns):
    x, y = points
    kept_x, kept = envelope(x, y, columns)
    if len(set(kept_x)) == len(x):
        np.testing.assert_array_equal(kept, y)
        return
    starts, low, high = kept_x[::2], kept[::2], kept[1::2]
    bucket = np.searchsorted(starts, x, side="right") - 1
    known = ~np.isnan(y)
    assert np.all(low[bucket][known] <= y[known])
    assert np.all(y[known] <= high[bucket][known])


@given(series(), columns)
def test_nan_is_drawn_only_where_nothing_else_is(points, columns):
    x, y = points
    kept_x, kept = envelope(x, y, columns)
    if len(set(kept_x)) == len(x):
        return
    starts = kept_x[::2]
    bucket = np.searchsorted(starts, x, side="right") - 1
    for index in range(len(starts)):
        empty = np.isnan(y[bucket == index]).all()
        assert np.isnan(kept[2 * index]) == np.isnan(kept[2 * index + 1]) == empty


@given(series(), columns)
def test_the_last_points_are_points_of_the_series(points, columns):
    x, y = points
    kept_x, kept = last_of_each(x, y, columns)
    assert len(kept_x) <= max(2 * columns + 1, 1)
    assert np.all(np.diff(kept_x) > 0)
    np.testing.assert_array_equal(kept, y[kept_x.astype(int) - 1])
    if len(x):
        assert kept_x[-1] == x[-1]


def test_a_series_that_grows_does_not_shimmer():
    """The buckets of what was there before stay as they were, or double."""
    x, y = np.arange(1, 4001), np.random.default_rng(0).normal(size=4000)
    before = envelope(x[:3000], y[:3000], 500)
    after = envelope(x[:3500], y[:3500], 500)
    complete = len(before[0]) - 2
    np.testing.assert_array_equal(before[1][:complete], after[1][:complete])
