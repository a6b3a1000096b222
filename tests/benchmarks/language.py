"""The character models against models that only count, on Python's language reference.

Each preset is trained to its end with several seeds; the table has medians. It takes four minutes
on an idle machine::

    python -m tests.benchmarks.language --seeds 3
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import sys
import time
from statistics import median
from typing import NamedTuple

import numpy as np

from gradexplorer.config.presets import load_preset
from gradexplorer.training.trainer import Trainer

PRESETS = ("min-char-rnn", "lstm-writes")


class Outcome(NamedTuple):
    """How one run went; bits are per held-out character, ``passed`` the seconds to the bigram's."""

    bits: float
    bigram: float
    updates: int
    seconds: float
    passed: float


def train(preset: str, seed: int) -> Outcome:
    """Train a preset to its end, with the measurements that a person sees."""
    trainer = Trainer(load_preset(preset, [f"training.seed={seed}"]))
    figures, passed, started = {}, np.inf, time.perf_counter()
    for snapshot in trainer:
        if snapshot.evaluation is None:
            continue
        figures = snapshot.evaluation.figures
        if figures["bits per character"] < figures["bigram bits per character"]:
            passed = min(passed, time.perf_counter() - started)
        else:
            passed = np.inf  # it came back
    seconds = time.perf_counter() - started
    bits, bigram = (figures[name] for name in ("bits per character", "bigram bits per character"))
    return Outcome(bits, bigram, trainer.iteration, seconds, passed)


def row(preset: str, outcomes: list[Outcome]) -> str:
    """Return a line of the table."""
    bits, bigram, updates, seconds, passed = (
        median(values) for values in zip(*outcomes, strict=True)
    )
    return (
        f"| {preset} | {bits:.2f} | {bigram:.2f} | {updates:,.0f} | {seconds:.0f} | {passed:.0f} |"
    )


def main() -> None:
    """Train every preset with every seed and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    found: dict[str, list[Outcome]] = {preset: [] for preset in PRESETS}
    for seed in range(asked.seeds):
        for preset, outcomes in found.items():
            outcomes.append(train(preset, seed))
            print(f"{preset}, seed {seed}: {outcomes[-1]}", file=sys.stderr, flush=True)
    print("| preset | bits a character | bigram model | updates | seconds | ahead for good after |")
    print("|---|--:|--:|--:|--:|--:|")
    for preset, outcomes in found.items():
        print(row(preset, outcomes))


if __name__ == "__main__":
    main()
