"""What the benchmarks of the window share: a window, a clock, a stand-in for the trainer."""

from __future__ import annotations

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as the program does, before NumPy is loaded

import functools
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.presets import parse_preset
from gradexplorer.gui.application import make_application
from gradexplorer.gui.garbage import GarbageCollector
from gradexplorer.gui.main_window import MainWindow
from gradexplorer.gui.panels import make_panels
from gradexplorer.training.remote import RemoteRun, background_run
from gradexplorer.training.runner import MakeRun

ADDING = """\
schema = 1
task = {name = "adding", length = 100}
model = {hidden_size = 64}
clipping = {method = "norm", threshold = 1.0}
training = {batch_size = 16, iterations = 100000000}
"""


def adding(cell: str) -> ExperimentConfig:
    """Return the experiment that speed is measured with."""
    return parse_preset(ADDING, "benchmark", [f"model.cell={cell}"])


def stand_in(rate: float) -> MakeRun:
    """Return what makes runs of a stand-in for the trainer, so many updates a second; 0: all."""
    command = ("-m", "tests.benchmarks.stand_in", str(rate))
    return functools.partial(RemoteRun, command=command)


@contextmanager
def opened(
    config: ExperimentConfig, *, make_run: MakeRun = background_run, panels: int = 0
) -> Iterator[MainWindow]:
    """Open the default window, and beside it further panels up to so many in all."""
    make_application()
    window = MainWindow(config, make_run=make_run)
    GarbageCollector(window)
    more = itertools.chain.from_iterable(make_panels(window.depth_axis) for _ in range(3))
    for panel in itertools.islice(more, max(0, panels - len(window.panels))):
        panel.resize(480, 300)
        panel.show()
        window.panels.append(panel)
    window.show()
    try:
        yield window
    finally:
        window.documents.take(window.form.config, None)
        window.close()


def spin(seconds: float) -> None:
    """Run the event loop, as the program does."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def spin_until(condition: Callable[[], bool], seconds: float) -> None:
    """Run the event loop until something holds; fail after so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("it did not happen in time")
        spin(0.02)


def percentiles(values: list[float]) -> str:
    """Return p50, p99 and maximum of seconds, in milliseconds."""
    p50, p99, most = 1000.0 * np.percentile(values, (50, 99, 100))
    return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, max {most:.1f} ms"
