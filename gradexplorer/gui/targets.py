"""The question which file to write to."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget


def choose_target(
    parent: QWidget, title: str, proposed: Path, filter: str, ending: str
) -> Path | None:
    """Let the user choose a file to write; an ending that was left out is added.

    Parameters
    ----------
    parent : QWidget
    title : str
    proposed : Path
    filter : str
        As `QFileDialog` wants it.
    ending : str
        With its dot.
    """
    name, _ = QFileDialog.getSaveFileName(parent, title, str(proposed), filter)
    if not name:
        return None
    path = Path(name)
    if path.suffix.lower() == ending:
        return path
    path = path.with_name(path.name + ending)
    return path if not path.exists() or _may_replace(parent, title, path) else None


def _may_replace(parent: QWidget, title: str, path: Path) -> bool:
    """Ask as the dialog would have, had it known the ending."""
    question = f"{path.name} already exists. Replace it?"
    return QMessageBox.question(parent, title, question) == QMessageBox.StandardButton.Yes
