"""The user's own data on their way into an experiment: chosen, looked at, written down."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.presets import load_preset, parse_preset, preset_names
from gradexplorer.config.task import TASKS
from gradexplorer.config.tasks.own import OwnSeriesTask
from gradexplorer.gui.preview.dialog import PreviewDialog
from gradexplorer.paths import resource
from gradexplorer.tasks.own_series import understand
from gradexplorer.tasks.tables.load import known_table
from gradexplorer.tasks.tables.table import Layout

if TYPE_CHECKING:
    from gradexplorer.gui.main_window import MainWindow

TABLES = (".csv", ".tsv", ".dat", ".npy", ".npz")
TEXTS = (".txt", ".md")
_TEXT_TASK = "characters"
_SOON = 0.15  # seconds; a file that is read in them is not worth a word
_STEPS = 50  # a stream of fewer is not worth a place in the batch


class OwnData(QObject):
    """Makes experiments of the user's files, for a window."""

    chosen = Signal(object)
    """An `ExperimentConfig` on data that were just opened."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._folder = Path.home()

    def choose(self) -> None:
        """Let the user choose a file, and look at it."""
        endings = " ".join(f"*{ending}" for ending in (*TABLES, *TEXTS))
        name, _ = QFileDialog.getOpenFileName(
            self._window, "Open data", str(self._folder), f"Data ({endings});;All files (*)"
        )
        if name:
            self.open(Path(name))

    def open(self, path: Path) -> None:
        """Look at a file; an experiment on it is `chosen` if the user says so."""
        self._folder = path.parent
        if path.suffix.lower() in TEXTS and _TEXT_TASK in TASKS:
            self.chosen.emit(_text_experiment(path))
            return
        task = self._look(OwnSeriesTask(file=str(path.absolute())), quiet=False)
        if task is not None:
            self.chosen.emit(self._experiment(task))

    def prepare(
        self, config: ExperimentConfig, present: ExperimentConfig | None = None
    ) -> ExperimentConfig | None:
        """Make sure that what an experiment reads is read, so that nothing waits for it later.

        Parameters
        ----------
        config : ExperimentConfig
        present : ExperimentConfig, optional
            The one that `config` was made from; its own file needs no second look.

        Returns
        -------
        ExperimentConfig or None
            With the hash of its data; ``None``: the user wants to go no further.
        """
        task = config.task
        if not isinstance(task, OwnSeriesTask) or not task.file or _is_known(task):
            return config
        quiet = present is None or _same_file(task, present)
        if not quiet:
            task = task.model_copy(update={"sha256": ""})  # it is that of another file
        found = self._look(task, quiet=quiet)
        return None if found is None else config.model_copy(update={"task": found})

    def _look(self, task: OwnSeriesTask, *, quiet: bool) -> OwnSeriesTask | None:
        """Show what is understood; ask, unless all is well and it is to be quiet."""
        dialog = PreviewDialog(task, self._window.colors, self._window, quiet=quiet)
        try:
            dialog.settle(_SOON)
            accepted = (quiet and dialog.is_good) or bool(dialog.exec())
            return dialog.task if accepted else None
        finally:
            dialog.done(0)
            dialog.deleteLater()

    def _experiment(self, task: OwnSeriesTask) -> ExperimentConfig:
        """Return an experiment on a task: as the present one if that has a file too."""
        present = self._window.form.config
        base = present if isinstance(present.task, OwnSeriesTask) else _template()
        return _fitting(base, task).model_copy(
            update={"task": task, "title": Path(task.file).stem[:80] or base.title}
        )


def _template() -> ExperimentConfig:
    file = resource("templates", "own-series.toml")
    return parse_preset(file.read_text("utf-8"), "own-series")


def _fitting(base: ExperimentConfig, task: OwnSeriesTask) -> ExperimentConfig:
    """Read fewer streams in parallel where the data would be cut too short."""
    table = known_table(Path(task.file), _layout(task), task.sha256)
    assert table is not None
    steps = understand(
        table, task.target, task.inputs, task.time, task.missing, task.held_out
    ).held_out_from
    batch = min(base.training.batch_size, max(1, steps // _STEPS))
    return base.model_copy(
        update={"training": base.training.model_copy(update={"batch_size": batch})}
    )


def _text_experiment(path: Path) -> ExperimentConfig:
    """Return the first bundled experiment on text, with this one in its place."""
    bundled = map(load_preset, preset_names())
    base = next((one for one in bundled if one.task.name == _TEXT_TASK), ExperimentConfig())
    task = TASKS[_TEXT_TASK].model_validate({"file": str(path.absolute())})
    return base.model_copy(update={"task": task, "title": path.stem[:80] or base.title})


def _is_known(task: OwnSeriesTask) -> bool:
    table = known_table(Path(task.file), _layout(task), task.sha256)
    return table is not None and table.sha256 == task.sha256


def _same_file(task: OwnSeriesTask, present: ExperimentConfig) -> bool:
    return isinstance(present.task, OwnSeriesTask) and present.task.file == task.file


def _layout(task: OwnSeriesTask) -> Layout:
    return Layout(task.delimiter, task.decimal, task.header)
