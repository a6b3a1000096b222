"""The far end of the pipes: obeys commands and posts mail while a trainer runs."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from threading import Thread
from typing import IO

from gradexplorer.training.control import Control
from gradexplorer.training.frames import Message, Pipes, read_frame, write_frame
from gradexplorer.training.mailbox import Mailbox
from gradexplorer.training.moments import Moment
from gradexplorer.training.runner import MakeTrainer, drive, explain
from gradexplorer.training.snapshot import Snapshot, WindowTrace

GATHER_SECONDS = 0.025  # a frame for each time that a window draws
TRACE_SECONDS = 0.05  # to pack and to draw one costs as much as some updates


class Outbox:
    """A run's mail, posted by the run's own thread.

    Another thread would share the interpreter with it: its waking up some 60 times a second cost
    a tenth of the run's speed.

    Parameters
    ----------
    frames : file
    """

    def __init__(self, frames: IO[bytes]) -> None:
        self._frames = frames
        self._mailbox = Mailbox()
        self._due = self._trace_due = 0.0
        self._held: WindowTrace | None = None

    def put(self, snapshot: Snapshot) -> None:
        """Take a snapshot, and post what has gathered once it is time."""
        self._mailbox.put(snapshot)
        if time.monotonic() >= self._due:
            self.post()

    def keep(self, moment: Moment) -> None:
        """Take a moment of the update that is put next."""
        self._mailbox.keep(moment)

    def rest(self) -> None:
        """Tell at once that the run waits for leave."""
        self._mailbox.rest()
        self.post()

    def post(self, *, last: bool = False) -> None:
        """Send what there is; end the process when nobody reads any more.

        A trace waits if another was sent just before, unless the run stops at it.
        """
        mail, now = self._mailbox.fetch(), time.monotonic()
        trace = mail.trace or self._held
        urgent = last or mail.resting or mail.divergence is not None
        sends = trace is not None and (urgent or now >= self._trace_due)
        self._held = None if sends else trace
        if sends:
            self._trace_due = now + TRACE_SECONDS
        mail = replace(mail, trace=trace if sends else None)
        if len(mail.metrics) or mail.resting or sends:
            try:
                write_frame(self._frames, "mail", mail)
            except OSError:
                os._exit(0)
        self._due = now + GATHER_SECONDS


def serve(make_trainer: MakeTrainer, pipes: Pipes) -> None:
    """Run what the first frame asks for, and tell everything about it."""
    first = read_frame(pipes.commands)
    if first is None:
        return
    start, paused = first
    control, outbox = Control(paused=paused), Outbox(pipes.frames)
    Thread(target=_obey, args=(pipes.commands, control), daemon=True).start()
    last: Message = ("finished",)
    try:
        drive(make_trainer(start), control, outbox)
    except Exception as error:
        last = ("failed", explain(error))
    outbox.post(last=True)
    write_frame(pipes.frames, *last)


def _obey(commands: IO[bytes], control: Control) -> None:
    """Pass commands on, and end the process when there is nobody left to give any."""
    while (command := read_frame(commands)) is not None:
        name, *arguments = command
        getattr(control, name)(*arguments)
    os._exit(0)
