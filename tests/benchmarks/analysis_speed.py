"""Time the measurements: ``python -m tests.benchmarks.analysis_speed``.

A window of T = 100 steps with a loss at every one (the copy problem, the costly case), H = 64,
B = 16, on one thread, as a Markdown table of medians of processor time, which other programs do not
count in: the flow matrix, the truncation lens over all K with k1 = 1 and with k1 = K, and the full
Lyapunov spectrum; then what a verdict takes, and by the clock what a child process adds.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import argparse
import time
from collections.abc import Callable
from itertools import islice
from statistics import median

import numpy as np

from gradexplorer.analysis.dynamics import jacobian_norms, lyapunov_spectrum
from gradexplorer.analysis.flow import flow_matrix
from gradexplorer.analysis.lag_profile import lag_profile
from gradexplorer.analysis.remote import RemoteAnalysis
from gradexplorer.analysis.request import Request, analyze
from gradexplorer.analysis.steps import layer_steps
from gradexplorer.analysis.truncation import truncation_lens
from gradexplorer.analysis.units import measure_units
from gradexplorer.analysis.verdict import verdict
from gradexplorer.analysis.window import measured_window
from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.presets import load_preset
from gradexplorer.training.shape import window_shape
from gradexplorer.training.snapshot import METRICS_DTYPE
from gradexplorer.training.trainer import Trainer

SIZE = ["task.name=copy", "task.delay=80", "model.hidden_size=64", "training.batch_size=16"]
TARGETS = {"flow matrix": 0.5, "truncation, k1 = 1": 1.0, "Lyapunov spectrum": 2.0}


def timed(
    run: Callable[[], object], rounds: int, clock: Callable[[], float] = time.process_time
) -> float:
    """Return the median of some times."""
    times = []
    for _ in range(rounds):
        start = clock()
        run()
        times.append(clock() - start)
    return median(times)


def measurements(config: ExperimentConfig) -> dict[str, Callable[[], object]]:
    """Return what is timed, by its name."""
    measured = measured_window(config, Trainer(config).weights())
    (steps,) = layer_steps(measured.network, measured.window.inputs)
    return {
        "flow matrix": lambda: flow_matrix(measured),
        "lag profile": lambda: lag_profile(measured),
        "truncation, k1 = 1": lambda: truncation_lens(measured),
        "truncation, k1 = K": lambda: truncation_lens(measured, k1=None),
        "Lyapunov spectrum": lambda: lyapunov_spectrum(steps),
        "Jacobian norms": lambda: jacobian_norms(steps),
        "gates and units": lambda: measure_units(measured),
    }


def verdict_seconds(config: ExperimentConfig, rounds: int) -> float:
    """Return what one verdict takes on a million updates."""
    snapshots = list(islice(Trainer(config), 100))
    metrics = np.tile(np.array([tuple(one.metrics) for one in snapshots], METRICS_DTYPE), 10_000)
    trace = next(one.trace for one in reversed(snapshots) if one.trace is not None)
    shape = window_shape(config)
    return timed(lambda: verdict(config, shape, metrics, trace), 20 * rounds)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    cells = ("rnn", "lstm", "gru")
    configs = {
        cell: load_preset("vanishing-gradient", [*SIZE, f"model.cell={cell}"]) for cell in cells
    }
    runs = {cell: measurements(config) for cell, config in configs.items()}
    print(f"| seconds | target | {' | '.join(cells)} |\n|---|--:|{'--:|' * len(cells)}")
    for name in runs["rnn"]:
        times = [f"{timed(runs[cell][name], rounds):.3f}" for cell in cells]
        print(f"| {name} | {TARGETS.get(name, '')} | {' | '.join(times)} |")
    vanishing = load_preset("vanishing-gradient")
    print(f"\nA verdict on a million updates: {1e3 * verdict_seconds(vanishing, rounds):.2f} ms.")
    request = Request(vanishing, Trainer(vanishing).weights(), ("matrix",))
    here, there = (
        timed(run, rounds, time.perf_counter)
        for run in (lambda: analyze(request), RemoteAnalysis(request).run)
    )
    print(f"The preset's flow matrix: {here:.3f} s, in a child process {there:.3f} s.")


if __name__ == "__main__":
    main()
