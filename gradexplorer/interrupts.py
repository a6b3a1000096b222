"""What Ctrl-C does while a program works."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType
from typing import Any


@contextmanager
def interruptible() -> Iterator[Event]:
    """Turn the first Ctrl-C or termination request into an event; a second one acts as usual."""
    interrupted = Event()
    before: dict[int, Any] = {}

    def note(number: int, _: FrameType | None) -> None:
        interrupted.set()
        signal.signal(number, before[number])

    for number in (int(signal.SIGINT), int(signal.SIGTERM)):
        before[number] = signal.signal(number, note)
    try:
        yield interrupted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let no Ctrl-C into the midst of Qt's drawing, which would end in an abort."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
