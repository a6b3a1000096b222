"""What the window says about itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMessageBox

from gradexplorer.export.summary import versions

if TYPE_CHECKING:
    from gradexplorer.gui.main_window import MainWindow

_MOUSE = (
    ("drag", "Move a plot along its data"),
    ("wheel", "Zoom a plot; over an axis, along that axis alone"),
    ("double click", "Let a plot follow its data again"),
    ("drop a file", "Open an experiment, or data of your own"),
)


def panels_text(window: MainWindow) -> str:
    """Return what each panel shows."""
    return "".join(
        f"<p><b>{escape(panel.title)}</b><br>{escape(panel.help)}</p>" for panel in window.panels
    )


def keys_text(window: MainWindow) -> str:
    """Return what keys and the mouse do."""
    return _table((*window.actions_.with_keys(), *_MOUSE))


def about_text(_window: MainWindow) -> str:
    """Return what this is, and of which versions."""
    intent = "<p><b>gradexplorer</b></p><p>See how gradients flow while a network learns.</p>"
    return intent + _table(versions().items())


def show_text(
    window: MainWindow, title: str, text: Callable[[MainWindow], str], _checked: bool = False
) -> None:
    """Show one of these texts."""
    QMessageBox.about(window, title, text(window))


def _table(rows: Iterable[tuple[str, str]]) -> str:
    cells = (f"<tr><td><b>{escape(a)}</b>&emsp;</td><td>{escape(b)}</td></tr>" for a, b in rows)
    return f"<table cellpadding='2'>{''.join(cells)}</table>"
