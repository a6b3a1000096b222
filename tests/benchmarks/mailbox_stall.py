"""A window that stands still for 5 s: python -m tests.benchmarks.mailbox_stall.

A stand-in for the trainer makes 50,000 updates a second. Targets: none is lost, the queue is
bounded, and the view has caught up within 100 ms.
"""

from __future__ import annotations

import time

import numpy as np
from PySide6.QtWidgets import QApplication

from gradexplorer.gui.worker import Worker
from gradexplorer.training.snapshot import METRICS_DTYPE
from tests.benchmarks.windows import adding, opened, spin, spin_until, stand_in

RATE, STALL, ROUNDS = 50_000.0, 5.0, 5


def main() -> None:
    with opened(adding("rnn"), make_run=stand_in(RATE)) as window:
        session = window.session
        window.run()
        spin_until(lambda: session.iteration > 1000, 30.0)
        worker = session.findChild(Worker)
        recoveries = []
        for _ in range(ROUNDS):
            spin(3.0)
            before = session.iteration
            time.sleep(STALL)
            waiting = len(worker.mailbox._rows) // METRICS_DTYPE.itemsize
            resumed = time.perf_counter()
            while session.iteration < before + waiting:
                QApplication.processEvents()
            QApplication.processEvents()  # and painted
            recoveries.append(1000.0 * (time.perf_counter() - resumed))
            print(
                f"{waiting:,} updates waited ({waiting / STALL:,.0f}/s); drawn after "
                f"{recoveries[-1]:.0f} ms",
                flush=True,
            )
        session.pause()
        spin_until(lambda: session.rest.reached, 10.0)
        found = session.view.history.metrics["iteration"]
        complete = np.array_equal(found, np.arange(1, len(session.view.history) + 1))
        print(
            f"recovery: median {np.median(recoveries):.0f} ms, max {max(recoveries):.0f} ms; "
            f"{len(found):,} updates, {'none lost' if complete else 'SOME LOST'}"
        )


if __name__ == "__main__":
    main()
