"""Everything about one run in a folder, written while it trains."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.presets import save_preset
from gradexplorer.errors import cannot
from gradexplorer.export.summary import Summary, write_summary
from gradexplorer.export.tables import WriteRow, csv_writer
from gradexplorer.export.weights import write_weights
from gradexplorer.files import make_folder
from gradexplorer.training.shape import window_shape
from gradexplorer.training.snapshot import Snapshot, StepMetrics, WindowTrace, step_letter
from gradexplorer.training.trainer import Trainer


class RunFolder:
    """A context that records snapshots into a folder.

    ``experiment.toml`` is there from the start; ``metrics.csv`` (a row an update) and
    ``gradients.csv`` (a row a recorded update: the mean of ||dL/dh_t|| over the batch,
    a column a timestep or layer) appear when the context ends, however it ends;
    `finish` adds ``weights.safetensors`` and ``summary.json``.

    Parameters
    ----------
    config : ExperimentConfig
    folder : Path
        Made if it is missing; files of the same names are replaced.

    Raises
    ------
    InputError
        The folder or a file in it cannot be written.
    """

    def __init__(self, config: ExperimentConfig, folder: Path) -> None:
        self.config, self.folder = config, folder
        self.summary = Summary()
        self._updates = 0
        shape = window_shape(config)
        self._steps, self._letter = shape.steps, step_letter(shape.axis)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        make_folder(self.folder)
        save_preset(self.config, self.folder / "experiment.toml")
        steps = (f"{self._letter}{step}" for step in range(1, self._steps + 1))
        with ExitStack() as stack:
            self._metrics = self._open(stack, "metrics.csv", StepMetrics._fields)
            self._gradients = self._open(stack, "gradients.csv", ["iteration", *steps])
            self._stack = stack.pop_all()
        self._started = time.perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Closed as if all had gone well: what was recorded is worth keeping.
        self._stack.__exit__(None, None, None)

    def add(self, snapshot: Snapshot) -> None:
        """Record a snapshot; raises `InputError` when the disk is full."""
        self.summary.add(snapshot.metrics)
        if snapshot.evaluation is not None:
            self.summary.add_figures(snapshot.evaluation.figures)
        self._updates += snapshot.divergence is None
        try:
            self._metrics(snapshot.metrics)
            if snapshot.trace is not None:
                self._gradients(self._gradient_row(snapshot.trace))
        except OSError as error:
            raise cannot("write into", self.folder, error) from error

    def finish(self, trainer: Trainer) -> str:
        """Write the weights and the summary; return the run's status."""
        seconds = time.perf_counter() - self._started
        status = "finished" if trainer.iteration == self.config.training.iterations else "stopped"
        if trainer.divergence is not None:
            status = "diverged"
        path = self.folder / "weights.safetensors"
        write_weights(trainer.weights(), path, trainer.iteration)
        self.summary.iterations = trainer.iteration
        write_summary(
            self.summary,
            self.folder / "summary.json",
            config=self.config,
            status=status,
            divergence=trainer.divergence,
            updates=self._updates,
            seconds=seconds,
        )
        return status

    def _open(self, stack: ExitStack, name: str, header: Iterable[str]) -> WriteRow:
        write_row = stack.enter_context(csv_writer(self.folder / name))
        write_row(list(header))
        return write_row

    def _gradient_row(self, trace: WindowTrace) -> list[float | int | None]:
        """Return a row whose last column is the window's last step, as short windows have it."""
        mean = trace.dh.mean.tolist()[-self._steps :]
        return [trace.iteration, *[None] * (self._steps - len(mean)), *mean]


def export_run(trainer: Trainer, folder: Path | str) -> str:
    """Run a trainer to its end and write everything about it into a folder.

    Parameters
    ----------
    trainer : Trainer
        From its next update on.
    folder : Path or str

    Returns
    -------
    str
        ``"finished"`` or ``"diverged"``.

    Raises
    ------
    InputError
        The folder or a file in it cannot be written.
    """
    with RunFolder(trainer.config, Path(folder)) as record:
        for snapshot in trainer:
            record.add(snapshot)
        return record.finish(trainer)
