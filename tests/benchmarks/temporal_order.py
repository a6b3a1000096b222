"""The temporal-order problem as Pascanu, Mikolov & Bengio (2013) trained it.

50 tanh units, weights from a Gaussian of deviation 0.1, batches of 20, SGD with rate 0.01, the
norm clipped at 1 or not. A run is a success once it errs on less than 1 % of 10,000 sequences
that it was not trained on. It takes minutes to hours::

    python -m tests.benchmarks.temporal_order --seeds 5 --updates 250000
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import statistics
import sys
import time
from typing import NamedTuple

import numpy as np

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.presets import load_preset
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.tasks.temporal_order import TemporalOrder
from gradexplorer.training.trainer import Trainer

TESTED = 10_000
ALLOWED = 0.01
EVERY = 1000
CASES = [(20, "off"), (20, "norm"), (40, "off"), (40, "norm")]


class Outcome(NamedTuple):
    """How one run went; ``updates`` are those that it made."""

    solved: bool
    updates: int
    largest_norm: float


def experiment(length: int, clipping: str, seed: int, updates: int) -> ExperimentConfig:
    """Return the preset, which has the published settings, with these instead."""
    return load_preset(
        "temporal-order",
        [
            f"task.length={length}",
            f"clipping.method={clipping}",
            f"training.seed={seed}",
            f"training.iterations={updates}",
            f"training.evaluate_every={EVERY}",
            f"training.record_every={updates}",
        ],
    )


def error_rate(trainer: Trainer) -> float:
    """Return the share of fresh sequences that the network classifies wrongly."""
    task = TemporalOrder(trainer.config.task.length)
    weights = trainer.weights()
    hidden = weights["readout.weight"].shape[1]
    network = RecurrentNetwork("rnn", task.input_size, hidden, task.output_size)
    for name, values in weights.items():
        network.parameters[name][...] = values
    generator = np.random.default_rng(12345)
    wrong = 0
    for _ in range(0, TESTED, 1000):
        episodes = task.draw(generator, 1000)
        outputs = network.forward(episodes.inputs.astype(np.float32), slice(task.length - 1, None))
        wrong += np.count_nonzero(outputs.argmax(axis=2) != episodes.targets)
    return wrong / TESTED


def train(config: ExperimentConfig) -> Outcome:
    """Train until the task is solved, the updates are used up, or the run diverges."""
    trainer, largest = Trainer(config), 0.0
    for snapshot in trainer:
        largest = max(largest, snapshot.metrics.grad_norm)
        evaluation = snapshot.evaluation
        if evaluation is None or np.mean(evaluation.truth != evaluation.output) > ALLOWED:
            continue
        if error_rate(trainer) < ALLOWED:
            return Outcome(True, trainer.iteration, largest)
    return Outcome(False, trainer.iteration, largest)


def row(length: int, clipping: str, outcomes: list[Outcome]) -> str:
    """Return a line of the table."""
    solved = [outcome.updates for outcome in outcomes if outcome.solved]
    median = f"{statistics.median(solved):,.0f}" if solved else "–"
    largest = statistics.median(outcome.largest_norm for outcome in outcomes)
    name = "none" if clipping == "off" else "norm at 1"
    rate = f"{len(solved)} of {len(outcomes)}"
    return f"| {length} | {name} | {rate} | {median} | {largest:.0f} |"


def main() -> None:
    """Run every case with every seed and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--updates", type=int, default=250_000, help="the most of one run")
    asked = parser.parse_args()
    found: dict[tuple[int, str], list[Outcome]] = {case: [] for case in CASES}
    for seed in range(asked.seeds):
        for case, outcomes in found.items():
            started = time.perf_counter()
            outcomes.append(train(experiment(*case, seed, asked.updates)))
            seconds = time.perf_counter() - started
            print(f"{case}, seed {seed}: {outcomes[-1]}, {seconds:.0f} s", file=sys.stderr)
    print("| T | clipping | solved | updates, median of solved | largest norm, median |")
    print("|---|---|---|---|---|")
    for case, outcomes in found.items():
        print(row(*case, outcomes))


if __name__ == "__main__":
    main()
