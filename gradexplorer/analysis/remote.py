"""Measurements in a child process, seen from the process that wants them."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from threading import Lock

from gradexplorer.analysis.request import Analysis, Request, analyze
from gradexplorer.analysis.watch import Cancelled, Tell, ignore
from gradexplorer.errors import InputError
from gradexplorer.training.frames import read_frame, write_frame
from gradexplorer.training.remote import child_environment

# -P: a file of the user's in the current folder must not stand in for a module.
_COMMAND = ("-P", "-m", "gradexplorer.analysis.child")


class RemoteAnalysis:
    """One request, answered by a child process.

    `run` waits for it, so a window calls it in a thread of its own; `cancel` may be called from
    any thread and does not wait. Where no child can be had, it is measured in that thread.

    Parameters
    ----------
    request : Request
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self._lock = Lock()
        self._cancelled = False
        self._child: subprocess.Popen[bytes] | None = None

    def cancel(self) -> None:
        """Let `run` raise `Cancelled` soon."""
        with self._lock:
            self._cancelled = True
            if self._child is not None:
                self._child.kill()

    def run(self, progress: Tell = ignore) -> Analysis:
        """Return what was found.

        Raises
        ------
        Cancelled
        InputError
            As `gradexplorer.analysis.request.analyze`, or because the child died.
        """
        if not sys.executable or getattr(sys, "frozen", False):
            return analyze(self._request, progress, lambda: self._cancelled)
        child = self._start()
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            with suppress(OSError):  # a child that is gone is told of below
                write_frame(child.stdin, self._request)
            while (message := read_frame(child.stdout)) is not None:
                kind, content = message
                if kind == "done":
                    return self._answer(content)
                if kind == "failed":
                    raise InputError(content)
                progress(content)
        finally:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                with suppress(OSError):
                    pipe.close()
        if self._cancelled:
            raise Cancelled
        raise InputError("The process that measured is gone, perhaps because the memory ran out.")

    def _answer(self, found: Analysis) -> Analysis:
        if self._cancelled:
            raise Cancelled
        return found

    def _start(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._cancelled:
                raise Cancelled
            try:
                self._child = subprocess.Popen(
                    [sys.executable, *_COMMAND],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=None if sys.stderr is not None else subprocess.DEVNULL,
                    env=child_environment(),
                    start_new_session=True,
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )
            except OSError as error:
                raise InputError(
                    f"The process that measures could not be started: {error.strerror}."
                ) from error
            return self._child
