"""Time the engine beside its peers: ``python tests/benchmarks/engine_speed.py``.

Everybody does one forward and one backward pass of one layer with a linear readout at the last
step, in float32, on one thread, with subnormal numbers taken as zero. Within a round each has
its turn, measured in processor time, which other programs do not count in. What is printed are
medians over the rounds, of times and of ratios within a round, as a Markdown table.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import argparse
import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

import numpy as np

from gradexplorer.engine.layer import RecurrentLayer
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.subnormals import FlushSubnormals
from gradexplorer.engine.truncation import backward_plan

try:
    from tests.benchmarks import peers
except ImportError:  # run as a file
    import peers

INPUTS, OUTPUTS, DTYPE = 2, 1, np.float32
SECONDS_A_TURN = 0.03

PEERS = ("torch layer", "torch loop", "jax scan")

Run = Callable[[], object]


class Size(NamedTuple):
    """One row of the grid."""

    hidden: int
    batch: int
    steps: int


def size(text: str) -> Size:
    """Read H,B,T."""
    return Size(*map(int, text.split(",")))


GRIDS = {
    "short": ["16,1,50", "16,32,100", "64,16,100", "128,32,100", "256,64,100"],
    "full": [f"{h},{b},100" for h in (16, 64, 128, 256) for b in (1, 16, 32, 64)]
    + [f"{h},{b},{t}" for h in (16, 64) for b in (1, 32) for t in (50, 200, 1000)],
}


def engine(cell: str, row: Size, *, keeps: bool = True) -> Run:
    """Return one update's passes; with ``keeps`` false no dL/dh_t outlives the next step."""
    generator = np.random.default_rng(0)
    network = RecurrentNetwork(cell, INPUTS, row.hidden, OUTPUTS, DTYPE)
    flat, bound = network.parameters.flat, row.hidden**-0.5
    flat[...] = generator.uniform(-bound, bound, flat.size)
    inputs = generator.standard_normal((row.steps, row.batch, INPUTS)).astype(DTYPE)
    d_outputs = np.full((1, row.batch, OUTPUTS), 1.0 / row.batch, DTYPE)
    last, plan = slice(row.steps - 1, row.steps), backward_plan(row.steps, [row.steps - 1])
    network.forward(inputs, last)
    if not keeps:
        overwrite(network.layer)

    def run() -> None:
        network.forward(inputs, last)
        network.backward(d_outputs, plan)

    return run


def overwrite(layer: RecurrentLayer) -> None:
    """Let all steps share two rows for what flows back: what a program would do that shows none."""
    for name, rows in list(vars(layer).items()):
        if name.startswith("_rows_flow"):
            rows[0][...] = rows[1][...] = 0.0
            setattr(layer, name, ([rows[0], rows[1]] * len(rows))[: len(rows)])


def products(cell: str, row: Size) -> Run:
    """Return the matrix products of an update and nothing else: the floor."""
    gates, hidden = RecurrentNetwork(cell, 1, 1, 1).layer.gates, row.hidden
    width, rows = hidden + INPUTS + 1, gates * hidden
    forward, backward = np.ones((width, rows), DTYPE), np.ones((rows, hidden), DTYPE)
    hx = np.ones((row.steps, row.batch, width), DTYPE)
    da = np.ones((row.steps, row.batch, rows), DTYPE)
    a, dh = np.empty((row.batch, rows), DTYPE), np.empty((row.batch, hidden), DTYPE)
    gradient = np.empty((rows, width), DTYPE)

    def run() -> None:
        for step in hx:
            np.dot(step, forward, a)
        for step in da:
            np.dot(step, backward, dh)
        np.dot(da.reshape(-1, rows).T, hx.reshape(-1, width), gradient)

    return run


def seconds(run: Run, repeats: int) -> float:
    """Return the time of one call, averaged over some, after one that warms the caches."""
    run()
    start = time.process_time()
    for _ in range(repeats):
        run()
    return (time.process_time() - start) / repeats


def measure(runs: dict[str, Run], rounds: int) -> dict[str, list[float]]:
    """Return each one's times, everybody having a turn in every round."""
    repeats = {}
    for name, run in runs.items():
        repeats[name] = max(1, round(SECONDS_A_TURN / max(seconds(run, 1), 1e-6)))
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            times[name].append(seconds(run, repeats[name]))
    return times


def table_row(cell: str, row: Size, rounds: int) -> str:
    """Measure one row and write it."""
    ours = engine(cell, row)
    # By themselves: what a peer leaves in the caches costs as much as what is compared here.
    pair = {"engine": ours, "overwriting": engine(cell, row, keeps=False)}
    all_runs = {"engine": ours, "products": products(cell, row)}
    all_runs |= peers.runs(cell, row, INPUTS, OUTPUTS)
    with FlushSubnormals():
        kept, found = measure(pair, rounds), measure(all_runs, rounds)
    recording = _ratio(kept["engine"], kept["overwriting"]) - 1.0
    cells = [cell, *map(str, row), f"{1e3 * median(found['engine']):.2f}"]
    cells += [
        f"{_ratio(found[name], found['engine']):.2f}" if name in found else "-" for name in PEERS
    ]
    cells.append(f"{recording:+.1%}")
    cells.append(f"{_ratio(found['engine'], found['products']):.2f}")
    return f"| {' | '.join(cells)} |"


def _ratio(over: list[float], under: list[float]) -> float:
    """Return the median of the ratios within each round."""
    return median(a / b for a, b in zip(over, under, strict=True))


HEADER = """\
| cell | H | B | T | ms | torch layer | torch loop | jax scan | recording | of products |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"""


def main() -> None:
    """Print the table; the peers' columns are their time over ours."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--cells", nargs="+", default=["rnn", "lstm", "gru"])
    parser.add_argument("--grid", choices=GRIDS, default="full")
    parser.add_argument("--sizes", nargs="+", metavar="H,B,T", help="instead of a grid")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    print(f"Peers: {peers.versions()}\n\n{HEADER}")
    for cell in options.cells:
        for row in map(size, options.sizes or GRIDS[options.grid]):
            print(table_row(cell, row, options.rounds), flush=True)


if __name__ == "__main__":
    main()
