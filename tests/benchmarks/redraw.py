"""How long a full window takes to draw anew: python -m tests.benchmarks.redraw.

Eight panels, the heatmap in front, with 20,000 updates and 600 gradient profiles behind them; in
each frame 30 updates and a trace are new. Targets: a median below 16 ms at T = 200, below 33 ms
at T = 1000. Processor time is told beside it, which other programs hardly disturb.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
from PySide6.QtWidgets import QApplication

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.presets import parse_preset
from gradexplorer.gui.main_window import MainWindow
from gradexplorer.training.mailbox import Mail
from gradexplorer.training.moments import Profile
from gradexplorer.training.snapshot import METRICS_DTYPE, WindowTrace
from gradexplorer.training.trainer import Trainer
from tests.benchmarks.windows import ADDING, opened, percentiles

UPDATES, PROFILES, FRAMES, NEW = 20_000, 600, 150, 30


def rows(first: int, count: int) -> np.ndarray:
    made = np.zeros(count, METRICS_DTYPE)
    made["iteration"] = np.arange(first, first + count)
    for name in ("loss", "grad_norm"):
        made[name] = np.random.default_rng(first).lognormal(size=count)
    made["clip_scale"], made["held_out_loss"] = 1.0, np.nan
    return made


def traces(config: ExperimentConfig) -> list[WindowTrace]:
    trainer, made = Trainer(config), []
    for _ in range(2):
        trainer.want_trace()
        trace = next(trainer).trace
        assert trace is not None
        made.append(trace)
    return made


def frames(window: MainWindow, made: list[WindowTrace]) -> np.ndarray:
    """Return seconds and seconds of processor time of each frame."""
    history, seconds = window.session.history, []
    history.add(Mail(rows(1, UPDATES)))
    for number in range(PROFILES):
        history.profiles.add(Profile(1 + number * UPDATES // PROFILES, made[0].dh.mean))
    for number in range(FRAMES):
        first = len(history) + 1
        trace = replace(made[number % 2], iteration=first + NEW - 1)
        history.add(
            Mail(rows(first, NEW), trace, profiles=(Profile(trace.iteration, trace.dh.mean),))
        )
        started = np.array([time.perf_counter(), time.process_time()])
        window.session.refreshed.emit()
        QApplication.processEvents()
        seconds.append(np.array([time.perf_counter(), time.process_time()]) - started)
    return np.array(seconds[FRAMES // 5 :]).T


def main() -> None:
    for cell in ("rnn", "lstm"):
        for steps in (200, 1000):
            overrides = [f"model.cell={cell}", f"task.length={steps}", "bptt.k2=100"]
            config = parse_preset(ADDING, "benchmark", overrides)
            with opened(config, panels=8) as window:
                next(d for d in window.docks if d.panel.name == "gradient-heatmap").raise_()
                QApplication.processEvents()
                wall, processor = map(percentiles, frames(window, traces(config)))
                shown = f"{cell}, T = {steps}, {len(window.panels)} panels"
                print(f"{shown}: {wall}; processor {processor}", flush=True)


if __name__ == "__main__":
    main()
