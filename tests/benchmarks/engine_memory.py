"""Measure the engine's memory: ``python tests/benchmarks/engine_memory.py``.

Prints three Markdown tables: what is allocated inside the training loop after the first update,
the buffers against the arrays that backpropagation through time must keep, and time and memory
against T for full and for truncated BPTT.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"

import argparse
import time
import tracemalloc
from statistics import median

import numpy as np

from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.subnormals import FlushSubnormals
from gradexplorer.engine.truncation import BackwardPlan, backward_plan

CELLS = ("rnn", "lstm", "gru")
INPUTS, OUTPUTS, ITEM = 2, 1, 4
# Values of H numbers a step that no BPTT can do without: the hidden state and what the slopes are
# made of (gates, cell states), dL/da for the weights' gradient, and the recorded dL/dh and dL/dc.
KEPT = {"rnn": 1 + 1 + 1, "lstm": (2 + 4 + 1) + 4 + 2, "gru": (1 + 4) + 4 + 1}


class Training:
    """A network, its window and one update after another, without the optimizer.

    Parameters
    ----------
    cell : str
    hidden, batch, steps : int
        H, B and T.
    k2 : int, optional
        Truncation length, with chunks as long; ``None``: full BPTT.
    every : bool
        Whether every step bears a loss, or the last alone.
    """

    def __init__(
        self, cell: str, hidden: int, batch: int, steps: int, k2: int | None, *, every: bool
    ) -> None:
        generator = np.random.default_rng(0)
        self.network = RecurrentNetwork(cell, INPUTS, hidden, OUTPUTS)
        flat, bound = self.network.parameters.flat, hidden**-0.5
        flat[...] = generator.uniform(-bound, bound, flat.size)
        self.inputs = generator.standard_normal((steps, batch, INPUTS)).astype(np.float32)
        losses = range(0 if every else steps - 1, steps)
        self.losses = slice(losses.start, steps)
        self.d_outputs = np.full((len(losses), batch, OUTPUTS), 1e-3, np.float32)
        self.plan: BackwardPlan = backward_plan(steps, losses, k2=k2)

    def update(self) -> None:
        """Run forward and backward, and change the weights a little."""
        self.network.forward(self.inputs, self.losses)
        self.network.backward(self.d_outputs, self.plan)
        self.network.parameters.flat -= np.float32(1e-6) * self.network.gradients.flat


def peak_of_update(training: Training) -> int:
    """Return the most bytes that an update after the first holds beyond what it found."""
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    training.update()
    return tracemalloc.get_traced_memory()[1] - before


def inside_the_loop() -> None:
    """Print the peak of a later update at growing T: it must not grow."""
    print("| cell | bytes at T = 100 | 1,000 | 10,000 |\n|---|--:|--:|--:|")
    for cell in CELLS:
        found = []
        for steps in (100, 1000, 10_000):
            training = Training(cell, 32, 4, steps, None, every=True)
            tracemalloc.start()
            training.update()
            training.update()
            found.append(f"{peak_of_update(training):,}")
            tracemalloc.stop()
        print(f"| {cell} | {' | '.join(found)} |")


def held(training: Training) -> int:
    """Return the bytes that a network's first update leaves allocated."""
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    training.update()
    now, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return now - before


def against_what_must_be_kept() -> None:
    """Print the buffers' bytes over those of the arrays that BPTT must keep."""
    print("| cell | H | B | T | MB | must keep | ratio |\n|---|--:|--:|--:|--:|--:|--:|")
    for cell in CELLS:
        for hidden, batch, steps in ((16, 16, 200), (64, 32, 200), (256, 64, 100), (64, 1, 10_000)):
            has = held(Training(cell, hidden, batch, steps, None, every=False))
            kept = steps * batch * ITEM * (KEPT[cell] * hidden + INPUTS)
            numbers = f"{hidden} | {batch} | {steps:,} | {has / 1e6:.2f} | {kept / 1e6:.2f}"
            print(f"| {cell} | {numbers} | {has / kept:.2f} |")


def against_length(rounds: int) -> None:
    """Print time and memory of an update at growing T, full BPTT beside k2 = 20."""
    print("| cell | T | ms full | MB full | ms k2 = 20 | MB k2 = 20 | us a step, full |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for cell in CELLS:
        for steps in (20, 100, 500, 2000, 5000, 20_000):
            full, cut = (Training(cell, 32, 16, steps, k2, every=True) for k2 in (None, 20))
            memory = [held(training) / 1e6 for training in (full, cut)]
            times: tuple[list[float], list[float]] = ([], [])
            with FlushSubnormals():
                for _ in range(rounds):
                    for training, found in zip((full, cut), times, strict=True):
                        start = time.process_time()
                        training.update()
                        found.append(1e3 * (time.process_time() - start))
            whole, short = map(median, times)
            numbers = f"{whole:.2f} | {memory[0]:.1f} | {short:.2f} | {memory[1]:.1f}"
            print(f"| {cell} | {steps:,} | {numbers} | {1e3 * whole / steps:.1f} |")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    print("Peak of what an update after the first allocates, bytes (H = 32, B = 4)\n")
    inside_the_loop()
    print("\nBuffers against the arrays that BPTT must keep (float32)\n")
    against_what_must_be_kept()
    print("\nOne update against T (H = 32, B = 16, a loss at every step)\n")
    against_length(options.rounds)


if __name__ == "__main__":
    main()
