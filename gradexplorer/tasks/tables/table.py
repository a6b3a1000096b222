"""What was understood of a file: columns of numbers, dates and texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

# What is kept of a file: 80 MB in float64, and as much again where it is standardized.
MAX_VALUES = 10_000_000
MAX_COLUMNS = 1_000

Kind = Literal["number", "date", "text", "mixed", "empty"]
Watch = Callable[[float], None]


class CancelledError(Exception):
    """Whoever watches the reading wants no more of it."""


def unwatched(_share: float) -> None:
    """Watch nothing."""


@dataclass(frozen=True)
class Layout:
    """How a text is made up; ``auto`` stands for whatever it looks like.

    Attributes
    ----------
    delimiter : str
        A key of `DELIMITERS`.
    decimal : str
        ``"point"`` or ``"comma"``.
    header : str
        ``"yes"`` or ``"no"``: whether the first row names the columns.
    """

    delimiter: str = "auto"
    decimal: str = "auto"
    header: str = "auto"


DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "space": " "}


@dataclass(frozen=True, eq=False)
class Column:
    """One column.

    Attributes
    ----------
    name : str
        Unlike every other column's.
    kind : str
        ``mixed`` is mostly numbers and so perhaps meant as such; of it and of ``text`` no values
        are kept. ``empty`` has a missing value in every row.
    values : ndarray of float64, shape (N,)
        Numbers, or seconds since 1970 in UTC; NaN where one is missing.
    fault : str
        The place and the cell that is no number, where that is why the column is none.
    """

    name: str
    kind: Kind
    values: NDArray[np.float64]
    fault: str = ""

    @property
    def missing(self) -> int:
        """How many values are missing."""
        return int(np.count_nonzero(np.isnan(self.values)))


@dataclass(frozen=True, eq=False)
class Table:
    """A file's columns.

    Attributes
    ----------
    path : Path
    sha256 : str
        Of the file's bytes, in hexadecimal digits.
    columns : tuple of Column
    rows : int
        N.
    lines : ndarray of int64, shape (N,), or None
        The line in which each row ends; ``None``: the file has no lines.
    head : tuple of tuple of str
        The first rows as they are written.
    format : str
        What kind of file it is, in a few words.
    layout : Layout or None
        How a text was taken to be made up, with no ``auto`` left.
    warnings : tuple of str
        Sentences about what a person may want to look at.
    """

    path: Path
    sha256: str
    columns: tuple[Column, ...]
    rows: int
    lines: NDArray[np.int64] | None
    head: tuple[tuple[str, ...], ...]
    format: str
    layout: Layout | None = None
    warnings: tuple[str, ...] = ()

    def column(self, name: str) -> Column | None:
        """Return the column of a name, if there is one."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def size(self) -> str:
        """Say how many rows and columns there are."""
        rows, columns = (
            f"{count:,} {word}{'s' * (count != 1)}"
            for count, word in ((self.rows, "row"), (len(self.columns), "column"))
        )
        return f"{rows}, {columns}"

    def place(self, row: int) -> str:
        """Say where in the file a row is."""
        return f"row {row + 1:,}" if self.lines is None else f"line {self.lines[row]:,}"


def shown(text: str) -> str:
    """Return a cell or a name in quotes, never long and never with anything unprintable."""
    quoted = repr(text)
    return quoted if len(quoted) <= 42 else f"{quoted[:39]}...'"


def unique_names(names: list[str]) -> list[str]:
    """Return names that all differ: an empty one becomes its position, a second one is counted."""
    found: dict[str, None] = {}
    for position, name in enumerate(names, 1):
        name = base = " ".join(name.split())[:60] or f"column {position}"
        count = 1
        while name in found:
            count += 1
            name = f"{base} ({count})"
        found[name] = None
    return list(found)
