"""From the command to the first painted window: python -m tests.benchmarks.start_time.

Targets, warm: below 1.5 s; `gradexplorer --help` below 0.4 s.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

ROUNDS = 9
WINDOW = """
import os
import gradexplorer.cli as cli
cli.limit_threads(os.environ)
from PySide6.QtCore import QTimer
from gradexplorer.gui import main_window

class Window(main_window.MainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        QTimer.singleShot(0, lambda: os._exit(0))  # when all its parts are painted too

main_window.MainWindow = Window
cli.main([])
"""


def seconds(*arguments: str) -> float:
    started = time.perf_counter()
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - started


def main() -> None:
    commands = {
        "bare Python": ("-c", ""),
        "--help": ("-m", "gradexplorer", "--help"),
        "window": ("-c", WINDOW),
    }
    found: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, arguments in commands.items():
            found[name].append(seconds(*arguments))
    for name, values in found.items():
        print(f"{name}: median {statistics.median(values):.2f} s, max {max(values):.2f} s")


if __name__ == "__main__":
    main()
