"""Decimation: few points, and nothing that stands out is lost."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gradexplorer.gui.decimate import envelope, last_of_each
from gradexplorer.training.buckets import merge, of_single_updates
from gradexplorer.training.smoothing import SMOOTHED_DTYPE
from gradexplorer.training.snapshot import METRICS_DTYPE

lengths = st.integers(1, 3000)
columns = st.integers(1, 300)
elements = st.floats(-1e6, 1e6) | st.sampled_from([np.nan])


@st.composite
def series(draw):
    y = draw(arrays(np.float64, draw(lengths), elements=elements, fill=st.floats(-1.0, 1.0)))
    return np.arange(1, len(y) + 1), y


def buckets_of(losses, size):
    rows = np.zeros(len(losses), METRICS_DTYPE)
    rows["iteration"], rows["loss"] = np.arange(1, len(losses) + 1), losses
    smoothed = np.zeros(len(losses), SMOOTHED_DTYPE)
    return merge(of_single_updates(rows, smoothed), np.arange(0, len(rows), size))


@given(series(), st.sampled_from([1, 2, 8, 64]))
def test_an_envelope_goes_through_both_extremes_of_each_bucket(points, size):
    x, y = points
    buckets = buckets_of(y, size)
    kept_x, kept = envelope(buckets, buckets.loss_low, buckets.loss_high)
    if len(buckets.first) == len(y):
        np.testing.assert_array_equal(kept_x, x)
        np.testing.assert_array_equal(kept, y)
        return
    np.testing.assert_array_equal(kept_x, np.repeat(x[::size], 2))
    for start, low, high in zip(range(0, len(y), size), kept[::2], kept[1::2], strict=True):
        stretch = y[start : start + size]
        np.testing.assert_equal((low, high), (np.fmin.reduce(stretch), np.fmax.reduce(stretch)))


def test_a_bucket_whose_lowest_point_has_no_place_leaves_no_gap():
    """Zero has none on a logarithmic axis, but what was above it in the same column has."""
    buckets = buckets_of(np.array([0.0, 10.0, 1.0, 100.0]), 2)
    with np.errstate(divide="ignore"):
        low = np.log10(buckets.loss_low)
    low[np.isinf(low)] = np.nan
    _, kept = envelope(buckets, low, np.log10(buckets.loss_high))
    assert kept.tolist() == [1.0, 1.0, 0.0, 2.0]


@given(series(), columns)
def test_the_last_points_are_points_of_the_series(points, columns):
    x, y = points
    kept_x, kept = last_of_each(x, y, columns)
    assert len(kept_x) <= max(2 * columns + 1, 1)
    assert np.all(np.diff(kept_x) > 0)
    np.testing.assert_array_equal(kept, y[kept_x.astype(int) - 1])
    assert kept_x[-1] == x[-1]
