"""What a text's first lines say about how it is made up."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from gradexplorer.tasks.tables.cells import is_date, is_missing, number
from gradexplorer.tasks.tables.table import DELIMITERS, Layout

SAMPLE_LINES = 100
COMMENT = "#"
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+")

Row = list[str]


def rows_of(lines: Iterable[str], delimiter: str) -> Iterator[Row]:
    """Cut lines into rows; an empty line gives an empty one.

    Parameters
    ----------
    lines : iterable of str
    delimiter : str
        A key of `DELIMITERS`; ``"space"`` is any run of them.
    """
    lines = (line for line in lines if not line.startswith(COMMENT))
    if delimiter == "space":
        return (line.split() for line in lines)
    return csv.reader(lines, delimiter=DELIMITERS[delimiter])


def sniff(lines: list[str], wanted: Layout) -> tuple[Layout, list[str]]:
    """Find the delimiter, the decimal sign and whether there is a header.

    Of all ways to read the lines that is taken which gives most rows of the first one's length and
    most cells that are numbers or dates; of two about as good the one with several columns. What
    is wanted otherwise is left as it is.

    Returns
    -------
    layout : Layout
        With no ``auto`` left.
    warnings : list of str
    """
    tries = [
        _Try.of(lines, delimiter, decimal)
        for delimiter in ([*DELIMITERS] if wanted.delimiter == "auto" else [wanted.delimiter])
        for decimal in (["point", "comma"] if wanted.decimal == "auto" else [wanted.decimal])
    ]
    best = max(tries, key=_Try.key)  # the first of equals
    header = wanted.header
    if header == "auto":
        header = "yes" if _has_header(best) else "no"
    layout = replace(wanted, delimiter=best.delimiter, decimal=best.decimal, header=header)
    return layout, _doubts(best, wanted)


@dataclass(frozen=True)
class _Try:
    """The lines as one delimiter and one decimal sign would have them."""

    delimiter: str
    decimal: str
    rows: list[Row]
    regular: float
    typed: float

    @classmethod
    def of(cls, lines: list[str], delimiter: str, decimal: str) -> _Try:
        try:
            rows = [row for row in rows_of(lines, delimiter) if row]
        except csv.Error:
            rows = []
        length, _ = Counter(map(len, rows)).most_common(1)[0] if rows else (0, 0)
        body = [row for row in rows[1:] or rows if len(row) == length]
        cells = [cell for row in body for cell in row if not is_missing(cell)]
        good = sum(is_value(cell, decimal) for cell in cells)
        typed = good / len(cells) if cells else 0.0
        same = sum(len(row) == len(rows[0]) for row in rows)
        return cls(delimiter, decimal, rows, same / len(rows) if same > 1 else 0.0, typed)

    @property
    def columns(self) -> int:
        return len(self.rows[0]) if self.rows else 0

    def key(self) -> tuple[float, bool, float]:
        quality = self.regular * self.typed
        return round(quality, 1), self.columns > 1, quality


def is_value(cell: str, decimal: str) -> bool:
    """Tell whether a cell is a number or a date."""
    try:
        number(cell, decimal == "comma")
    except ValueError:
        return is_date(cell)
    return True


def _has_header(best: _Try) -> bool:
    """Tell whether the first row names the columns: where it has a word, they have values."""
    if len(best.rows) < 2:
        return not any(is_value(cell, best.decimal) for row in best.rows for cell in row)
    first, *body = best.rows
    if any(is_value(cell, best.decimal) and not is_missing(cell) for cell in first):
        return all(cell.strip() for cell in first) and _words_over_values(first, body, best) > 0.5
    return _words_over_values(first, body, best) > 0.0 or not best.typed


def _words_over_values(first: Row, body: list[Row], best: _Try) -> float:
    """Return the share of columns of values that begin with a word."""
    words = values = 0
    for index, name in enumerate(first):
        cells = [row[index] for row in body if index < len(row) and not is_missing(row[index])]
        if cells and sum(is_value(cell, best.decimal) for cell in cells) > len(cells) / 2:
            values += 1
            words += not is_value(name, best.decimal) and not is_missing(name)
    return words / values if values else 0.0


def _doubts(best: _Try, wanted: Layout) -> list[str]:
    if wanted.decimal != "auto" or best.decimal != "comma":
        return []
    cells = [cell.strip() for row in best.rows[1:] for cell in row if "," in cell]
    if cells and all(map(_THOUSANDS.fullmatch, cells)):
        return [
            "Three digits follow every comma: it was taken for the decimal sign, and may be meant "
            "to part thousands. Those are not understood; save the file without them."
        ]
    return []
