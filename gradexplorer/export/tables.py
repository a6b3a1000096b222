"""Tables as CSV: dot decimals whatever the locale, numbers that read back to the same bits."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradexplorer.files import atomic_writer

_BLOCK = 1 << 14  # rows that are Python objects at a time

WriteRow = Callable[[Sequence[Any]], object]


@dataclass(frozen=True, eq=False)
class Table:
    """Named columns of equal length; ``None`` or a masked value is an empty field."""

    columns: Mapping[str, Sequence[Any] | NDArray[Any]]


@contextmanager
def csv_writer(path: Path) -> Iterator[WriteRow]:
    """Give a function that appends a row to a CSV file, which appears when the block ends well.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    with atomic_writer(path) as file:
        text = io.TextIOWrapper(file, "utf-8", newline="")
        yield csv.writer(text, lineterminator="\n").writerow
        text.flush()
        text.detach()


def write_table(table: Table, path: Path) -> None:
    """Write a table as CSV in one atomic replacement; raises `InputError`."""
    with csv_writer(path) as write_row:
        write_row(list(table.columns))
        columns = table.columns.values()
        for start in range(0, max(map(len, columns), default=0), _BLOCK):
            block = slice(start, start + _BLOCK)
            for row in zip(*(_plain(column[block]) for column in columns), strict=True):
                write_row(row)


def _plain(column: Sequence[Any] | NDArray[Any]) -> Sequence[Any]:
    return column.tolist() if isinstance(column, np.ndarray) else column
