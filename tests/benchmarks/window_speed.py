"""Training speed beside the window, against headless: python -m tests.benchmarks.window_speed.

The two alternate. Target: the median ratio is at least 0.95. With --thread the run is in a
thread of the window's process, for comparison. Of a child also updates per second of processor
time are compared, which other programs on the machine hardly disturb.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from gradexplorer.gui.worker import Worker
from gradexplorer.training.remote import background_run
from gradexplorer.training.runner import LocalRun
from tests.benchmarks.windows import adding, opened, spin, spin_until

SECONDS, ROUNDS = 4.0, 7
HEADLESS = """
import sys, time
from tests.benchmarks.windows import adding
from gradexplorer.training.trainer import Trainer
trainer, end = Trainer(adding(sys.argv[1])), None
for snapshot in trainer:
    now = time.perf_counter()
    if end is None and snapshot.metrics.iteration == 100:
        started, end, used = now, now + float(sys.argv[2]), time.process_time()
    elif end is not None and now >= end:
        updates = snapshot.metrics.iteration - 100
        print(updates / (now - started), updates / (time.process_time() - used))
        break
"""


class Speed(NamedTuple):
    """Updates a second, and a second of processor time; frames a second."""

    wall: float
    processor: float
    frames: float = 0.0


def headless(cell: str) -> Speed:
    command = [sys.executable, "-c", HEADLESS, cell, str(SECONDS)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Speed(*map(float, done.stdout.split()))


def beside_window(cell: str, *, thread: bool) -> Speed:
    frames = 0

    def count() -> None:
        nonlocal frames
        frames += 1

    with opened(adding(cell), make_run=LocalRun if thread else background_run) as window:
        window.run()
        spin_until(lambda: window.session.iteration > 100, 60.0)
        spin(0.5)
        process = getattr(window.session.findChild(Worker)._run, "process_id", os.getpid())
        window.session.refreshed.connect(count)
        started, before, used = time.perf_counter(), window.session.iteration, processor(process)
        spin(SECONDS)
        updates, seconds = window.session.iteration - before, time.perf_counter() - started
        used = processor(process) - used
        return Speed(updates / seconds, updates / used, frames / seconds)


def processor(process: int) -> float:
    """Return the seconds of processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def compared(alone: list[Speed], beside: list[Speed], name: str) -> str:
    ratios = [getattr(b, name) / getattr(a, name) for a, b in zip(alone, beside, strict=True)]
    return (
        f"{name} {statistics.median(getattr(a, name) for a in alone):,.0f}/s headless, "
        f"{statistics.median(getattr(b, name) for b in beside):,.0f}/s beside the window, "
        f"ratio {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"
    )


def main() -> None:
    thread = "--thread" in sys.argv
    for cell in ("rnn", "lstm"):
        alone, beside = [], []
        for _ in range(ROUNDS):
            alone.append(headless(cell))
            beside.append(beside_window(cell, thread=thread))
        frames = statistics.median(speed.frames for speed in beside)
        print(f"{cell}: {compared(alone, beside, 'wall')}; {frames:.0f} frames/s")
        if not thread:
            print(f"{cell}: {compared(alone, beside, 'processor')}", flush=True)


if __name__ == "__main__":
    main()
