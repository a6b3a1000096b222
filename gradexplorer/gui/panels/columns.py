"""Columns of several runs beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from gradexplorer.export.tables import Table
from gradexplorer.gui.pinned import PinnedRun

Columns = Mapping[str, Any]


def beside(
    index: str, numbers: Any, own: Columns, others: Iterable[tuple[PinnedRun, Any, Columns]] = ()
) -> Table:
    """Return the columns of a run and, with their signs behind the names, those of pinned ones.

    Parameters
    ----------
    index : str
        The name of the column that counts; it is as long as the longest run's.
    numbers : sequence of int
        Of the run itself, ascending.
    own : mapping of str to sequence
    others : iterable of (PinnedRun, sequence of int, mapping of str to sequence)
        Likewise; a row of each number that any of them has.
    """
    others = tuple(others)
    every = np.asarray(numbers)
    for _, theirs, _ in others:
        every = np.union1d(every, np.asarray(theirs))
    columns: dict[str, Any] = {index: every}
    for name, values in own.items():
        columns[name] = _spread(every, numbers, values)
    for run, theirs, parts in others:
        for name, values in parts.items():
            columns[f"{name}{run.sign}"] = _spread(every, theirs, values)
    return Table(columns)


def _spread(every: Any, numbers: Any, values: Any) -> Any:
    """Return values at all numbers, masked where there is none."""
    if len(every) == len(numbers):
        return values
    values = np.ma.asarray(values)
    spread = np.ma.array(np.zeros(len(every), values.dtype), mask=True)
    spread[np.searchsorted(every, np.asarray(numbers))] = values
    return spread
