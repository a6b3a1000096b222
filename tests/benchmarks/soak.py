"""Five million updates with all views on: python -m tests.benchmarks.soak [UPDATES].

A stand-in for the trainer makes them as fast as it can. Targets: resident memory grows by less
than 20 MB after the first tenth; threads, file handles and QObjects stay as many.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from PySide6.QtCore import QObject

from gradexplorer.gui.main_window import MainWindow
from tests.benchmarks.windows import adding, opened, spin_until, stand_in

PROC = Path("/proc/self")
STEPS = 10


def measure(window: MainWindow) -> dict[str, int]:
    sizes = dict(
        line.split(":") for line in (PROC / "status").read_text().splitlines() if ":" in line
    )
    return {
        "resident kB": int(sizes["VmRSS"].split()[0]),
        "anonymous kB": int(sizes["RssAnon"].split()[0]),
        "threads": len(list((PROC / "task").iterdir())),
        "files": len(list((PROC / "fd").iterdir())),
        "QObjects": len(window.findChildren(QObject)),
    }


def main() -> None:
    updates = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    started, seen = time.perf_counter(), []
    with opened(adding("rnn"), make_run=stand_in(0)) as window:
        session = window.session
        window.run()
        for step in range(1, STEPS + 1):
            spin_until(lambda step=step: session.iteration >= updates * step // STEPS, 600.0)
            seen.append(measure(window))
            print(f"{session.iteration:>10,} {seen[-1]}", flush=True)
        seconds = time.perf_counter() - started
    grown = {name: seen[-1][name] - seen[0][name] for name in seen[0]}
    print(f"{updates:,} updates in {seconds:.0f} s; after the first tenth: {grown}")


if __name__ == "__main__":
    main()
