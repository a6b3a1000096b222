"""A bounded sample of a run, spread evenly over all of it however long it becomes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

import numpy as np


class _OfAnUpdate(Protocol):
    @property
    def iteration(self) -> int: ...


Item = TypeVar("Item", bound=_OfAnUpdate)


class EvenSample(Generic[Item]):
    """Items along a run's updates: the first, the latest, and as many between as there is room for.

    Where they become too many or too large, that one goes whose neighbours are nearest to each
    other. So no gap is much wider than another, and what was early stays as well seen as what
    is new.

    Parameters
    ----------
    most : int
        Items, at least 2.
    most_bytes : int
        Of all of them; two are kept whatever they take.
    measure : callable
        Returns how many bytes an item takes.
    """

    def __init__(self, most: int, most_bytes: int, measure: Callable[[Item], int]) -> None:
        self._most, self.most_bytes, self._measure = most, most_bytes, measure
        self._items: list[Item] = []
        self._sizes: list[int] = []
        self._spacing = 0.0

    def __len__(self) -> int:
        return len(self._items)

    @property
    def bytes(self) -> int:
        """What the items take."""
        return sum(self._sizes)

    @property
    def items(self) -> list[Item]:
        """The items, in the order of their updates."""
        return list(self._items)

    @property
    def iterations(self) -> list[int]:
        """Their updates."""
        return [item.iteration for item in self._items]

    def add(self, item: Item) -> None:
        """Take an item; one that is not later than the latest is left out."""
        if self._items and item.iteration <= self._items[-1].iteration:
            return
        self._items.append(item)
        self._sizes.append(self._measure(item))
        while len(self) > 2 and (len(self) > self._most or self.bytes > self.most_bytes):
            self._drop_one()

    def wants(self, iteration: int) -> bool:
        """Whether an item there would be kept for long: not if others were just thinned out."""
        return not self._items or iteration - self._items[-1].iteration > self._spacing

    def nearest(self, iteration: int) -> Item | None:
        """Return the item nearest to an update, the earlier of two; ``None`` without any."""
        after = bisect_right(self.iterations, iteration)
        around = self._items[max(0, after - 1) : after + 1]
        return min(around, key=lambda item: abs(item.iteration - iteration), default=None)

    def until(self, iteration: int) -> EvenSample[Item]:
        """Return those up to an update."""
        part = EvenSample(self._most, self.most_bytes, self._measure)
        stop = bisect_right(self.iterations, iteration)
        part._items, part._sizes = self._items[:stop], self._sizes[:stop]
        return part

    def take(self) -> tuple[Item, ...]:
        """Return all of them, and keep none."""
        taken, self._items, self._sizes = tuple(self._items), [], []
        return taken

    def _drop_one(self) -> None:
        at = np.array(self.iterations)
        place = 1 + int(np.argmin(at[2:] - at[:-2]))
        del self._items[place], self._sizes[place]
        self._spacing = float(at[-1] - at[0]) / len(at)
