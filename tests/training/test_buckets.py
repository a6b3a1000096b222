"""The digest of a long series: bounded, and exact in what it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradexplorer.training.buckets import Buckets, Digest, merge, of_single_updates, power_of_two
from gradexplorer.training.smoothing import SMOOTHED_DTYPE
from gradexplorer.training.snapshot import METRICS_DTYPE

sizes_ = st.lists(st.sampled_from([0, 1, 2, 3, 7, 8, 50, 333]), max_size=8)


def made_up(count: int, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    rows = np.zeros(count, METRICS_DTYPE)
    rows["iteration"] = np.arange(1, count + 1)
    for name in ("loss", "grad_norm"):
        rows[name] = random.lognormal(size=count)
        rows[name][random.random(count) < 0.1] = np.nan
        rows[name][random.random(count) < 0.05] = np.inf
    rows["clip_scale"] = np.where(random.random(count) < 0.4, 0.5, 1.0)
    rows["clip_scale"][random.random(count) < 0.05] = np.nan
    rows["clip_threshold"] = random.random(count)
    rows["held_out_loss"] = np.where(random.random(count) < 0.2, random.random(count), np.nan)
    return rows


def plainly(rows: np.ndarray, size: int) -> list[tuple[float, ...]]:
    """What the buckets have to say, one by one and without a digest."""
    found = []
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        loss, norm = (part[name][np.isfinite(part[name])] for name in ("loss", "grad_norm"))
        measured = part[~np.isnan(part["held_out_loss"])]
        extremes = [
            (values.min(), values.max()) if len(values) else (np.nan, np.nan)
            for values in (loss, norm)
        ]
        held_out = (np.nan, np.nan)
        if len(measured):
            held_out = (measured["held_out_loss"][-1], float(measured["iteration"][-1]))
        found.append(
            (
                float(part["iteration"][0]), float(len(part)),
                *extremes[0], float(len(part) - len(loss)),
                *extremes[1], float(len(part) - len(norm)),
                float(np.count_nonzero(part["clip_scale"] < 1.0)),
                float(part["iteration"][-1]), -float(part["iteration"][-1]),  # see `singles`
                part["clip_threshold"][-1], *held_out,
            )
        )  # fmt: skip
    return found


def singles(rows: np.ndarray) -> Buckets:
    smoothed = np.empty(len(rows), SMOOTHED_DTYPE)  # numbers that stand in for averages
    smoothed["loss"], smoothed["grad_norm"] = rows["iteration"], -rows["iteration"]
    return of_single_updates(rows, smoothed)


def listed(buckets: Buckets) -> list[tuple[float, ...]]:
    return list(zip(*(column.tolist() for column in buckets), strict=True))


@given(sizes=sizes_, capacity=st.sampled_from([2, 4, 64]))
def test_it_says_what_is_so_however_the_updates_come(sizes: list[int], capacity: int) -> None:
    rows, digest, start = made_up(sum(sizes)), Digest(capacity), 0
    for size in sizes:
        digest.add(singles(rows[start : start + size]))
        start += size
        assert len(digest) <= capacity
    assert digest.updates == len(rows)
    assert len(rows) <= digest.size * capacity
    assert digest.size == 1 or len(rows) > digest.size * capacity / 2
    np.testing.assert_equal(listed(digest.part(0, len(digest))), plainly(rows, digest.size))


@pytest.mark.parametrize("size", [1, 2, 5, 100, 1000])
def test_merging(size: int) -> None:
    rows = made_up(777, seed=3)
    merged = merge(singles(rows), np.arange(0, len(rows), size))
    np.testing.assert_equal(listed(merged), plainly(rows, size))
    assert merged.last[-1] == 777.0


def test_nothing_merges_to_nothing() -> None:
    empty = merge(singles(made_up(0)), np.arange(0))
    assert [len(column) for column in empty] == [0] * len(Buckets._fields)


@given(buckets=st.integers(0, 10**7), columns=st.integers(0, 5000))
def test_one_or_two_buckets_a_column(buckets: int, columns: int) -> None:
    factor = power_of_two(buckets, columns)
    assert buckets / factor <= 2 * max(columns, 1)
    assert factor == 1 or buckets / factor > max(columns, 1)
