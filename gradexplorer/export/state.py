"""A run as it stands, as files."""

from __future__ import annotations

from pathlib import Path

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.presets import save_preset
from gradexplorer.export.tables import Table, write_table
from gradexplorer.export.weights import write_weights
from gradexplorer.training.history import History
from gradexplorer.training.snapshot import METRICS_DTYPE, WindowTrace


def write_state(
    config: ExperimentConfig, history: History, trace: WindowTrace | None, folder: Path
) -> None:
    """Write ``experiment.toml``, ``metrics.csv`` and a trace's ``weights.safetensors``.

    Parameters
    ----------
    config : ExperimentConfig
    history : History
    trace : WindowTrace or None
        Without one no weights are written.
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
    if trace is not None:
        write_weights(trace.weights, folder / "weights.safetensors", trace.iteration)
