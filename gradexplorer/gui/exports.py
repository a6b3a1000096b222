"""Saving pictures and data from the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from gradexplorer.errors import InputError
from gradexplorer.export.tables import write_table
from gradexplorer.gui.export_dialog import ExportDialog
from gradexplorer.gui.figures import export_everything, render_image, save_figure
from gradexplorer.gui.panels.panel import Panel
from gradexplorer.gui.targets import choose_target

_FILTERS = {"png": "PNG picture (*.png)", "svg": "SVG picture (*.svg)", "pdf": "PDF (*.pdf)"}
_CLIPBOARD_SCALE = 2.0


class Exports(QObject):
    """Asks where to, writes, and tells how it went."""

    done = Signal(str)
    failed = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._folder = Path.home()

    @Slot(object, str, float)
    def save_picture(self, panel: Panel, format: str, scale: float) -> None:
        """Save one panel's picture."""
        path = self._ask(f"Save {panel.title.lower()}", f"{panel.name}.{format}", _FILTERS[format])
        if path is not None:
            self._write(lambda: save_figure(panel, path, scale), path)

    @Slot(object)
    def save_data(self, panel: Panel) -> None:
        """Save what one panel draws as CSV."""
        path = self._ask("Save data", f"{panel.name}.csv", "CSV table (*.csv)")
        if path is not None:
            self._write(lambda: write_table(panel.table(), path), path)

    @Slot(object)
    def copy_picture(self, panel: Panel) -> None:
        """Put one panel's picture on the clipboard."""
        QGuiApplication.clipboard().setImage(render_image(panel, _CLIPBOARD_SCALE))
        self.done.emit(f"{panel.title} is on the clipboard.")

    def save_everything(self, panels: Sequence[Panel]) -> None:
        """Ask for a folder and formats and save all of it there."""
        dialog = ExportDialog(self._folder, self._window)
        if not dialog.exec():
            return
        folder = dialog.folder()
        self._write(
            lambda: export_everything(panels, folder, dialog.formats(), dialog.scale()), folder
        )

    def _ask(self, title: str, name: str, filter: str) -> Path | None:
        ending = Path(name).suffix
        path = choose_target(self._window, title, self._folder / name, filter, ending)
        if path is not None:
            self._folder = path.parent
        return path

    def _write(self, write: Callable[[], None], path: Path) -> None:
        try:
            write()
        except InputError as error:
            self.failed.emit(str(error))
        else:
            self.done.emit(f"Saved {path}.")
