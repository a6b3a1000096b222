"""Rows that are too many for memory, in a file that is gone with the process."""

from __future__ import annotations

import mmap
import os
import tempfile
import weakref
from collections import deque
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

_AT_ONCE = 1 << 21  # bytes: a millisecond or a few
_DISK = Path("/var/tmp")  # unlike /tmp, never in memory


class Spill:
    """An array that grows on disk. When the disk is full it keeps what it has and says so.

    The file has no name, or is deleted by the system when it is closed, even if that is because
    the process was killed.

    Parameters
    ----------
    dtype : data-type

    Attributes
    ----------
    problem : str
        Why no more rows are taken; empty as long as they are.
    """

    def __init__(self, dtype: DTypeLike) -> None:
        self.problem = ""
        self._dtype = np.dtype(dtype)
        self._length = 0  # rows that are written
        self._waiting: deque[memoryview] = deque()
        # Whole rows at once: one that is written in part would be lost with the rest.
        self._at_once = _AT_ONCE // self._dtype.itemsize * self._dtype.itemsize
        self._file: IO[bytes] | None = None

    def __len__(self) -> int:
        self.flush()
        return self._length

    def append(self, rows: NDArray[Any]) -> None:
        """Add rows, or none of them once there is a `problem`.

        What many of them leave to be written waits for the next calls: whoever adds them draws.
        """
        if self.problem or not len(rows):
            return
        self._waiting.append(np.ascontiguousarray(rows).view(np.uint8).data)
        self.flush(self._at_once)

    def flush(self, limit: int | None = None) -> None:
        """Write what waits, or so many bytes of it."""
        written = 0
        try:
            while self._waiting and (limit is None or written < limit):
                part = self._waiting[0][: self._at_once]
                if self._file is None:
                    self._file = self._open()
                _write_all(self._file, part)
                written += len(part)
                self._length += len(part) // self._dtype.itemsize
                rest = self._waiting.popleft()[len(part) :]
                if len(rest):
                    self._waiting.appendleft(rest)
        except OSError as error:
            self.problem = error.strerror or str(error)
            self._waiting.clear()

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Return a copy of some rows."""
        self.flush()
        rows = np.empty(max(0, min(stop, self._length) - start), self._dtype)
        if len(rows) and self._file is not None:
            self._file.seek(start * self._dtype.itemsize)
            self._file.readinto(rows.view(np.uint8))  # type: ignore[attr-defined]
            self._file.seek(self._length * self._dtype.itemsize)
        return rows

    def mapped(self) -> NDArray[Any]:
        """Return all rows, read-only; they take memory only where they are looked at."""
        self.flush()
        if self._file is None or not self._length:
            return np.empty(0, self._dtype)
        size = self._length * self._dtype.itemsize
        mapping = mmap.mmap(self._file.fileno(), size, access=mmap.ACCESS_READ)
        return np.frombuffer(mapping, self._dtype, self._length)

    def _open(self) -> IO[bytes]:
        folder = _DISK if "TMPDIR" not in os.environ and os.access(_DISK, os.W_OK) else None
        file = tempfile.TemporaryFile(buffering=0, dir=folder, prefix="gradexplorer-")  # noqa: SIM115
        weakref.finalize(self, file.close)
        return file


def _write_all(file: IO[bytes], data: memoryview) -> None:
    while len(data):
        data = data[file.write(data) :]
