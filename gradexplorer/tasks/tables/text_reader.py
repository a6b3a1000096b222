"""Tables written as text: CSV, TSV and their kin."""

from __future__ import annotations

import csv
import io
from array import array
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gradexplorer.errors import InputError
from gradexplorer.tasks.tables.cells import DateReader, Fault, NumberReader
from gradexplorer.tasks.tables.sniff import SAMPLE_LINES, Row, rows_of, sniff
from gradexplorer.tasks.tables.source import TextScan, opened, scan_text
from gradexplorer.tasks.tables.table import (
    MAX_COLUMNS,
    MAX_VALUES,
    Column,
    Kind,
    Layout,
    Table,
    Watch,
    shown,
    unique_names,
    unwatched,
)

HEAD_ROWS = 8
_MAX_LINE = 1_000_000  # letters
_CHUNK_CELLS = 1 << 15
_SCANNED = 0.1  # the share of the time that finding the encoding takes
_ENCODINGS = {"utf-8-sig": "UTF-8", "cp1252": "Windows-1252", "utf-16": "UTF-16"}


def read_text_table(path: Path, wanted: Layout | None = None, watch: Watch = unwatched) -> Table:
    """Read a table in bounded memory: of each column its numbers or dates are kept, no texts.

    Parameters
    ----------
    path : Path
    wanted : Layout, optional
        How it is made up, as far as it is not to be found out.
    watch : callable
        Is told the share that is done; what it raises ends the reading.

    Raises
    ------
    InputError
        It is no table, or one that is too large; the line is named.
    """
    with opened(path) as file:
        scanned = scan_text(file, path, lambda share: watch(_SCANNED * share))
        size = file.tell()
        file.seek(0)
        text = io.TextIOWrapper(file, encoding=scanned.encoding)
        sample = list(islice(_Lines(text, path), SAMPLE_LINES))
        layout, warnings = sniff(sample, wanted or Layout())
        text.seek(0)
        builder = _Builder(path, layout)
        try:
            for rows, lines in _chunks(_Lines(text, path), layout.delimiter, builder):
                if file.tell() > size:
                    break  # it grows while it is read, for which it is refused when it is closed
                builder.take(rows, lines)
                watch(min(1.0, _SCANNED + (1.0 - _SCANNED) * file.tell() / size))
        finally:
            text.detach()
    return builder.table(scanned, warnings)


class _Lines:
    """The lines of a text, none too long, counted as they are read."""

    def __init__(self, text: io.TextIOWrapper, path: Path) -> None:
        self._text, self._path = text, path
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(_MAX_LINE + 1):
            self.number += 1
            if len(line) > _MAX_LINE:
                raise InputError(
                    f"{self._path} is not a table: line {self.number:,} has more than "
                    f"{_MAX_LINE:,} letters."
                )
            yield line


def _chunks(
    lines: _Lines, delimiter: str, builder: _Builder
) -> Iterator[tuple[list[Row], list[int]]]:
    """Yield rows that are not empty with the lines in which they end, some thousand cells each."""
    rows: list[Row] = []
    numbers: list[int] = []
    empty = cells = 0
    try:
        for row in rows_of(lines, delimiter):
            if not row:
                empty += 1
                continue
            builder.empty_lines, empty = builder.empty_lines + empty, 0
            rows.append(row)
            numbers.append(lines.number)
            cells += len(row)
            if cells >= _CHUNK_CELLS:
                yield rows, numbers
                rows, numbers, cells = [], [], 0
    except csv.Error as error:
        raise InputError(
            f"{builder.path}, line {lines.number:,} cannot be read: a quotation mark may be open "
            f"from there on ({error})."
        ) from error
    if rows:
        yield rows, numbers


