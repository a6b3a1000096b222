"""The one QApplication."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication

from gradexplorer.gui.icons import app_icon


def make_application(arguments: Sequence[str] = ("gradexplorer",)) -> QApplication:
    """Return the process's QApplication in our style, made if there is none yet."""
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(list(arguments))
    app.setApplicationName("gradexplorer")
    app.setApplicationDisplayName("")
    app.setDesktopFileName("gradexplorer")
    app.setStyle("Fusion")
    app.setWindowIcon(app_icon())
    pg.setConfigOptions(antialias=False, useOpenGL=False)
    if not QFontDatabase.families():
        print(
            "gradexplorer: no fonts are installed, so every letter will be a box. "
            "On Debian or Ubuntu: sudo apt install fonts-dejavu-core",
            file=sys.stderr,
        )
    return app
