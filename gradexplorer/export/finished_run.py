"""A run that is over: as it was just trained, or read from the folder that it was written to."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gradexplorer.analysis.carriage import Carriage
from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.presets import load_preset
from gradexplorer.engine.parameters import Array
from gradexplorer.errors import InputError
from gradexplorer.files import read_text
from gradexplorer.training.snapshot import METRICS_DTYPE, Divergence, WindowTrace
from gradexplorer.training.trainer import Trainer

_MAX_METRICS = 1 << 29  # bytes
_MAX_SUMMARY = 1 << 20


@dataclass(frozen=True, eq=False)
class Finished:
    """A run as far as it went."""

    config: ExperimentConfig
    weights: dict[str, Array]
    metrics: NDArray[np.void]
    trace: WindowTrace | None
    divergence: Divergence | None
    carriages: tuple[Carriage, ...] = ()

    @property
    def updates(self) -> int:
        """Updates that were applied."""
        return int(np.count_nonzero(~np.isnan(self.metrics["clip_scale"])))


def read_run(folder: Path) -> Finished:
    """Read a folder that ``gradexplorer run`` wrote; raises `InputError`.

    Its weights are traced on the first batch of the experiment, for the verdict.
    """
    config = load_preset(folder / "experiment.toml")
    metrics = _read_metrics(folder / "metrics.csv")
    file = str((folder / "weights.safetensors").absolute())
    model = config.model.model_copy(update={"weights_file": file})
    trainer = Trainer(config.model_copy(update={"model": model}))
    weights = trainer.weights()
    trainer.want_trace()
    trace = next(trainer).trace
    divergence = None
    if len(metrics) and np.isnan(metrics["clip_scale"][-1]):
        divergence = _read_divergence(folder / "summary.json", int(metrics["iteration"][-1]))
    return Finished(config, weights, metrics, trace, divergence)


def _read_metrics(path: Path) -> NDArray[np.void]:
    rows = list(csv.reader(io.StringIO(read_text(path, _MAX_METRICS))))
    names = list(METRICS_DTYPE.names or ())
    if not rows or rows[0] != names:
        raise InputError(
            f"{path} is not a run's metrics: its first line must be {','.join(names)}."
        )
    metrics = np.empty(len(rows) - 1, METRICS_DTYPE)
    for index, row in enumerate(rows[1:]):
        try:
            metrics[index] = tuple(map(float, row))
        except (ValueError, OverflowError) as error:
            raise InputError(f"{path}: line {index + 2} is not a row of metrics.") from error
    return metrics


def _read_divergence(path: Path, iteration: int) -> Divergence:
    try:
        entry = json.loads(read_text(path, _MAX_SUMMARY))["divergence"]
        entry.pop("text", None)
        return Divergence(**entry)
    except (ValueError, TypeError, KeyError, AttributeError):
        return Divergence(iteration, "update", None, "the run")
