"""The far end of the pipes: obeys commands and posts mail while a trainer runs."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from threading import Thread
from typing import IO

from gradexplorer.training.control import Control
from gradexplorer.training.frames import Message, Pipes, read_frame, write_frame
from gradexplorer.training.mailbox import pack_row
from gradexplorer.training.moments import (
    Moment,
    profile_of,
    sample_of_moments,
    sample_of_profiles,
)
from gradexplorer.training.runner import MakeTrainer, drive, explain
from gradexplorer.training.snapshot import Divergence, Evaluation, Snapshot, WindowTrace

GATHER_SECONDS = 0.03  # a frame for each time that a window draws
TRACE_SECONDS = 0.08  # to pack and to draw one costs as much as some updates


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
        self._rows = bytearray()
        self._trace: WindowTrace | None = None
        self._evaluation: Evaluation | None = None
        self._divergence: Divergence | None = None
        self._moments, self._profiles = sample_of_moments(), sample_of_profiles()
        self._kept: Moment | None = None
        self._measured: Evaluation | None = None
        self._due = self._trace_due = 0.0

    def put(self, snapshot: Snapshot) -> None:
        """Take a snapshot, and post what has gathered once it is time."""
        self._rows += pack_row(*snapshot.metrics)
        if snapshot.trace is not None:
            self._trace = snapshot.trace
            self._profiles.add(profile_of(snapshot.trace))
        if snapshot.evaluation is not None:
            self._evaluation = self._measured = snapshot.evaluation
        if self._kept is not None:
            self._moments.add(replace(self._kept, evaluation=self._measured))
            self._kept = None
        if snapshot.divergence is not None:
            self._divergence = snapshot.divergence
        if time.monotonic() >= self._due:
            self.post()

    def keep(self, moment: Moment) -> None:
        """Take a moment of the update that is put next."""
        self._kept = moment

    def show(self, trace: WindowTrace) -> None:
        """Send another trace of the last update at once, if it was not sent."""
        self._trace = trace
        self.post(resting=True)

    def rest(self) -> None:
        """Tell at once that the run waits for leave."""
        self.post(resting=True)

    def post(self, *, resting: bool = False, last: bool = False) -> None:
        """Send what there is; end the process when nobody reads any more.

        A trace waits if another was sent just before, unless the run stops at it.
        """
        trace, now = self._trace, time.monotonic()
        urgent = last or resting or self._divergence is not None
        if trace is not None and not urgent and now < self._trace_due:
            trace = None
        if self._rows or resting or trace is not None:
            latest = trace, self._evaluation, self._divergence
            kept = self._moments.take(), self._profiles.take()
            self._send(bytes(self._rows), *latest, resting, *kept)
            self._rows.clear()
            self._evaluation = self._divergence = None
        if trace is not None:
            self._trace, self._trace_due = None, now + TRACE_SECONDS
        self._due = now + GATHER_SECONDS

    def _send(self, *mail: object) -> None:
        try:
            write_frame(self._frames, "mail", *mail)
        except OSError:
            os._exit(0)


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
