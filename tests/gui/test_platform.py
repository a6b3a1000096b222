"""What is missing is said in a sentence, before Qt would abort."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gradexplorer.errors import InputError
from gradexplorer.gui.app import open_window
from gradexplorer.gui.platform import missing_display, missing_libraries

ROOT = Path(__file__).resolve().parents[2]
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="is asked on Linux only")


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    """Take every display away."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def lacking(monkeypatch):
    """Give a function that lets libraries be missing; all others load."""

    def lack(*names):
        class Loader:
            def __init__(self, name):
                if name in names:
                    raise OSError(name)

        monkeypatch.setattr(ctypes, "CDLL", Loader)

    return lack


@LINUX
def test_no_display_is_said_with_what_to_do_instead():
    assert missing_display() == (
        "There is no display to open a window on. Without a window: gradexplorer run PRESET "
        "--out FOLDER (gradexplorer presets lists them)."
    )


@pytest.mark.parametrize("name", ["QT_QPA_PLATFORM", "WAYLAND_DISPLAY"])
def test_another_platform_than_x11_is_left_to_qt(monkeypatch, name):
    monkeypatch.setenv(name, "offscreen")
    assert missing_display() == ""


@LINUX
def test_a_display_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":987654")
    assert missing_display().startswith("The display :987654 does not answer.")


@LINUX
def test_without_xcb_the_display_is_left_to_qt(monkeypatch, lacking):
    monkeypatch.setenv("DISPLAY", ":987654")
    lacking("libxcb.so.1")
    assert missing_display() == ""


@LINUX
def test_missing_libraries_are_named_with_their_packages(lacking):
    lacking("libEGL.so.1", "libfontconfig.so.1")
    assert missing_libraries() == (
        "Qt needs libEGL.so.1, libfontconfig.so.1, missing on this system. "
        "On Debian or Ubuntu: sudo apt install libegl1 libfontconfig1"
    )


@LINUX
@pytest.mark.parametrize(
    ("display", "window", "named"), [(":0", True, True), (":0", False, False), ("", True, False)]
)
def test_x11_libraries_are_wanted_for_a_window_on_x11_only(
    monkeypatch, lacking, display, window, named
):
    monkeypatch.setenv("DISPLAY", display)
    lacking("libxcb-cursor.so.0")
    assert ("libxcb-cursor0" in missing_libraries(window=window)) is named


def test_nothing_missing_is_nothing_said(lacking):
    lacking()
    assert missing_libraries(window=True) == ""


def test_other_systems_bring_their_own(monkeypatch, lacking):
    lacking("libEGL.so.1")
    for platform in ("darwin", "win32"):
        monkeypatch.setattr(sys, "platform", platform)
        assert missing_libraries(window=True) == missing_display() == ""


@LINUX
def test_a_window_without_a_display_is_refused():
    with pytest.raises(InputError, match="There is no display"):
        open_window()


@LINUX
def test_a_window_without_its_libraries_is_refused(monkeypatch, lacking):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    lacking("libGL.so.1")
    with pytest.raises(InputError, match="sudo apt install libgl1"):
        open_window()


@LINUX
def test_the_program_without_a_display_says_so_and_exits():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "gradexplorer"],
        cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"gradexplorer: {missing_display()}\n"
