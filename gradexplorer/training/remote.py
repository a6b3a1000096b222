"""A run in a child process, seen from the process that wants it.

The window's drawing and the run then share no interpreter, so neither slows the other.
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from threading import Condition, Thread
from typing import IO

from gradexplorer.config.experiment import LiveSettings
from gradexplorer.errors import InputError
from gradexplorer.training.checkpoint import Start
from gradexplorer.training.children import Child, can_have_children, module_command
from gradexplorer.training.frames import Message, read_frame, write_frame
from gradexplorer.training.inside import Detail
from gradexplorer.training.mailbox import Mail, Mailbox
from gradexplorer.training.runner import LocalRun, Run

# A trace's frame fits, so the run does not wait for a thread that the window keeps from reading.
_PIPE_BYTES = 1 << 20
_COMMAND = module_command("gradexplorer.training.child")


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

    def look_into(self, details: Detail) -> None:
        """Let traces have these details from now on."""
        self._add("look_into", details)

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
        self._child: Child | None = None
        self._stopped = False  # set by another thread

    @property
    def process_id(self) -> int | None:
        """The child's, once it was started."""
        return None if self._child is None else self._child.process_id

    def drive(self, mailbox: Mailbox) -> None:
        """Start the child and pass on its mail until the run is over or was stopped.

        Raises
        ------
        InputError
            The run cannot go on, for the reason it tells; among others because the child died.
        """
        self._child = child = Child(self._command, "trains", pipe_bytes=_PIPE_BYTES)
        if self._stopped:  # in the meantime, when there was nothing to kill yet
            child.kill()
        sender = Thread(target=self._send, args=(child.input,), name="gradexplorer-commands")
        sender.daemon = True
        sender.start()
        try:
            self._listen(child.output, mailbox)
        finally:
            child.kill()
            self.control.close()
            sender.join()
            child.close()

    def stop(self) -> None:
        """Kill the child, whatever it is doing."""
        self._stopped = True
        if self._child is not None:
            self._child.kill()

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


def background_run(start: Start, *, paused: bool) -> Run:
    """Return a run in a child process, or in the thread that drives it where none can be had."""
    return (RemoteRun if can_have_children() else LocalRun)(start, paused=paused)


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
