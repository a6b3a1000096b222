"""Arrays of NumPy: npy, and npz with one array a column or a block of columns.

A header is read and checked against what follows it before anything is allocated; nothing is
ever unpickled.
"""

from __future__ import annotations

import math
import zipfile
import zlib
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from gradexplorer.errors import InputError
from gradexplorer.tasks.tables.source import opened, sha256_of
from gradexplorer.tasks.tables.table import (
    MAX_COLUMNS,
    MAX_VALUES,
    Column,
    Kind,
    Table,
    Watch,
    unique_names,
    unwatched,
)
from gradexplorer.tasks.tables.text_reader import HEAD_ROWS

_BLOCK = 1 << 20
_MAX_ENTRIES = MAX_COLUMNS
_MAX_DIRECTORY = 1 << 20  # bytes; zipfile makes an object of every 46 of them
_END, _END_BYTES, _LONGEST_COMMENT = b"PK\5\6", 22, 1 << 16
_KINDS = "biufM"  # booleans, whole numbers, floats, dates


class _Header(NamedTuple):
    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype

    @property
    def values(self) -> int:
        return math.prod(self.shape)


def read_array_table(path: Path, watch: Watch = unwatched) -> Table:
    """Read an npy or npz file in bounded memory.

    Parameters
    ----------
    path : Path
    watch : callable
        Is told the share that is done; what it raises ends the reading.

    Raises
    ------
    InputError
        It is damaged, too large, or of objects; the array's name is given.
    """
    with opened(path) as file:
        zipped = file.read(2) == b"PK"
        sha256 = sha256_of(file, lambda share: watch(0.2 * share))
        size = file.tell()
        file.seek(0)
        if zipped:
            arrays, notes = _read_npz(file, path, watch)
        else:
            header = _read_header(file, str(path), size)
            arrays, notes = {"": _read_data(file, header, str(path))}, []
    watch(1.0)
    return _table(path, sha256, arrays, "npz" if zipped else "npy", notes)


def _read_npz(
    file: IO[bytes], path: Path, watch: Watch
) -> tuple[dict[str, NDArray[np.generic]], list[str]]:
    """Read every array that has rows; others are named in the notes."""
    _refuse_many_entries(file, path)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            if len(entries) > _MAX_ENTRIES:
                raise InputError(
                    f"{path} has {len(entries):,} arrays; at most {_MAX_ENTRIES:,} are read."
                )
            return _read_entries(archive, entries, path, watch)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError(f"{path} is damaged, or not an npz file ({error}).") from error


