"""Starting the window."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from gradexplorer.config.presets import load_preset, preset_names
from gradexplorer.config.tasks.own import OwnSeriesTask
from gradexplorer.errors import InputError
from gradexplorer.gui.platform import missing_display, missing_libraries

_PULSE_MILLISECONDS = 200


def open_window(preset: str | None = None) -> int:
    """Open the window and wait until it is closed; return the exit code.

    Parameters
    ----------
    preset : str, optional
        A bundled preset's name or a TOML file to begin with.

    Raises
    ------
    InputError
        There is no display, a system library is missing, or the preset is not valid.
    """
    problem = missing_display() or missing_libraries(window=True)
    if problem:
        raise InputError(problem)
    bundled = preset_names()
    preset = preset or bundled[0]
    config = load_preset(preset)
    path = None if preset in bundled else Path(preset).resolve()

    from PySide6.QtCore import QTimer

    from gradexplorer.gui.application import make_application
    from gradexplorer.gui.garbage import GarbageCollector
    from gradexplorer.gui.main_window import MainWindow

    app = make_application(sys.argv[:1])
    if isinstance(config.task, OwnSeriesTask):  # it may take long to read: from the window
        window = MainWindow(load_preset(bundled[0]))
        QTimer.singleShot(0, window, lambda: window.opening.open_experiment(Path(preset)))
    else:
        window = MainWindow(config, path)
    collector = GarbageCollector(app)
    window.show()
    signal.signal(signal.SIGINT, lambda *_: window.close())
    # Python sees a Ctrl-C only when it runs; Qt's loop would sleep through it.
    pulse = QTimer(window)
    pulse.timeout.connect(lambda: None)
    pulse.start(_PULSE_MILLISECONDS)
    try:
        return int(app.exec())
    finally:
        collector.close()
        collector.deleteLater()
