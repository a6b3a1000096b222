"""How late the event loop is while it trains: python -m tests.benchmarks.event_loop_lateness [S].

Eight panels are open; a precise timer of 5 ms tells. Targets over a minute: p50 below 5 ms,
p99 below 20 ms, max below 100 ms.
"""

from __future__ import annotations

import sys
import time

from PySide6.QtCore import QObject, Qt, QTimer, Slot

from tests.benchmarks.windows import adding, opened, percentiles, spin, spin_until

INTERVAL = 0.005


class Lateness(QObject):
    """Notes how much later than it should a precise timer fires."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._note)
        self._timer.start(round(1000 * INTERVAL))

    @Slot()
    def _note(self) -> None:
        now = time.perf_counter()
        self.seconds.append(max(0.0, now - self._last - INTERVAL))
        self._last = now


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    for cell in ("rnn", "lstm"):
        with opened(adding(cell), panels=8) as window:
            window.run()
            spin_until(lambda window=window: window.session.iteration > 100, 30.0)
            spin(1.0)
            lateness = Lateness()
            spin(seconds)
            found = percentiles(lateness.seconds)
            print(f"{cell}, {len(window.panels)} panels, {seconds:.0f} s: {found}", flush=True)


if __name__ == "__main__":
    main()