def _refuse_many_entries(file: IO[bytes], path: Path) -> None:
    """Look at how long the list of entries is before it is read."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END_BYTES - _LONGEST_COMMENT))
    end = file.read()
    at = end.rfind(_END)
    if at >= 0 and int.from_bytes(end[at + 12 : at + 16], "little") > _MAX_DIRECTORY:
        raise InputError(f"{path} has too many arrays; at most {_MAX_ENTRIES:,} are read.")
    file.seek(0)


def _read_entries(
    archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], path: Path, watch: Watch
) -> tuple[dict[str, NDArray[np.generic]], list[str]]:
    arrays: dict[str, NDArray[np.generic]] = {}
    notes, left = [], MAX_VALUES
    for index, entry in enumerate(entries):
        watch(0.2 + 0.8 * index / len(entries))
        name = entry.filename.removesuffix(".npy")
        where = f"{path}, array {name!r}"
        if not entry.filename.endswith(".npy") or name in arrays:
            raise InputError(
                f"{path} is not an npz file: it has {entry.filename!r}. A spreadsheet can be saved "
                "as CSV."
            )
        with archive.open(entry) as stream:
            header = _read_header(stream, where, entry.file_size, left)
            if not header.shape or header.dtype.kind in "US":
                notes.append(f"{name} has no rows of numbers and was left out.")
                continue
            arrays[name] = _read_data(stream, header, where)
            left -= header.values
    if not arrays:
        raise InputError(f"{path} has no array with rows of numbers.")
    return arrays, notes


def _read_header(stream: IO[bytes], where: str, size: int, limit: int = MAX_VALUES) -> _Header:
    """Read what an array says of itself and refuse what cannot be or is too much."""
    try:
        version = npy.read_magic(stream)
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        header = _Header(*read(stream))
    except (ValueError, EOFError, TypeError, SyntaxError, OverflowError, MemoryError) as error:
        raise InputError(f"{where} is not an npy array, or its header is damaged.") from error
    if header.dtype.hasobject:
        raise InputError(
            f"{where} holds Python objects, which are never loaded; save numbers (dtype float64)."
        )
    if any(length < 0 for length in header.shape):
        raise InputError(f"{where} has a damaged header: its shape is {_shape(header)}.")
    declared, there = header.values * header.dtype.itemsize, size - stream.tell()
    if declared != there:
        raise InputError(
            f"{where} has a header that does not fit: {_shape(header)} of {header.dtype} are "
            f"{declared:,} bytes, and {there:,} follow."
        )
    if header.values > limit:
        raise InputError(
            f"{where} has {header.values:,} values; at most {MAX_VALUES:,} are read from a file. "
            "Keep fewer rows or columns."
        )
    return header


def _read_data(stream: IO[bytes], header: _Header, where: str) -> NDArray[np.generic]:
    if header.dtype.kind not in _KINDS:
        raise InputError(
            f"{where} has the type {header.dtype}; it must be of real numbers or dates."
        )
    if len(header.shape) not in (1, 2):
        raise InputError(
            f"{where} has the shape {_shape(header)}; it must have rows, or rows and columns."
        )
    data = np.empty(header.values, header.dtype)
    target, filled = data.view(np.uint8).data, 0
    while filled < len(target):
        block = stream.read(min(_BLOCK, len(target) - filled))
        if not block:
            raise InputError(f"{where} is cut off.")
        target[filled : filled + len(block)] = block
        filled += len(block)
    return data.reshape(header.shape, order="F" if header.fortran else "C")


def _shape(header: _Header) -> str:
    return " × ".join(f"{length:,}" for length in header.shape) or "that of a single number"


def _table(
    path: Path, sha256: str, arrays: dict[str, NDArray[np.generic]], kind: str, notes: list[str]
) -> Table:
    rows = len(next(iter(arrays.values())))
    names: list[str] = []
    columns: list[NDArray[np.generic]] = []
    for name, data in arrays.items():
        if len(data) != rows:
            raise InputError(
                f"{path}, array {name!r} has {len(data):,} rows, where "
                f"{next(iter(arrays))!r} has {rows:,}; all must have the same."
            )
        parts = [data] if data.ndim == 1 else list(data.T)
        names += [name] if len(parts) == 1 else [f"{name} {i}".strip() for i in range(len(parts))]
        columns += parts
    if not rows or not columns:
        raise InputError(f"{path} has no rows.")
    if len(columns) > MAX_COLUMNS:
        raise InputError(
            f"{path} has {rows:,} rows and {len(columns):,} columns, of which at most "
            f"{MAX_COLUMNS:,} are read; is it transposed?"
        )
    if len(columns) > rows:
        notes.append(f"There are {rows:,} rows and {len(columns):,} columns; is it transposed?")
    if kind == "npy" and len(columns) > 1:
        names = [""] * len(columns)  # they have no names
    shape = " × ".join(f"{length:,}" for length in next(iter(arrays.values())).shape)
    return Table(
        path=path,
        sha256=sha256,
        columns=tuple(map(_column, unique_names(names), columns)),
        rows=rows,
        lines=None,
        head=tuple(
            tuple(str(part[row]) for part in columns) for row in range(min(rows, HEAD_ROWS))
        ),
        format=f"npy array, {shape}" if kind == "npy" else f"npz, arrays: {len(arrays):,}",
        warnings=tuple(notes),
    )


def _column(name: str, data: NDArray[np.generic]) -> Column:
    """Return an array's numbers as float64, and its dates as seconds."""
    kind: Kind = "number"
    if data.dtype.kind == "M":
        kind, missing = "date", np.isnat(data)
        values = data.astype("datetime64[us]").astype(np.float64) / 1e6
        values[missing] = np.nan
    else:
        values = data.astype(np.float64)
    infinite = np.isinf(values)
    if infinite.any():
        return Column(name, "mixed", np.zeros(0), f"row {infinite.argmax() + 1:,} is not finite")
    return Column(name, "empty" if np.isnan(values).all() else kind, values)
