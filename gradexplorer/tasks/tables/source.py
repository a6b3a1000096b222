"""The bytes of a file before they are understood: their size, their hash, their encoding."""

from __future__ import annotations

import codecs
import hashlib
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gradexplorer.errors import InputError, cannot
from gradexplorer.tasks.tables.table import Watch

MAX_BYTES = 256 * 1024 * 1024
_BLOCK = 1 << 20
_NOT_WINDOWS = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")  # bytes that Windows-1252 leaves undefined


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file to be read whole.

    Raises
    ------
    InputError
        It is missing, no file, empty or too large, or was written to meanwhile.
    """
    try:
        before = path.stat()  # before opening: opening a pipe would wait for its other end
        if not stat.S_ISREG(before.st_mode):
            raise InputError(f"{path} is not a file.")
        if not before.st_size:
            raise InputError(f"{path} is empty.")
        if before.st_size > MAX_BYTES:
            raise InputError(
                f"{path} has {before.st_size:,} bytes; at most {MAX_BYTES:,} are read. Keep fewer "
                "rows, or only the columns that you need."
            )
        with path.open("rb") as file:
            yield file
        after = path.stat()
    except OSError as error:
        raise cannot("read", path, error) from error
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        if "\0" not in str(path):
            raise
        raise InputError(f"{str(path)!r} cannot be the name of a file.") from error
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
        raise InputError(f"{path} was written to while it was read; open it again.")


def sha256_of(file: BinaryIO, watch: Watch) -> str:
    """Return the hash of a file that is not larger than `MAX_BYTES`; it is left at its end."""
    found = hashlib.sha256()
    for block in _blocks(file, watch):
        found.update(block)
    return found.hexdigest()


@dataclass(frozen=True)
class TextScan:
    """What a text's bytes tell.

    Attributes
    ----------
    sha256 : str
    encoding : str
        As Python calls it.
    first_not_utf8 : int
        The first line that is not UTF-8; 0: there is none.
    """

    sha256: str
    encoding: str
    first_not_utf8: int = 0


def scan_text(file: BinaryIO, path: Path, watch: Watch) -> TextScan:
    """Find a text's encoding: that of its byte-order mark, UTF-8 or Windows-1252.

    Raises
    ------
    InputError
        It is none of these; its line is named.
    """
    start = file.read(4)
    file.seek(0)
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return _scan_utf16(file, path, watch)
    found, line, not_utf8, not_windows = hashlib.sha256(), 1, 0, 0
    decoder = codecs.getincrementaldecoder("utf-8")()
    for block in _blocks(file, watch):
        found.update(block)
        if (nul := block.find(0)) >= 0:
            raise InputError(
                f"{path} is not a text: line {line + block.count(10, 0, nul):,} has a NUL byte. If "
                "it is one in UTF-16, save it as UTF-8."
            )
        if not not_windows and (bad := _NOT_WINDOWS.search(block)):
            not_windows = line + block.count(10, 0, bad.start())
        if not not_utf8:
            not_utf8 = _first_bad_line(decoder, block, line)
        line += block.count(10)
    if not not_utf8 and decoder.getstate()[0]:  # cut off within a letter
        not_utf8 = line
    if not_utf8 and not_windows:
        raise InputError(
            f"{path}, line {min(not_utf8, not_windows):,} is neither UTF-8 nor Windows-1252 text. "
            "Save it as UTF-8."
        )
    return TextScan(found.hexdigest(), "cp1252" if not_utf8 else "utf-8-sig", not_utf8)


def _first_bad_line(decoder: codecs.IncrementalDecoder, block: bytes, line: int) -> int:
    """Return the line, counted from the block's first, of what is not UTF-8; 0: all of it is."""
    try:
        decoder.decode(block)
    except UnicodeDecodeError as error:
        return line + error.object.count(10, 0, error.start)
    return 0


def _scan_utf16(file: BinaryIO, path: Path, watch: Watch) -> TextScan:
    found, lines = hashlib.sha256(), 1
    decoder = codecs.getincrementaldecoder("utf-16")()
    try:
        for block in _blocks(file, watch):
            found.update(block)
            text = decoder.decode(block)
            if "\0" in text:
                lines += text.count("\n", 0, text.index("\0"))
                raise InputError(f"{path} is not a text: line {lines:,} has a NUL.")
            lines += text.count("\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}, line {lines:,} or soon after is not UTF-16 text. Save it as UTF-8."
        ) from error
    return TextScan(found.hexdigest(), "utf-16")


def _blocks(file: BinaryIO, watch: Watch) -> Iterator[bytes]:
    size = file.seek(0, 2)
    file.seek(0)
    left = size
    while left > 0 and (block := file.read(min(_BLOCK, left))):  # no more, if it grows meanwhile
        left -= len(block)
        watch(1.0 - left / size)
        yield block
