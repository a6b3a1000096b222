"""A run as it stands, as files."""

from __future__ import annotations

from pathlib import Path

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.presets import save_preset
from gradexplorer.export.tables import Table, write_table
from gradexplorer.export.weights import write_weights
from gradexplorer.training.history import History
from gradexplorer.training.snapshot import METRICS_DTYPE


def write_state(config: ExperimentConfig, history: History, folder: Path) -> None:
    """Write ``experiment.toml``, ``metrics.csv`` and the latest trace's ``weights.safetensors``.

    Parameters
    ----------
    config : ExperimentConfig
    history : History
        Without a trace no weights are written.
    folder : Path
        Exists already.

    Raises
    ------
    InputError
        A file cannot be written.
    """
    save_preset(config, folder / "experiment.toml")
    rows = history.metrics
    write_table(
        Table({name: rows[name] for name in METRICS_DTYPE.names or ()}), folder / "metrics.csv"
    )
    if history.trace is not None:
        write_weights(
            history.trace.weights, folder / "weights.safetensors", history.trace.iteration
        )
