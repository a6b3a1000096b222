"""Measurements in a process of their own: ``python -m gradexplorer.analysis.child``.

It is told what to measure on its standard input (one frame, a `Request`) and tells how far it is
and what it found on its standard output: ``("progress", fraction)``, and at last ``("done",
Analysis)`` or ``("failed", sentence)``. To cancel, end its input or end it.
"""

from __future__ import annotations

import os
import time
from threading import Thread
from typing import IO

from gradexplorer.training.frames import Pipes, read_frame, take_pipes, write_frame

TELL_SECONDS = 0.05


def main() -> None:
    """Answer one request, and end without waiting for the thread that watches the input."""
    pipes = take_pipes()
    try:  # imported here, so that an installation that is broken can be told of
        from gradexplorer.analysis import request
        from gradexplorer.training import runner
    except ImportError as error:
        write_frame(pipes.frames, "failed", f"The program is not installed properly: {error}.")
        os._exit(0)
    first = read_frame(pipes.commands)
    if first is not None:
        Thread(target=_end_with, args=(pipes.commands,), daemon=True).start()
        try:
            found = request.analyze(first[0], Teller(pipes))
        except Exception as error:
            write_frame(pipes.frames, "failed", runner.explain(error))
        else:
            write_frame(pipes.frames, "done", found)
    os._exit(0)


class Teller:
    """Sends progress, at most some twenty times a second."""

    def __init__(self, pipes: Pipes) -> None:
        self._frames = pipes.frames
        self._due = 0.0

    def __call__(self, fraction: float) -> None:
        """Tell the fraction that is done."""
        now = time.monotonic()
        if now >= self._due:
            self._due = now + TELL_SECONDS
            try:
                write_frame(self._frames, "progress", fraction)
            except OSError:
                os._exit(0)


def _end_with(commands: IO[bytes]) -> None:
    while read_frame(commands) is not None:
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
