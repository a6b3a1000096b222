"""Child processes that execute modules of this package: started, spoken to, ended."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from gradexplorer.blas import limit_threads
from gradexplorer.errors import InputError

_KEPT_BY_MALLOC = ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_")
_KEPT = 1 << 26  # bytes
_CHECKOUT = str(Path(__file__).resolve().parents[2])


class Child:
    """A child of Python's that is spoken to over pipes.

    Parameters
    ----------
    command : sequence of str
        What Python is to execute.
    task : str
        What the child does, for the one who is told that it cannot: "trains".
    pipe_bytes : int
        What a pipe holds before its writer waits; -1: what is usual. Where pipes have one size
        only, this is without effect.

    Raises
    ------
    InputError
        The process could not be started.
    """

    def __init__(self, command: Sequence[str], task: str, *, pipe_bytes: int = -1) -> None:
        try:
            self._process = subprocess.Popen(
                [sys.executable, *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=None if sys.stderr is not None else subprocess.DEVNULL,
                env=child_environment(),
                pipesize=pipe_bytes,
                # A Ctrl-C in the terminal is for the window, which then ends the child.
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            reason = error.strerror
            raise InputError(f"The process that {task} could not be started: {reason}.") from error

    @property
    def process_id(self) -> int:
        """What the system calls it."""
        return self._process.pid

    @property
    def input(self) -> IO[bytes]:
        """What is written here, the child reads."""
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def output(self) -> IO[bytes]:
        """What the child writes, is read here."""
        assert self._process.stdout is not None
        return self._process.stdout

    def kill(self) -> None:
        """End it, whatever it is doing; any thread may do that."""
        self._process.kill()

    def wait(self) -> int:
        """Wait until it has ended; return its exit code, or the negative of a signal's number."""
        return self._process.wait()

    def close(self) -> None:
        """End it if it has not ended, and close its pipes, which nobody may be using any more."""
        self.kill()
        self.wait()
        for pipe in (self.input, self.output):
            with suppress(OSError):  # what was not sent yet cannot be sent
                pipe.close()


def can_have_children() -> bool:
    """Whether there is a Python to execute modules; a frozen program's executable is none."""
    return bool(sys.executable) and not getattr(sys, "frozen", False)


def module_command(name: str) -> tuple[str, ...]:
    """Return what Python is to execute for a module of this package."""
    # -P: a file of the user's in the current folder must not stand in for a module.
    return "-P", "-m", name


def child_environment() -> dict[str, str]:
    """Return the environment in which a child finds this package and keeps to one thread.

    It also keeps some freed memory (read by glibc alone): given back to the system, the arrays of
    every trace would come back page by page, each by a fault.
    """
    environment = dict(os.environ)
    limit_threads(environment)
    for name in _KEPT_BY_MALLOC:
        environment.setdefault(name, str(_KEPT))
    paths = (_CHECKOUT, environment.get("PYTHONPATH", ""))
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    return environment
