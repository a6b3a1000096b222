"""Which of a table's columns is forecast, from which others, over which time."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gradexplorer.errors import InputError
from gradexplorer.tasks.tables.table import Column, Table, shown

COUNT_ROWS = "#"
_TIME_WORDS = frozenset(("time", "t", "year", "date", "datetime", "timestamp", "step", "index"))


class Roles(NamedTuple):
    """Which column is what.

    Attributes
    ----------
    target : Column
        What is forecast.
    inputs : tuple of Column
        What it is forecast from.
    time : Column or None
        The x-axis; ``None``: the rows are counted.
    """

    target: Column
    inputs: tuple[Column, ...]
    time: Column | None

    @property
    def numbers(self) -> tuple[Column, ...]:
        """Inputs and target, each once."""
        return tuple(dict.fromkeys((*self.inputs, self.target)))


def find_roles(table: Table, target: str, inputs: str, time: str) -> Roles:
    """Find the columns that a person named.

    Parameters
    ----------
    table : Table
    target : str
        Empty: the last column of numbers.
    inputs : str
        Names separated by commas, in quotes where they have one. Empty: the target alone.
    time : str
        ``"#"``: the rows are counted. Empty: the first column of dates, or the first column at
        all if its name says so and it never goes back.

    Raises
    ------
    InputError
        There is no such column, or it is not of numbers.
    """
    over = _time(table, time)
    forecast = _numbers(table, target, "target") if target else _last_numbers(table, over)
    names = [name.strip() for row in csv.reader([inputs], skipinitialspace=True) for name in row]
    chosen = [_numbers(table, name, "inputs") for name in names if name]
    return Roles(forecast, tuple(dict.fromkeys(chosen)) or (forecast,), over)


def joined(names: Sequence[str]) -> str:
    """Return names as `find_roles` takes them apart."""
    return ", ".join(
        f'"{name.replace(chr(34), chr(34) * 2)}"' if _odd(name) else name for name in names
    )


def _odd(name: str) -> bool:
    return "," in name or '"' in name


def _named(table: Table, name: str, setting: str) -> Column:
    column = table.column(name)
    if column is None:
        there = ", ".join(column.name for column in table.columns[:12])
        more = f" and {len(table.columns) - 12:,} more" if len(table.columns) > 12 else ""
        raise InputError(
            f"task.{setting} names {shown(name)}, and {table.path.name} has no such column; it has "
            f"{there}{more}."
        )
    return column


def _numbers(table: Table, name: str, setting: str) -> Column:
    column = _named(table, name, setting)
    if column.kind == "number":
        return column
    raise InputError(f"task.{setting} names {shown(name)}, {_why_not(column, table)}.")


def _why_not(column: Column, table: Table) -> str:
    """Say why a column is not one of numbers."""
    if column.kind == "empty":
        return f"in which all {table.rows:,} values are missing"
    return "which is of dates" if column.kind == "date" else f"which is not numbers: {column.fault}"


def _last_numbers(table: Table, time: Column | None) -> Column:
    """Return the last column that is, or is meant to be, of numbers."""
    others = [column for column in table.columns if column is not time]
    for column in reversed(others):
        if column.kind == "number":
            return column
        if column.kind == "mixed":
            break
    if not others:
        raise InputError(
            f"task.file cannot be used. {table.path} has one column, "
            f"{shown(table.columns[0].name)}, and it is the time; there is nothing to forecast."
        )
    column = next((column for column in reversed(others) if column.kind == "mixed"), others[-1])
    raise InputError(
        f"task.file cannot be used. {table.path} has a column {shown(column.name)}, "
        f"{_why_not(column, table)}. Mend it, or name another column as task.target."
    )


def _time(table: Table, name: str) -> Column | None:
    if name == COUNT_ROWS:
        return None
    if name:
        column = _named(table, name, "time")
        if column.kind in ("number", "date"):
            return column
        raise InputError(f"task.time names {shown(name)}, {_why_not(column, table)}.")
    for column in table.columns:
        if column.kind == "date":
            return column
    first = table.columns[0]
    named = first.name.lower() in _TIME_WORDS
    return first if named and first.kind == "number" and _rises(first) else None


def _rises(column: Column) -> bool:
    return bool(np.all(np.diff(column.values) > 0.0))  # and none is missing
