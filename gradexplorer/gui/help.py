"""What the window says about itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QMessageBox

from gradexplorer.export.summary import versions
from gradexplorer.lessons import task_page

if TYPE_CHECKING:
    from gradexplorer.gui.main_window import MainWindow

_MOUSE = (
    ("drag", "Move a plot along its data"),
    ("wheel", "Zoom a plot; over an axis, along that axis alone"),
    ("double click", "Let a plot follow its data again"),
    ("drop a file", "Open an experiment, or data of your own"),
)

_PAGE_WIDTH = 520


def panels_text(window: MainWindow) -> str:
    """Return what each panel shows."""
    return "".join(
        f"<p><b>{escape(panel.title)}</b><br>{escape(panel.help)}</p>" for panel in window.panels
    )


def task_text(window: MainWindow) -> str:
    """Return the page on the task that is chosen."""
    task = window.form.config.task
    page = f"<h3>{escape(task.title)}</h3>{rich(task_page(task.name))}"
    return f"<table width='{_PAGE_WIDTH}'><tr><td>{page}</td></tr></table>"


def rich(markdown: str) -> str:
    """Return a page as a message or a tooltip shows it, its headings no larger than its text."""
    document = QTextDocument()
    document.setMarkdown(markdown.replace("## ", "#### "))
    return document.toHtml()


def keys_text(window: MainWindow) -> str:
    """Return what keys and the mouse do."""
    actions = (action for panel in window.panels for action in panel.actions())
    own = ((action.shortcut().toString(), action.toolTip()) for action in actions)
    return _table((*window.actions_.with_keys(), *(entry for entry in own if entry[0]), *_MOUSE))


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
