"""Control: how many pendulums are swung up and held, and how well plants are identified.

Of 100 held-out trials of 200 steps from Gymnasium's own random starts, a success is within 10
degrees of upright during the last 2 seconds. Plants are told by the held-out loss, in units of the
output's variance under the random input, beside the baselines. It takes some minutes::

    python -m tests.benchmarks.control --seeds 3
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import statistics
import time

from gradexplorer.config.presets import load_preset
from gradexplorer.tasks.plant_identification import PLANTS
from gradexplorer.training.build import build_task
from gradexplorer.training.snapshot import Evaluation
from gradexplorer.training.trainer import Trainer

CONTROLLERS = {
    "GRU, 32 units (the preset)": [],
    "LSTM, 32 units": ["model.cell=lstm"],
    "vanilla, 32 units": ["model.cell=rnn"],
    "feedforward, 2 x 64 ReLU": [
        "model.cell=feedforward",
        "model.depth=2",
        "model.hidden_size=64",
        "model.activation=relu",
    ],
}


def train(preset: str, seed: int, changes: list[str]) -> tuple[Evaluation, float]:
    """Return the last evaluation of a whole run, and how many seconds it took."""
    config = load_preset(preset, [*changes, f"training.seed={seed}"])
    started = time.perf_counter()
    evaluations = [snapshot.evaluation for snapshot in Trainer(config) if snapshot.evaluation]
    return evaluations[-1], time.perf_counter() - started


def pendulum(seeds: int) -> None:
    """Print a table of successes."""
    print("| controller | successes of 100, by seed | mean return, by seed | s a run |")
    print("|---|---|---|---|")
    for name, changes in CONTROLLERS.items():
        runs = [train("pendulum-swing-up", seed, changes) for seed in range(seeds)]
        held = ", ".join(f"{100 * run.figures['held-out successes']:.0f}" for run, _ in runs)
        returns = ", ".join(f"{run.figures['mean return']:.0f}" for run, _ in runs)
        seconds = statistics.median(seconds for _, seconds in runs)
        print(f"| {name} | {held} | {returns} | {seconds:.0f} |", flush=True)


def plants(seeds: int) -> None:
    """Print a table of held-out losses."""
    print("| plant | network, by seed | linear in 25 inputs | last true output | s a run |")
    print("|---|---|---|---|---|")
    for plant in PLANTS:
        changes = [f"task.plant={plant}", "training.evaluate_every=3000"]
        task = build_task(load_preset("plant-identification", changes))
        last, linear = (f"{baseline.loss:.3g}" for baseline in task.baselines)
        runs = [train("plant-identification", seed, changes) for seed in range(seeds)]
        losses = ", ".join(f"{run.loss:.2g}" for run, _ in runs)
        seconds = statistics.median(seconds for _, seconds in runs)
        print(f"| {plant} | {losses} | {linear} | {last} | {seconds:.0f} |", flush=True)


def main() -> None:
    """Run both and print two Markdown tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    pendulum(asked.seeds)
    print()
    plants(asked.seeds)


if __name__ == "__main__":
    main()
