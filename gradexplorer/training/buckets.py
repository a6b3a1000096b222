"""A long series of updates for narrow screens: extremes and counts of stretches of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]
Starts = NDArray[np.intp]
Merge = Callable[[Column, Starts], Column]
_ALL: Starts = np.zeros(1, np.intp)  # the start of one bucket of everything


class Buckets(NamedTuple):
    """Stretches of successive updates; every column is of shape (n,).

    Attributes
    ----------
    first, updates
        The iteration that a bucket begins with, and how many it holds.
    loss_low, loss_high, norm_low, norm_high
        Of the loss and of the gradient norm before clipping, their finite values; NaN
        without any.
    loss_not_finite, norm_not_finite, clipped
        How many updates were so.
    smoothed_loss, smoothed_norm, clip_threshold
        Of the last update.
    held_out_loss, held_out_at
        The last one that was measured, and after which update; NaN without any.
    """

    first: Column
    updates: Column
    loss_low: Column
    loss_high: Column
    loss_not_finite: Column
    norm_low: Column
    norm_high: Column
    norm_not_finite: Column
    clipped: Column
    smoothed_loss: Column
    smoothed_norm: Column
    clip_threshold: Column
    held_out_loss: Column
    held_out_at: Column

    @property
    def last(self) -> Column:
        """The iteration that each bucket ends with."""
        return self.first + self.updates - 1.0


def of_single_updates(rows: NDArray[np.void], smoothed: NDArray[np.void]) -> Buckets:
    """Return a bucket for each row of metrics; ``smoothed`` is of `SMOOTHED_DTYPE`."""
    loss, norm, held_out = rows["loss"], rows["grad_norm"], rows["held_out_loss"]
    iteration = rows["iteration"].astype(np.float64)
    known_loss, known_norm = np.isfinite(loss), np.isfinite(norm)
    measured = np.isfinite(held_out)
    loss, norm = np.where(known_loss, loss, np.nan), np.where(known_norm, norm, np.nan)
    return Buckets(
        first=iteration,
        updates=np.ones(len(rows)),
        loss_low=loss,
        loss_high=loss,
        loss_not_finite=(~known_loss).astype(np.float64),
        norm_low=norm,
        norm_high=norm,
        norm_not_finite=(~known_norm).astype(np.float64),
        clipped=(rows["clip_scale"] < 1.0).astype(np.float64),
        smoothed_loss=smoothed["loss"],
        smoothed_norm=smoothed["grad_norm"],
        clip_threshold=rows["clip_threshold"],
        held_out_loss=np.where(measured, held_out, np.nan),
        held_out_at=np.where(measured, iteration, np.nan),
    )


def merge(buckets: Buckets, starts: Starts) -> Buckets:
    """Merge neighbours into one bucket from each of the starts to the next.

    Parameters
    ----------
    buckets : Buckets
    starts : ndarray of int
        Ascending, the first 0.
    """
    if not len(starts):
        return Buckets(*(column[:0] for column in buckets))
    return Buckets(**{name: how(getattr(buckets, name), starts) for name, how in _HOW.items()})


def power_of_two(buckets: int, columns: int) -> int:
    """Return how many to merge so that at most two, and if possible one, are left a column."""
    factor = 1
    while buckets > 2 * factor * max(columns, 1):
        factor *= 2
    return factor


class Digest:
    """All updates so far in a bounded number of buckets, of one size, a power of two.

    When they would be too many, neighbours are merged in pairs.

    Parameters
    ----------
    capacity : int
        Buckets; even.
    """

    def __init__(self, capacity: int) -> None:
        self.size = 1
        self.updates = 0
        self._count = 0
        self._columns = np.empty((len(Buckets._fields), capacity))

    def __len__(self) -> int:
        return self._count

    def add(self, singles: Buckets) -> None:
        """Take in the next updates, a bucket each."""
        total = self.updates + len(singles.first)
        while total > self.size * self._columns.shape[1]:
            self._put(0, merge(self.part(0, self._count), np.arange(0, self._count, 2)))
            self.size *= 2
        room = -self.updates % self.size  # in the last bucket
        if room:
            opened = self.part(self._count - 1, self._count)
            filling = (column[:room] for column in singles)
            self._put(self._count - 1, merge(Buckets(*map(np.append, opened, filling)), _ALL))
            singles = Buckets(*(column[room:] for column in singles))
        starts = np.arange(0, len(singles.first), self.size)
        self._put(self._count, merge(singles, starts))
        self.updates = total

    def part(self, start: int, stop: int) -> Buckets:
        """Return a range of the buckets."""
        return Buckets(*self._columns[:, start:stop])

    def _put(self, start: int, buckets: Buckets) -> None:
        self._count = start + len(buckets.first)
        self._columns[:, start : self._count] = buckets


def _first(column: Column, starts: Starts) -> Column:
    return column[starts]


def _last(column: Column, starts: Starts) -> Column:
    ends: Starts = np.append(starts[1:], len(column)) - 1
    return column[ends]


def _last_known(column: Column, starts: Starts) -> Column:
    places = np.where(np.isnan(column), -1, np.arange(len(column)))
    found: Starts = np.maximum.reduceat(places, starts)
    last = column[found]
    last[found < 0] = np.nan
    return last


_low, _high, _sum = np.fmin.reduceat, np.fmax.reduceat, np.add.reduceat
_HOW: dict[str, Merge] = {
    "first": _first,
    "updates": _sum,
    "loss_low": _low,
    "loss_high": _high,
    "loss_not_finite": _sum,
    "norm_low": _low,
    "norm_high": _high,
    "norm_not_finite": _sum,
    "clipped": _sum,
    "smoothed_loss": _last,
    "smoothed_norm": _last,
    "clip_threshold": _last,
    "held_out_loss": _last_known,
    "held_out_at": _last_known,
}
