"""Opening and saving, in the window: experiments, data, and what is dropped on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QDropEvent

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.gui.own_data import TABLES, TEXTS

if TYPE_CHECKING:
    from gradexplorer.gui.main_window import MainWindow


class Opening(QObject):
    """Opens experiments and data, unless the user wants to keep what is here, and saves."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._form, self._editing = window.form, window.editing
        self._documents, self._own_data = window.documents, window.own_data
        for name, slot in {
            "open": self.choose_experiment,
            "open_data": self.choose_data,
            "save": self.save,
            "save_as": self.save_as,
        }.items():
            window.actions_[name].triggered.connect(slot)
        self._documents.opened.connect(self._take_experiment)
        self._own_data.chosen.connect(self._take_data)

    def may_discard(self) -> bool:
        """Ask about unsaved changes, among them what is still being typed."""
        self._form.commit()
        return self._documents.may_discard(self._form.config)

    @Slot()
    def choose_experiment(self) -> None:
        """Let the user choose an experiment."""
        if self.may_discard():
            self._documents.choose_and_open()

    @Slot()
    def choose_data(self) -> None:
        """Let the user choose data of their own."""
        if self.may_discard():
            self._own_data.choose()

    def open_experiment(self, name_or_path: str | Path) -> None:
        """Open a bundled preset or a file."""
        if self.may_discard():
            self._documents.open(name_or_path)

    def open_file(self, path: Path) -> None:
        """Open an experiment or data, as the file's ending says."""
        if path.suffix.lower() not in (*TABLES, *TEXTS):
            self.open_experiment(path)
        elif self.may_discard():
            self._own_data.open(path)

    @Slot()
    def save(self) -> None:
        """Save the experiment as it stands in the form."""
        if self._editing.is_valid():
            self._documents.save(self._form.config)

    @Slot()
    def save_as(self) -> None:
        """Save the experiment to another file."""
        if self._editing.is_valid():
            self._documents.save_as(self._form.config)

    @Slot(object)
    def _take_experiment(self, config: ExperimentConfig) -> None:
        self._editing.take_over(config)

    @Slot(object)
    def _take_data(self, config: ExperimentConfig) -> None:
        """Begin an experiment on data that were just opened; it has no file yet."""
        if self._editing.load(config):
            self._documents.take(config, None)
            self._form.set_config(config)
            self._editing.changed.emit()


def dropped_file(event: QDropEvent) -> Path | None:
    """Return the one local file that is dragged, if it is one."""
    urls = event.mimeData().urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
