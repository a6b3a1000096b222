"""What the memory problems' presets reach, beside what is reached without learning.

Every bundled experiment on a memory problem, and some settings of theirs that make it harder,
trained to its end with several seeds; the loss and the figure are those of the last held-out
measurement, as medians with the worst seed. A few minutes::

    python -m tests.benchmarks.memory_tasks --seeds 3
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import statistics
import sys
import time
from typing import NamedTuple

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.presets import load_preset
from gradexplorer.training.shape import window_shape
from gradexplorer.training.trainer import Trainer

# What it is called, the preset, and what is changed in it.
CASES: dict[str, tuple[str, tuple[str, ...]]] = {
    "adding, −1 to 1, T = 50, tanh": ("vanishing-gradient", ()),
    "adding, −1 to 1, T = 50, LSTM": ("lstm-remembers", ()),
    "adding, 0 to 1, T = 50, LSTM": ("lstm-remembers", ("task.scaling=unit",)),
    "adding, 0 to 1, T = 50, identity RNN": ("irnn-adding", ()),
    "temporal order, T = 20, tanh, clipped": ("temporal-order", ()),
    "temporal order, 3 symbols, T = 50, LSTM": (
        "lstm-remembers",
        ("task={name='temporal_order', length=50, bits=3}", "model.hidden_size=32"),
    ),
    "copy, delay 30, linear orthogonal": ("copy", ()),
    "copy, delay 100, linear orthogonal": ("copy", ("task.delay=100",)),
    "copy, delay 30, LSTM": ("copy", ("model.cell=lstm",)),
    "delayed recall, lag 10, k2 = 11": ("delayed-recall", ()),
    "delayed recall, lag 10, k2 = 10": ("delayed-recall", ("bptt.k2=10",)),
    "delayed recall, lag 20, full": (
        "delayed-recall",
        ("task.lag=20", "bptt.k1=none", "bptt.k2=none"),
    ),
    "delayed recall, lag 10, loss at the last step": (
        "delayed-recall",
        ("task.loss_at=last", "bptt.k1=none", "bptt.k2=none"),
    ),
    "digits row by row, LSTM": ("digit-rows", ()),
    "digits row by row, LSTM, k2 = 1": ("digit-rows", ("bptt.k2=1",)),
}


class Outcome(NamedTuple):
    """How one run ended."""

    loss: float
    figure: float
    seconds: float


def experiment(case: str, seed: int) -> ExperimentConfig:
    """Return a case's experiment with a seed."""
    preset, changes = CASES[case]
    return load_preset(preset, [*changes, f"training.seed={seed}", "training.evaluate_every=100"])


def train(config: ExperimentConfig) -> tuple[Outcome, str]:
    """Train to the end; return what was reached, and what the figure is called."""
    started, last = time.perf_counter(), None
    for snapshot in Trainer(config):
        last = snapshot.evaluation or last
    assert last is not None
    ((name, figure),) = last.figures.items()
    return Outcome(last.loss, figure, time.perf_counter() - started), name


def row(case: str, name: str, outcomes: list[Outcome]) -> str:
    """Return a line of the table."""
    (baseline,) = window_shape(experiment(case, 0)).baselines
    losses, figures, seconds = zip(*outcomes, strict=True)
    reached = f"{statistics.median(losses):.2g} ({max(losses):.2g})"
    figure = f"{name} {statistics.median(figures):.3f} ({min(figures):.3f})"
    updates = experiment(case, 0).training.iterations
    return (
        f"| {case} | {baseline.name}: {baseline.loss:.3g} | {reached} | {figure} "
        f"| {updates:,} | {statistics.median(seconds):.0f} |"
    )


def main() -> None:
    """Run every case with every seed and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    print("| task | baseline | held-out loss (worst) | figure (worst) | updates | seconds |")
    print("|---|---|--:|---|--:|--:|")
    for case in CASES:
        outcomes = []
        for seed in range(asked.seeds):
            outcome, name = train(experiment(case, seed))
            outcomes.append(outcome)
            print(f"{case}, seed {seed}: {outcome}", file=sys.stderr)
        print(row(case, name, outcomes), flush=True)


if __name__ == "__main__":
    main()
