"""Measurements in a child process, seen from the process that wants them."""

from __future__ import annotations

from contextlib import suppress
from threading import Lock

from gradexplorer.analysis.request import Analysis, Request, analyze
from gradexplorer.analysis.watch import Cancelled, Tell, ignore
from gradexplorer.errors import InputError
from gradexplorer.training.children import Child, can_have_children, module_command
from gradexplorer.training.frames import read_frame, write_frame

_COMMAND = module_command("gradexplorer.analysis.child")


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
        self._child: Child | None = None

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
        if not can_have_children():
            return analyze(self._request, progress, lambda: self._cancelled)
        child = self._start()
        try:
            with suppress(OSError):  # a child that is gone is told of below
                write_frame(child.input, self._request)
            while (message := read_frame(child.output)) is not None:
                kind, content = message
                if kind == "done":
                    return self._answer(content)
                if kind == "failed":
                    raise InputError(content)
                progress(content)
        finally:
            child.close()
        if self._cancelled:
            raise Cancelled
        raise InputError("The process that measured is gone, perhaps because the memory ran out.")

    def _answer(self, found: Analysis) -> Analysis:
        if self._cancelled:
            raise Cancelled
        return found

    def _start(self) -> Child:
        with self._lock:
            if self._cancelled:
                raise Cancelled
            self._child = Child(_COMMAND, "measures")
            return self._child
