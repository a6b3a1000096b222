"""Frames on a pipe: what a run in a process of its own and its supervisor tell each other.

Both ends are ours and of one version, so a frame is a pickled tuple behind its lengths. Arrays
travel beside the pickle, uncopied, and arrive read-only. Files of a user never come this way.
"""

from __future__ import annotations

import os
import pickle
import struct
import sys
from typing import IO, Any, NamedTuple

Message = tuple[Any, ...]
_COUNT = struct.Struct("=I")
_LENGTH = struct.Struct("=Q")


class Pipes(NamedTuple):
    """Where commands come from and where frames go."""

    commands: IO[bytes]
    frames: IO[bytes]


def take_pipes() -> Pipes:
    """Take standard input and output; what else is printed goes to standard error."""
    pipes = Pipes(sys.stdin.buffer, os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)
    return pipes


def write_frame(file: IO[bytes], *message: Any) -> None:
    """Send a message; raises `OSError` or `ValueError` when the pipe is closed."""
    buffers: list[pickle.PickleBuffer] = []
    pickled = pickle.dumps(message, protocol=5, buffer_callback=buffers.append)
    parts: list[bytes | memoryview] = [pickled, *(buffer.raw() for buffer in buffers)]
    lengths = (_LENGTH.pack(len(part)) for part in parts)
    file.write(b"".join((_COUNT.pack(len(parts)), *lengths)))
    for part in parts:
        file.write(part)
    file.flush()


def read_frame(file: IO[bytes]) -> Message | None:
    """Return the next message, or ``None`` when the other end is gone."""
    try:
        (count,) = _COUNT.unpack(_read(file, _COUNT.size))
        lengths = [_LENGTH.unpack(_read(file, _LENGTH.size))[0] for _ in range(count)]
        pickled, *buffers = [_read(file, length) for length in lengths]
    except EOFError:
        return None
    message: Message = pickle.loads(pickled, buffers=buffers)
    return message


def _read(file: IO[bytes], size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise EOFError
    return data
