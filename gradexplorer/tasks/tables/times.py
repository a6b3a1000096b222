"""A series' time axis: dates as numbers, and whether they go forward in even steps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gradexplorer.errors import InputError
from gradexplorer.tasks.tables.roles import COUNT_ROWS
from gradexplorer.tasks.tables.table import Column, Table, shown

Values = NDArray[np.float64]

_DAY = 86_400.0
_UNEVEN = 1.05


def time_axis(table: Table, column: Column | None) -> tuple[Values, str]:
    """Return the time of each row and what it is, with its unit; ``None``: the rows are counted.

    Raises
    ------
    InputError
        A time is missing.
    """
    if column is None:
        return np.arange(1.0, table.rows + 1.0), "row"
    absent = np.isnan(column.values)
    if absent.any():
        first = table.place(int(absent.argmax()))
        raise InputError(
            f"task.time names {shown(column.name)}, which misses {count_of_values(absent.sum())}, "
            f"the first in {first}; mend it, or set task.time to {COUNT_ROWS} to count the rows."
        )
    if column.kind == "number":
        return column.values, column.name
    return date_axis(column.values)


def steps_note(table: Table, column: Column, rows: NDArray[np.intp]) -> str:
    """Say that the steps from row to row are uneven, or nothing.

    Parameters
    ----------
    table : Table
    column : Column
        The time.
    rows : ndarray of intp
        The table's rows in the order in which they are used.

    Raises
    ------
    InputError
        The time goes back.
    """
    steps = np.diff(column.values[rows])
    if (steps < 0.0).any():
        at = int(np.argmax(steps < 0.0)) + 1
        raise InputError(
            f"task.time names {shown(column.name)}, and {table.place(int(rows[at]))} goes back in "
            f"time; sort the rows, or set task.time to {COUNT_ROWS} to count them."
        )
    if len(steps) and steps.max() > _UNEVEN * _month(column, steps.min()):
        return (
            f"The steps of {column.name} are uneven: from {_span(column, steps.min())} to "
            f"{_span(column, steps.max())}. The network is not told."
        )
    return ""


def _month(column: Column, step: float) -> float:
    """Return a step; of a month, a quarter or a year the longest there is."""
    if column.kind == "date":
        for shortest, longest in ((28, 31), (90, 92), (365, 366)):
            if shortest * _DAY <= step <= longest * _DAY:
                return longest * _DAY
    return step


def _span(column: Column, step: float) -> str:
    if column.kind == "number":
        return f"{step:g}"
    for unit, size in (("days", _DAY), ("hours", 3600.0), ("minutes", 60.0)):
        if step >= size:
            return f"{step / size:.3g} {unit}"
    return f"{step:.3g} seconds"


def date_axis(seconds: Values) -> tuple[Values, str]:
    """Return dates as numbers of a unit that suits their span, and the unit's name."""
    span = seconds[-1] - seconds[0] if len(seconds) else 0.0
    moments = seconds.astype("datetime64[s]")
    if abs(span) > 2 * 366 * _DAY:
        years = moments.astype("datetime64[Y]")
        start, end = (_seconds(years + add) for add in (0, 1))
        return years.astype(np.float64) + 1970.0 + (seconds - start) / (end - start), "year"
    first = moments.min().astype("datetime64[D]")
    since = seconds - _seconds(first)
    unit, size = ("days", _DAY) if abs(span) > 2 * _DAY else ("hours", 3600.0)
    return since / size, f"{unit} since {first}"


def _seconds(moment: np.datetime64 | NDArray[np.datetime64]) -> Values:
    return moment.astype("datetime64[s]").astype(np.float64)


def count_of_values(count: int) -> str:
    """Return e.g. ``3 values``."""
    return "1 value" if count == 1 else f"{count:,} values"
