"""Starting and ending the program's window."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication

from gradexplorer.config.presets import load_preset, preset_names, save_preset
from gradexplorer.errors import InputError
from gradexplorer.gui.app import open_window
from gradexplorer.gui.application import make_application
from gradexplorer.gui.main_window import MainWindow

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def opened(qapp, monkeypatch):
    """Open the program's window and close it as soon as its event loop runs; return what it had."""
    before = signal.getsignal(signal.SIGINT)
    seen = []

    def look():
        window = next(w for w in qapp.topLevelWidgets() if isinstance(w, MainWindow))
        seen.append((window.session.config, window.documents.path))
        window.close()
        window.deleteLater()

    def open_and_look(*arguments):
        QTimer.singleShot(0, look)
        assert open_window(*arguments) == 0
        return seen.pop()

    yield open_and_look
    signal.signal(signal.SIGINT, before)


def test_it_opens_with_the_first_preset(opened):
    assert opened() == (load_preset(preset_names()[0]), None)


def test_it_opens_with_the_preset_asked_for(opened):
    assert opened("sunspots-truncated") == (load_preset("sunspots-truncated"), None)


def test_it_opens_with_a_file(opened, small, tmp_path, monkeypatch):
    path = tmp_path / "mine.toml"
    save_preset(small("title=Mine"), path)
    assert opened(str(path)) == (small("title=Mine"), path)
    monkeypatch.chdir(tmp_path)
    assert opened("mine.toml") == (small("title=Mine"), path)


def test_a_bad_preset_opens_nothing(qapp, tmp_path):
    with pytest.raises(InputError, match="did you mean vanishing-gradient"):
        open_window("vanishing-gradients")
    bad = tmp_path / "bad.toml"
    bad.write_text("schema = 1\n[model]\nhidden_size = 0\n", "utf-8")
    with pytest.raises(InputError, match=r"bad\.toml: model\.hidden_size"):
        open_window(str(bad))


def test_there_is_one_application(qapp):
    assert make_application() is qapp is QApplication.instance()
    assert qapp.applicationName() == "gradexplorer"


def test_missing_fonts_are_told(qapp, monkeypatch, capsys):
    monkeypatch.setattr(QFontDatabase, "families", staticmethod(list))
    make_application()
    assert "sudo apt install fonts-dejavu-core" in capsys.readouterr().err


INTERRUPTED = """
import os, signal, sys, threading
from PySide6.QtCore import QTimer
from gradexplorer.gui import app, main_window

idle = threading.Event()

def interrupt():
    idle.wait()
    os.kill(os.getpid(), signal.SIGINT)

class Window(main_window.MainWindow):
    def show(self):
        super().show()
        sys.setswitchinterval(60.0)  # the other thread goes on when Qt's loop sleeps, not before
        QTimer.singleShot(300, idle.set)  # when everything is painted

threading.Thread(target=interrupt, daemon=True).start()
main_window.MainWindow = Window
sys.exit(app.open_window())
"""


def test_ctrl_c_closes_a_window_that_does_nothing():
    """Qt's loop sleeps in C: nobody may have to move the mouse first."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", INTERRUPTED],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
