"""Training speed beside the window, against headless: python -m tests.benchmarks.window_speed.

The two alternate. Target: the median ratio is at least 0.95. With --thread the run is in a
thread of the window's process, for comparison.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from gradexplorer.training.remote import background_run
from gradexplorer.training.runner import LocalRun
from tests.benchmarks.windows import adding, opened, spin, spin_until

SECONDS, ROUNDS = 4.0, 5
HEADLESS = """
import sys, time
from tests.benchmarks.windows import adding
from gradexplorer.training.trainer import Trainer
trainer, end = Trainer(adding(sys.argv[1])), None
for snapshot in trainer:
    now = time.perf_counter()
    if end is None and snapshot.metrics.iteration == 200:
        started, end = now, now + float(sys.argv[2])
    elif end is not None and now >= end:
        print((snapshot.metrics.iteration - 200) / (now - started))
        break
"""


def headless(cell: str) -> float:
    command = [sys.executable, "-c", HEADLESS, cell, str(SECONDS)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def beside_window(cell: str, *, thread: bool) -> tuple[float, float]:
    """Return updates a second, and frames a second."""
    frames = 0

    def count() -> None:
        nonlocal frames
        frames += 1

    with opened(adding(cell), make_run=LocalRun if thread else background_run) as window:
        window.run()
        spin_until(lambda: window.session.iteration > 200, 30.0)
        spin(0.5)
        window.session.refreshed.connect(count)
        started, before = time.perf_counter(), window.session.iteration
        spin(SECONDS)
        seconds = time.perf_counter() - started
        return (window.session.iteration - before) / seconds, frames / seconds


def main() -> None:
    thread = "--thread" in sys.argv
    for cell in ("rnn", "lstm"):
        alone, beside, rates = [], [], []
        for _ in range(ROUNDS):
            alone.append(headless(cell))
            speed, rate = beside_window(cell, thread=thread)
            beside.append(speed)
            rates.append(rate)
        ratios = [with_ / without for with_, without in zip(beside, alone, strict=True)]
        print(
            f"{cell}: headless {statistics.median(alone):,.0f}/s, beside the window "
            f"{statistics.median(beside):,.0f}/s at {statistics.median(rates):.0f} frames/s, "
            f"ratio {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})",
            flush=True,
        )


if __name__ == "__main__":
    main()
