"""Spoken digits told by voices never heard: the preset and what may be changed in it.

The preset is trained whole with each seed; the accuracy is that of the last evaluation, on the
200 words of the 10 voices held out. It takes some minutes::

    python -m tests.benchmarks.speech --seeds 3

With a folder, as the task `own_recordings` wants it, that one is learned too::

    python -m tests.benchmarks.speech --seeds 3 --folder recordings
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import statistics
import sys
import time

from gradexplorer.config.presets import load_preset
from gradexplorer.training.trainer import Trainer

CASES = {
    "the preset": [],
    "the voices not varied": ["task.vary=off"],
    "loss at every frame": ["task.loss_at=every"],
    "LSTM": ["model.cell=lstm"],
    "vanilla RNN": ["model.cell=rnn"],
    "feedforward, 2 layers of 64": ["model.cell=feedforward", "model.depth=2"],
}


def accuracy(changes: list[str], seed: int) -> float:
    """Return the share of held-out words told rightly after a run."""
    sets = [*changes, f"training.seed={seed}", "training.record_every=1000000"]
    *_, last = Trainer(load_preset("spoken-digits", sets))
    return float(last.evaluation.figures["held-out accuracy"])


def main() -> None:
    """Train every case with every seed and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--folder", default="", help="recordings of one's own, besides")
    asked = parser.parse_args()
    cases = dict(CASES)
    if asked.folder:
        cases[asked.folder] = ["task.name=own_recordings", f"task.folder={asked.folder}"]
    print("| case | held-out accuracy, mean | of each seed | seconds a run |")
    print("|---|---|---|---|")
    for name, changes in cases.items():
        started = time.perf_counter()
        found = [accuracy(changes, seed) for seed in range(asked.seeds)]
        seconds = (time.perf_counter() - started) / asked.seeds
        each = ", ".join(f"{one:.3f}" for one in found)
        print(f"| {name} | {statistics.mean(found):.3f} | {each} | {seconds:.0f} |")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
