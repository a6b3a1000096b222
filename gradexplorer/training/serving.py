"""The far end of the pipes: obeys commands and posts mail while a trainer runs."""

from __future__ import annotations

import os
import traceback
from threading import Thread
from typing import IO

from gradexplorer.training.control import Control
from gradexplorer.training.frames import Message, Pipes, read_frame, write_frame
from gradexplorer.training.mailbox import Mailbox
from gradexplorer.training.runner import MakeTrainer, drive, explain

GATHER_SECONDS = 0.015  # two frames for each time that a window draws
ROWS_HELD = 1 << 14  # far more than gather; when nobody reads, the run soon waits


def serve(make_trainer: MakeTrainer, pipes: Pipes) -> None:
    """Run what the first frame asks for, and tell everything about it."""
    first = read_frame(pipes.commands)
    if first is None:
        return
    config, paused = first
    control, mailbox = Control(paused=paused), Mailbox(ROWS_HELD)
    Thread(target=_obey, args=(pipes.commands, control), daemon=True).start()
    poster = Thread(target=_post, args=(mailbox, pipes.frames), daemon=True)
    poster.start()
    last: Message = ("finished",)
    try:
        drive(make_trainer(config), control, mailbox)
    except Exception as error:
        last = ("failed", explain(error))
    mailbox.close()
    poster.join()
    write_frame(pipes.frames, *last)


def _obey(commands: IO[bytes], control: Control) -> None:
    """Pass commands on, and end the process when there is nobody left to give any."""
    while (command := read_frame(commands)) is not None:
        name, *arguments = command
        getattr(control, name)(*arguments)
    os._exit(0)


def _post(mailbox: Mailbox, frames: IO[bytes]) -> None:
    """Send what the mailbox holds, again and again, until it is closed and empty."""
    try:
        while mailbox.wait(GATHER_SECONDS):
            write_frame(frames, "mail", mailbox.fetch())
    except OSError:  # nobody reads any more
        os._exit(0)
    except Exception:  # without mail a run would seem to stand still for ever
        traceback.print_exc()
        os._exit(1)
