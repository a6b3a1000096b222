"""Reading that is bounded and writing that is atomic."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from gradexplorer.errors import InputError, cannot


def read_text(path: Path, limit: int) -> str:
    """Read a UTF-8 text file of at most ``limit`` bytes.

    Parameters
    ----------
    path : Path
    limit : int
        Bytes. A larger file is refused before it is read.

    Raises
    ------
    InputError
        The file is missing, not a regular file, too large, or not text.
    """
    data = read_bytes(path, limit)
    if b"\0" in data:
        raise InputError(
            f"{path} is not a text file: it has a NUL byte at position {data.index(0):,}."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is not UTF-8 text: byte {error.start:,} cannot be decoded. Save it as UTF-8."
        ) from error


def read_bytes(path: Path, limit: int, *, whole: bool = True) -> bytes:
    """Read a file of at most ``limit`` bytes, or with ``whole=False`` at most its first ones.

    Raises
    ------
    InputError
        The file is missing, not a regular file, or too large.
    """
    try:
        status = path.stat()  # before opening: opening a pipe would wait for its other end
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"{path} is not a file.")
        with path.open("rb") as file:
            data = file.read(limit + whole)
    except InputError:
        raise
    except OSError as error:
        raise cannot("read", path, error) from error
    except ValueError as error:  # a path with a NUL in it
        raise InputError(f"{str(path)!r} cannot be the name of a file.") from error
    if len(data) > limit:
        size = max(status.st_size, len(data))
        raise InputError(f"{path} has {size:,} bytes; a file of this kind has at most {limit:,}.")
    return data


@contextmanager
def atomic_writer(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary beside ``path`` that takes its place when the block ends well.

    Whatever goes wrong, an existing file at ``path`` stays as it was.

    Raises
    ------
    InputError
        The folder cannot be written, the disk is full, or ``path`` is read-only or no file.
    """
    target = Path(os.path.realpath(path))
    _refuse_to_replace(target, path)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:
            if target.exists():
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except OSError as error:
        raise cannot("write", path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def _refuse_to_replace(target: Path, path: Path) -> None:
    with suppress(OSError):  # whatever else is wrong shows when the temporary is made
        status = target.stat()
        if not stat.S_ISREG(status.st_mode):
            raise InputError(f"Cannot write {path}: it is not a file.")
        if not status.st_mode & 0o222:
            raise InputError(f"Cannot write {path}: it is read-only.")


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file in one atomic replacement; raises `InputError` as `atomic_writer` does."""
    with atomic_writer(path) as file:
        file.write(data)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text in one atomic replacement, its line ends as they are."""
    write_bytes(path, text.encode("utf-8"))


def make_folder(path: Path) -> None:
    """Make a folder and its parents; raises `InputError` when it cannot be written into."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / f".{secrets.token_hex(4)}.tmp"
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError as error:
        raise cannot("write into", path, error) from error
