"""What a large file costs: the time until it is refused, or read, and the memory that takes.

``python -m tests.benchmarks.large_file --megabytes 300`` writes such a CSV into a temporary folder;
one that is too large is then cut down to the largest that is read, and read.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from gradexplorer.errors import InputError
from gradexplorer.tasks.tables.load import load_table
from gradexplorer.tasks.tables.source import MAX_BYTES

_ROW_WORDS = 84  # so that the largest file has about as many values as are kept


def write(path: Path, size: int) -> None:
    """Write rows of a date, two numbers and words, up to a size in bytes."""
    generator = np.random.default_rng(0)
    start = np.datetime64("1990-01-01T00:00")
    block = 20_000
    with path.open("w") as file:
        file.write("time,flow,level,remark\n")
        for first in range(0, 1 << 60, block):
            numbers = generator.standard_normal((block, 2))
            file.writelines(
                f"{start + first + k},{a:.6f},{b:.6f},{'remark ' * (_ROW_WORDS // 7)}\n"
                for k, (a, b) in enumerate(numbers)
            )
            if file.tell() >= size:
                return


def peak() -> float:
    """Return the most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(path: Path) -> None:
    """Print what became of a file, and what it took."""
    before, start = peak(), time.perf_counter()
    last = start
    gap = 0.0

    def watch(_share: float) -> None:
        nonlocal last, gap
        now = time.perf_counter()
        gap, last = max(gap, now - last), now

    try:
        table = load_table(path, watch=watch)
        told = f"read: {table.size}"
    except InputError as error:
        told = f"refused: {str(error).replace(str(path), path.name)}"
    seconds = time.perf_counter() - start
    print(f"{path.stat().st_size / 1e6:,.0f} MB {told}")
    print(
        f"    {seconds:.3f} s, {peak() - before:,.0f} MB more memory; it could be cancelled every "
        f"{1000 * gap:.0f} ms or sooner"
    )


def main() -> None:
    """Write, measure, cut, measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, default=1000)
    size = parser.parse_args().megabytes * 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.csv"
        write(path, size)
        measure(path)
        if size > MAX_BYTES:
            with path.open("rb+") as file:
                file.seek(MAX_BYTES - 4096)
                file.readline()
                os.truncate(file.fileno(), file.tell())
            measure(path)


if __name__ == "__main__":
    main()
