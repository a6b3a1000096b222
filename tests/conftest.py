"""Settings that must stand before anything is imported, and what all tests share."""

from __future__ import annotations

import os

# As the program itself does: one thread's sums are the same on every machine.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["QT_QPA_PLATFORM"] = "offscreen"

import errno
import io
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.presets import parse_preset

hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")

GRACE_SECONDS = 2.0

SMALL = """\
schema = 1
task = {name = "adding", length = 12}
model = {hidden_size = 5}
training = {batch_size = 3, iterations = 40, record_every = 7, evaluate_every = 10, seed = 4}
"""
STREAM = ("task.name=sunspots", "training.batch_size=20", "training.iterations=60")

Small = Callable[..., ExperimentConfig]


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """Fail a test that leaves a thread behind, daemon or not."""
    before = set(threading.enumerate())
    yield
    end = time.monotonic() + GRACE_SECONDS
    # Python never learns that a foreign (Qt) thread ended, so its stand-in says nothing.
    started = {
        thread for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)
    } - before
    for thread in started:
        thread.join(max(0.0, end - time.monotonic()))
    leaked = [thread.name for thread in started if thread.is_alive()]
    assert not leaked, f"threads left behind: {leaked}"


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Give a function that leaves so many bytes of room for files that are newly written."""

    def fill(room: int) -> None:
        left = room

        class Disk(io.FileIO):
            def write(self, data: Any) -> int:
                nonlocal left
                if len(data) > left:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                left -= len(data)
                return super().write(data)

        def opened(path: Path, mode: str = "r", *args: Any, **options: Any) -> Any:
            if "x" in mode:
                return io.BufferedWriter(Disk(path, mode.replace("b", "")))
            return open_(path, mode, *args, **options)

        open_ = Path.open
        monkeypatch.setattr(Path, "open", opened)

    return fill


@pytest.fixture(scope="session")
def small() -> Small:
    """Give a function that makes a small experiment from ``section.key=value``."""
    return lambda *overrides: parse_preset(SMALL, "small", overrides)


@pytest.fixture(scope="session")
def small_stream() -> Small:
    """Give a function that makes a small experiment on streams of 125 steps."""
    return lambda *overrides: parse_preset(SMALL, "small", (*STREAM, *overrides))


@pytest.fixture(params=["episodes", "stream"])
def experiment(request: pytest.FixtureRequest, small: Small, small_stream: Small) -> Small:
    """Give each of both in turn."""
    return small if request.param == "episodes" else small_stream


@pytest.fixture(scope="session")
def same() -> Callable[[Any, Any], bool]:
    """Give a function that compares bit by bit, NaN equal to itself, whatever the nesting."""

    def compare(one: Any, other: Any) -> bool:
        if type(one) is not type(other):
            return False
        if isinstance(one, np.ndarray):
            return (one.dtype, one.shape, one.tobytes()) == (
                other.dtype,
                other.shape,
                other.tobytes(),
            )
        if is_dataclass(one):
            return all(
                compare(getattr(one, field.name), getattr(other, field.name))
                for field in fields(one)
            )
        if isinstance(one, dict):
            return list(one) == list(other) and all(compare(one[key], other[key]) for key in one)
        if isinstance(one, list | tuple):
            return len(one) == len(other) and all(map(compare, one, other))
        return bool(one == other or (one != one and other != other))

    return compare
