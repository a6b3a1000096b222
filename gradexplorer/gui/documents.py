"""The experiment as a document: where it came from, where it is saved, whether it changed since."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.presets import load_preset, save_preset
from gradexplorer.errors import InputError
from gradexplorer.gui.recent import remember
from gradexplorer.gui.targets import choose_target
from gradexplorer.training.build import check_weights_file
from gradexplorer.training.shape import window_shape

Prepare = Callable[[ExperimentConfig], ExperimentConfig | None]

_FILTER = "Experiments (*.toml);;All files (*)"


class Documents(QObject):
    """Opens and saves experiments for a window.

    Parameters
    ----------
    parent : QWidget
    prepare : callable
        Reads what an experiment needs, and returns it or ``None``: not to open it after all.

    Attributes
    ----------
    path : Path or None
        The user's file; ``None`` for a bundled preset.
    """

    opened = Signal(object)
    """Another `ExperimentConfig` was opened."""
    saved = Signal()
    failed = Signal(str)

    def __init__(self, parent: QWidget, prepare: Prepare) -> None:
        super().__init__(parent)
        self._prepare = prepare
        self._window = parent
        self._folder = Path.home()
        self.path: Path | None = None
        self._clean: ExperimentConfig | None = None

    def is_changed(self, config: ExperimentConfig) -> bool:
        """Tell whether an experiment differs from what was opened or saved last."""
        return config != self._clean

    def take(self, config: ExperimentConfig, path: Path | None) -> None:
        """Note what an experiment looks like in its file."""
        self._clean, self.path = config, path

    def open(self, name_or_path: str | Path) -> None:
        """Open a bundled preset by name or a file by path."""
        try:
            saved = load_preset(name_or_path)
            config = self._prepare(saved)
            if config is None:
                return
            _refuse_what_does_not_fit(name_or_path, config)
        except InputError as error:
            self.failed.emit(str(error))
            return
        path = Path(name_or_path)
        is_file = isinstance(name_or_path, Path) or path.suffix == ".toml"
        self.take(saved, path.resolve() if is_file else None)
        if self.path is not None:
            self._folder = self.path.parent
            remember(self.path)
        self.opened.emit(config)

    def choose_and_open(self) -> None:
        """Let the user choose a file and open it."""
        name, _ = QFileDialog.getOpenFileName(
            self._window, "Open experiment", str(self._folder), _FILTER
        )
        if name:
            self.open(Path(name))

    def save(self, config: ExperimentConfig) -> bool:
        """Save to the user's file, asking for one where there is none yet."""
        return self.save_as(config) if self.path is None else self._save_to(config, self.path)

    def save_as(self, config: ExperimentConfig) -> bool:
        """Let the user choose a file and save to it."""
        proposed = self.path or self._folder / f"{_file_name(config.title)}.toml"
        path = choose_target(self._window, "Save experiment", proposed, _FILTER, ".toml")
        return path is not None and self._save_to(config, path)

    def may_discard(self, config: ExperimentConfig) -> bool:
        """Ask what to do with unsaved changes to the user's own file; tell whether to go on."""
        if self.path is None or not self.is_changed(config):
            return True
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self._window,
            "Unsaved changes",
            f"Save the changes to {self.path.name}?",
            buttons.Save | buttons.Discard | buttons.Cancel,
        )
        if answer == buttons.Save:
            return self.save(config)
        return answer == buttons.Discard

    def _save_to(self, config: ExperimentConfig, path: Path) -> bool:
        try:
            save_preset(config, path)
        except InputError as error:
            self.failed.emit(str(error))
            return False
        self.take(config, path.resolve())
        self._folder = path.resolve().parent
        remember(path)
        self.saved.emit()
        return True


def _refuse_what_does_not_fit(name_or_path: str | Path, config: ExperimentConfig) -> None:
    """Raise `InputError` if an experiment does not fit its data."""
    try:
        window_shape(config)
        check_weights_file(config)
    except InputError as error:
        raise InputError(f"{name_or_path}: {error}") from error


def _file_name(title: str) -> str:
    words = "".join(letter if letter.isalnum() else " " for letter in title.lower()).split()
    return "-".join(words) or "experiment"
