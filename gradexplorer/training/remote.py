"""A run in a child process, seen from the process that wants it.

The window's drawing and the run then share no interpreter, so neither slows the other.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Condition, Thread
from typing import IO

from gradexplorer.blas import limit_threads
from gradexplorer.config.experiment import LiveSettings
from gradexplorer.errors import InputError
from gradexplorer.training.checkpoint import Start
from gradexplorer.training.frames import Message, read_frame, write_frame
from gradexplorer.training.mailbox import Mail, Mailbox
from gradexplorer.training.runner import LocalRun, Run

_PIPE_BYTES = 1 << 20
_CHECKOUT = str(Path(__file__).resolve().parents[2])
# -P: a file of the user's in the current folder must not stand in for a module.
_COMMAND = ("-P", "-m", "gradexplorer.training.child")


class RemoteControl:
    """Commands that wait here until a thread of their own has sent them.

    The pipe may be full, when the child is stopped or starved; whoever gives a command must
    not wait for that.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._waiting: deque[Message] = deque()
        self._closed = False

    def pause(self) -> None:
        """Let the run come to rest at a traced update."""
        self._add("pause")

    def resume(self) -> None:
        """Let a paused run go on."""
        self._add("resume")

    def step(self) -> None:
        """Let a paused run make one update, and trace it."""
        self._add("step")

    def change(self, live: LiveSettings) -> None:
        """Let other live settings act from the next update on."""
        self._add("change", live)

    def want_trace(self) -> None:
        """Ask for a trace of the next update; asking again before that was sent adds nothing."""
        self._add("want_trace", once=True)

    def want_moment(self) -> None:
        """Ask for a moment to be kept, likewise."""
        self._add("want_moment", once=True)

    def send(self, file: IO[bytes]) -> None:
        """Send commands as they come, until closed or nobody reads them."""
        with suppress(OSError, ValueError):
            while (command := self._next()) is not None:
                write_frame(file, *command)

    def close(self) -> None:
        """Send nothing any more."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _add(self, *command: object, once: bool = False) -> None:
        with self._changed:
            if not once or command not in self._waiting:
                self._waiting.append(command)
                self._changed.notify()

    def _next(self) -> Message | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._waiting)
            return None if self._closed else self._waiting.popleft()


class RemoteRun:
    """One run in a child process.

    Parameters
    ----------
    start : ExperimentConfig or Checkpoint
    paused : bool
        Whether to wait before the first update.
    command : sequence of str
        What Python is to execute.

    Attributes
    ----------
    control : RemoteControl
    """

    def __init__(
        self, start: Start, *, paused: bool = False, command: Sequence[str] = _COMMAND
    ) -> None:
        self.control = RemoteControl()
        self._first, self._command = (start, paused), command
        self._child: subprocess.Popen[bytes] | None = None
        self._stopped = False  # set by another thread

    @property
    def process_id(self) -> int | None:
        """The child's, once it was started."""
        return None if self._child is None else self._child.pid

    def drive(self, mailbox: Mailbox) -> None:
        """Start the child and pass on its mail until the run is over or was stopped.

        Raises
        ------
        InputError
            The run cannot go on, for the reason it tells; among others because the child died.
        """
        self._child = child = self._start()
        if self._stopped:  # in the meantime, when there was nothing to kill yet
            child.kill()
        assert child.stdin is not None
        assert child.stdout is not None
        sender = Thread(target=self._send, args=(child.stdin,), name="gradexplorer-commands")
        sender.daemon = True
        sender.start()
        try:
            self._listen(child.stdout, mailbox)
        finally:
            child.kill()
            child.wait()
            self.control.close()
            sender.join()
            for pipe in (child.stdin, child.stdout):
                with suppress(OSError):  # what was not sent yet cannot be sent
                    pipe.close()

    def stop(self) -> None:
        """Kill the child, whatever it is doing."""
        self._stopped = True
        if self._child is not None:
            self._child.kill()

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                [sys.executable, *self._command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=None if sys.stderr is not None else subprocess.DEVNULL,
                env=child_environment(),
                # A trace's frame fits, so the run does not wait for a thread that the window
                # keeps from reading; where pipes have one size only, this is without effect.
                pipesize=_PIPE_BYTES,
                # A Ctrl-C in the terminal is for the window, which then ends the child.
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            raise InputError(
                f"The process that trains could not be started: {error.strerror}."
            ) from error

    def _send(self, file: IO[bytes]) -> None:
        with suppress(OSError, ValueError):
            write_frame(file, *self._first)
        self.control.send(file)

    def _listen(self, file: IO[bytes], mailbox: Mailbox) -> None:
        while (message := read_frame(file)) is not None:
            kind, *content = message
            if kind == "mail":
                mailbox.deliver(Mail.of_rows(*content))
            elif kind == "failed":
                raise InputError(content[0])
            else:
                return
        self._explain_end()

    def _explain_end(self) -> None:
        assert self._child is not None
        code = self._child.wait()
        if not self._stopped:
            raise InputError(
                f"The process that trained is gone: {_cause(code)}. "
                "What was recorded until then is kept; Run starts anew."
            )


def child_environment() -> dict[str, str]:
    """Return the environment in which a child finds this package and keeps to one thread."""
    environment = dict(os.environ)
    limit_threads(environment)
    paths = (_CHECKOUT, environment.get("PYTHONPATH", ""))
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    return environment


def background_run(start: Start, *, paused: bool) -> Run:
    """Return a run in a child process, or in the thread that drives it where none can be had.

    A frozen program's executable is no Python that could run our module.
    """
    can_start = bool(sys.executable) and not getattr(sys, "frozen", False)
    return (RemoteRun if can_start else LocalRun)(start, paused=paused)


def _cause(code: int) -> str:
    if code >= 0:
        return f"it ended by itself, with exit code {code}"
    if code == -getattr(signal, "SIGKILL", 9):
        return "it was killed, perhaps because the memory ran out"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = "unknown"
    return f"it was ended by signal {-code} ({name})"
