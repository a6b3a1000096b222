"""Cells of a text as numbers and dates."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time
from itertools import compress
from typing import NamedTuple

_MISSING = frozenset(
    ("", "na", "n/a", "#n/a", "<na>", "nan", "null", "none", "nil", "missing", "-", "--", "?", ".")
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

ParseDate = Callable[[str], datetime]


class Fault(NamedTuple):
    """The first cell that does not belong: its row, what it says, and what is wrong with it."""

    row: int
    cell: str
    reason: str


def is_missing(cell: str) -> bool:
    """Tell whether a cell says that there is no value."""
    return cell.strip().lower() in _MISSING


def number(cell: str, comma: bool) -> float:
    """Return a number, NaN for a missing one; raises `ValueError` for anything else."""
    if is_missing(cell):
        return math.nan
    if "_" in cell or (comma and "." in cell):  # Python would take 1_000, nobody else writes it
        raise ValueError(cell)
    return float(cell.replace(",", ".") if comma else cell)


class NumberReader:
    """Takes a column's cells as numbers, for as long as they are.

    Parameters
    ----------
    comma : bool
        Whether the decimal sign is a comma.

    Attributes
    ----------
    values : array of float64
    fault : Fault or None
        Once it is set nothing more is taken.
    mostly : bool
        Whether until then most cells were numbers.
    """

    def __init__(self, comma: bool) -> None:
        self.comma = comma
        self.values = array("d")
        self.fault: Fault | None = None
        self.mostly = True

    def take(self, cells: Sequence[str]) -> None:
        """Take further cells."""
        if self.fault is not None:
            return
        first = len(self.values)
        try:
            self.values.extend(self._quickly(cells))
        except ValueError:
            del self.values[first:]
            self._one_by_one(cells)
        taken = self.values[first:]
        if self.fault is None and any(map(math.isinf, taken)):
            row = next(row for row, value in enumerate(taken) if math.isinf(value))
            self.fault = Fault(first + row, cells[row], "is not finite")

    def _quickly(self, cells: Sequence[str]) -> map[float]:
        """Read cells of which none is missing; raises `ValueError` for others, good or bad."""
        text = "\0".join(cells)
        if "_" in text or (self.comma and "." in text):
            raise ValueError(text)
        return map(float, text.replace(",", ".").split("\0") if self.comma else cells)

    def _one_by_one(self, cells: Sequence[str]) -> None:
        before = len(self.values)
        for cell in cells:
            try:
                self.values.append(number(cell, self.comma))
            except ValueError:
                self.fault = Fault(len(self.values), cell, "is not a number")
                break
        else:
            return
        good = sum(_is_number(cell, self.comma) for cell in cells)
        there = sum(not is_missing(cell) for cell in cells)
        self.mostly = 2 * (before + good) >= before + there


def _is_number(cell: str, comma: bool) -> bool:
    try:
        return math.isfinite(number(cell, comma))
    except ValueError:
        return False


def _parts(sign: str, order: str) -> ParseDate:
    """Return what reads dates such as 31.12.2024, with or without a time of day behind."""

    def parse(cell: str) -> datetime:
        date, _, clock = cell.strip().partition(" ")
        fields = dict(zip(order, date.split(sign), strict=True))
        if len(fields["Y"]) != 4:
            raise ValueError(cell)
        day = datetime(int(fields["Y"]), int(fields["M"]), int(fields.get("D", 1)))
        return datetime.combine(day, time.fromisoformat(clock.strip())) if clock else day

    return parse


def _iso(cell: str) -> datetime:
    if cell.isdigit():  # 20241231 may be a date, and is more often a number
        raise ValueError(cell)
    return datetime.fromisoformat(cell.strip())


DATE_FORMATS: dict[str, ParseDate] = {
    "year-month-day": _iso,
    "year-month": _parts("-", "YM"),
    "year/month/day": _parts("/", "YMD"),
    "day.month.year": _parts(".", "DMY"),
    "day/month/year": _parts("/", "DMY"),
    "month/day/year": _parts("/", "MDY"),
    "day-month-year": _parts("-", "DMY"),
}


class DateReader:
    """Takes a column's cells as dates, in every format that suits all of them so far.

    Attributes
    ----------
    found : dict of str to array of float64
        Format -> seconds since 1970; a date without a zone is taken as UTC.
    """

    def __init__(self) -> None:
        self.found = {name: array("d") for name in DATE_FORMATS}

    def take(self, cells: Sequence[str]) -> None:
        """Take further cells."""
        if not self.found:
            return
        there = [not is_missing(cell) for cell in cells]
        given = list(compress(cells, there))
        for name in list(self.found):
            try:
                moments = iter([seconds(DATE_FORMATS[name](cell)) for cell in given])
            except (ValueError, OverflowError):
                del self.found[name]
            else:
                self.found[name].extend(next(moments) if one else math.nan for one in there)


def seconds(moment: datetime) -> float:
    """Return seconds since 1970."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH).total_seconds()


def is_date(cell: str) -> bool:
    """Tell whether a cell is a date in any of the formats."""
    for parse in DATE_FORMATS.values():
        try:
            parse(cell)
        except (ValueError, OverflowError):
            continue
        return True
    return False
