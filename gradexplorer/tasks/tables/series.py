"""From a table's columns to one series without gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradexplorer.errors import InputError
from gradexplorer.tasks.tables.roles import Roles
from gradexplorer.tasks.tables.table import Column, Table
from gradexplorer.tasks.tables.times import count_of_values, steps_note, time_axis

Values = NDArray[np.float64]

_FEWEST_ROWS = 10


@dataclass(frozen=True, eq=False)
class Series:
    """Rows without gaps.

    Attributes
    ----------
    roles : Roles
    target : ndarray, shape (N,)
    inputs : ndarray, shape (N, D)
    times : ndarray, shape (N,)
    time_name : str
        What the times are, with their unit.
    rows : ndarray of intp, shape (N,)
        Where each row stands in the table.
    notes : tuple of str
        What was done about missing values, and what is unusual about the times.
    """

    roles: Roles
    target: Values
    inputs: Values
    times: Values
    time_name: str
    rows: NDArray[np.intp]
    notes: tuple[str, ...]


def make_series(table: Table, roles: Roles, missing: str) -> Series:
    """Put the rows in order and treat what is missing.

    Parameters
    ----------
    table : Table
    roles : Roles
    missing : str
        ``"refuse"``, ``"interpolate"`` (linear between the rows before and after; at the ends the
        nearest value), ``"carry"`` (the last known value; rows before the first are left out) or
        ``"drop"`` (rows that miss any value).

    Raises
    ------
    InputError
        Values are missing and refused, the times go back, or too few rows are left.
    """
    times, name = time_axis(table, roles.time)
    notes = []
    numbers = np.stack([column.values for column in roles.numbers], axis=1)
    rows = np.arange(table.rows)
    if len(times) > 1 and times[-1] < times[0]:
        times, numbers, rows = times[::-1], numbers[::-1], rows[::-1]
        notes.append("The newest row came first; the order was turned round.")
    if roles.time is not None and (uneven := steps_note(table, roles.time, rows)):
        notes.append(uneven)
    numbers, kept, words = _treated(table, roles.numbers, numbers, rows, missing)
    if words:
        notes.insert(0, words)
    if len(kept) < _FEWEST_ROWS:
        raise InputError(
            f"task.file cannot be used. {table.path} has {len(kept):,} rows that can be used; at "
            f"least {_FEWEST_ROWS} are needed."
        )
    places = [roles.numbers.index(column) for column in roles.inputs]
    target = numbers[:, roles.numbers.index(roles.target)]
    return Series(roles, target, numbers[:, places], times[kept], name, rows[kept], tuple(notes))


def _treated(
    table: Table,
    columns: tuple[Column, ...],
    numbers: Values,
    rows: NDArray[np.intp],
    missing: str,
) -> tuple[Values, NDArray[np.intp], str]:
    """Return numbers without a gap, the rows of them that are kept, and what was done."""
    absent = np.isnan(numbers)
    every = np.arange(len(numbers))
    if not absent.any():
        return numbers, every, ""
    counts = ", ".join(
        f"{column.name} {count:,}"
        for column, count in zip(columns, absent.sum(axis=0), strict=True)
        if count
    )
    if missing == "refuse":
        first = table.place(int(rows[absent.any(axis=1)].min()))
        raise InputError(
            f"task.missing is 'refuse', and {count_of_values(absent.sum())} are missing ({counts}; "
            f"the first in {first}); choose 'interpolate', 'carry' or 'drop'."
        )
    if missing == "drop":
        kept = np.flatnonzero(~absent.any(axis=1))
        dropped = len(numbers) - len(kept)
        return numbers[kept], kept, f"Missing: {counts}; rows dropped: {dropped:,}."
    if missing == "interpolate":
        filled = numbers.copy()
        for column, gap in zip(filled.T, absent.T, strict=True):
            column[gap] = np.interp(every[gap], every[~gap], column[~gap])
        return filled, every, f"Missing: {counts}; interpolated."
    latest = np.maximum.accumulate(np.where(absent, -1, every[:, None]), axis=0)
    kept = np.flatnonzero((latest >= 0).all(axis=1))
    filled = np.take_along_axis(numbers, latest, axis=0)[kept]
    before = f"; rows before the first value: {kept[0]:,}, left out" if kept[0] else ""
    return filled, kept, f"Missing: {counts}; the last value was carried forward{before}."