class _Builder:
    """Puts columns together from rows.

    Attributes
    ----------
    empty_lines : int
        Those that were left out between rows.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        self.path, self.layout = path, layout
        self.empty_lines = 0
        self._names: list[str] = []
        self._columns: list[_ColumnReader] = []
        self._lines = array("q")
        self._head: list[tuple[str, ...]] = []
        self._first_line = 0

    def take(self, rows: list[Row], lines: list[int]) -> None:
        """Take further rows, of which the very first may name the columns."""
        if not self._columns:
            rows, lines = self._begin(rows, lines)
        self._check(rows, lines)
        self._lines.extend(lines)
        if len(self._head) < HEAD_ROWS:
            self._head += [tuple(row) for row in rows[: HEAD_ROWS - len(self._head)]]
        for column, cells in zip(self._columns, zip(*rows, strict=True), strict=False):
            column.take(cells)
        kept = len(self._lines) + sum(column.kept for column in self._columns)
        if kept > MAX_VALUES:
            raise InputError(
                f"{self.path} has more than {MAX_VALUES:,} values up to line {lines[-1]:,}; keep "
                "fewer rows, or only the columns that you need."
            )

    def _begin(self, rows: list[Row], lines: list[int]) -> tuple[list[Row], list[int]]:
        count, self._first_line = len(rows[0]), lines[0]
        if count > MAX_COLUMNS:
            raise InputError(
                f"{self.path}, line {lines[0]:,} has {count:,} columns; at most {MAX_COLUMNS:,} "
                "are read."
            )
        header = self.layout.header == "yes"
        self._names = unique_names(rows[0] if header else [""] * count)
        comma = self.layout.decimal == "comma"
        self._columns = [_ColumnReader(comma) for _ in range(count)]
        return rows[header:], lines[header:]

    def _check(self, rows: list[Row], lines: list[int]) -> None:
        count = len(self._columns)
        if all(len(row) == count for row in rows):
            return
        row, line = next(
            (row, line) for row, line in zip(rows, lines, strict=True) if len(row) != count
        )
        raise InputError(
            f"{self.path}, line {line:,} has {_fields(len(row))}, where line {self._first_line:,} "
            f"has {count:,} (delimiter: {self.layout.delimiter}). Mend that line, or choose "
            "another delimiter."
        )

    def table(self, scanned: TextScan, warnings: list[str]) -> Table:
        """Return what was read; raises `InputError` if there is no row."""
        if not len(self._lines):
            what = "no row under its header" if self._columns else "no row"
            raise InputError(f"{self.path} has {what}.")
        lines = np.frombuffer(self._lines, np.int64)
        columns = tuple(
            column.finish(name, lines)
            for name, column in zip(self._names, self._columns, strict=True)
        )
        warnings = [*warnings, *_doubts(scanned, self.empty_lines, self._columns, columns)]
        words = [f"{self.layout.delimiter}-separated text"] if len(columns) > 1 else ["text"]
        words.append(f"decimal {self.layout.decimal}")
        words.append("names in its first row" if self.layout.header == "yes" else "no names")
        words.append(_ENCODINGS[scanned.encoding])
        return Table(
            path=self.path,
            sha256=scanned.sha256,
            columns=columns,
            rows=len(lines),
            lines=lines,
            head=tuple(self._head),
            format=", ".join(words),
            layout=self.layout,
            warnings=tuple(warnings),
        )


class _ColumnReader:
    """One column's cells, taken as whatever they may still be."""

    def __init__(self, comma: bool) -> None:
        self._number, self._date = NumberReader(comma), DateReader()

    @property
    def kept(self) -> int:
        return len(self._number.values) + sum(map(len, self._date.found.values()))

    def take(self, cells: tuple[str, ...]) -> None:
        self._number.take(cells)
        self._date.take(cells)
        if self._number.fault is not None:
            del self._number.values[:]

    @property
    def formats(self) -> list[str]:
        """The formats of a date that suit every cell."""
        return list(self._date.found)

    def finish(self, name: str, lines: NDArray[np.int64]) -> Column:
        fault = self._number.fault
        if fault is None:
            values = np.frombuffer(self._number.values)
            return Column(name, "empty" if np.isnan(values).all() else "number", values)
        if self._date.found:
            return Column(name, "date", _likeliest(self._date.found))
        kind: Kind = "mixed" if self._number.mostly else "text"
        return Column(name, kind, np.zeros(0), _described(fault, lines))


def _described(fault: Fault, lines: NDArray[np.int64]) -> str:
    return f"line {lines[fault.row]:,}: {shown(fault.cell)} {fault.reason}"


def _likeliest(found: dict[str, array[float]]) -> NDArray[np.float64]:
    """Of day/month and month/day, where both suit, return the one that goes on without going back.

    If that does not tell either, the day comes first.
    """
    readings = [np.frombuffer(values) for values in found.values()]
    return next((values for values in readings if _is_ordered(values)), readings[0])


def _is_ordered(values: NDArray[np.float64]) -> bool:
    steps = np.diff(values[~np.isnan(values)])
    return bool((steps >= 0).all() or (steps <= 0).all())


def _doubts(
    scanned: TextScan, empty: int, readers: list[_ColumnReader], columns: tuple[Column, ...]
) -> list[str]:
    """Return what a person may want to look at."""
    found = []
    if scanned.first_not_utf8:
        found.append(
            f"Line {scanned.first_not_utf8:,} is not UTF-8, so the file was read as Windows-1252."
        )
    if empty:
        found.append(f"Lines without anything in them were left out: {empty:,}.")
    for reader, column in zip(readers, columns, strict=True):
        if column.kind == "mixed":
            found.append(f"{column.name} is not read as numbers, because of {column.fault}.")
        elif column.kind == "date" and len(reader.formats) > 1:
            found.append(
                f"{column.name} may be {' or '.join(reader.formats)}; the first that is in order "
                "was taken."
            )
    return found


def _fields(count: int) -> str:
    return "1 field" if count == 1 else f"{count:,} fields"
