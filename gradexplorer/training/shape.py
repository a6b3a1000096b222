"""What a run's windows will look like, without running anything."""

from __future__ import annotations

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.training.build import build_task
from gradexplorer.training.full_window import WindowShape, full_window
from gradexplorer.training.regularize import check_regularizer


def window_shape(config: ExperimentConfig) -> WindowShape:
    """Return the shape of an experiment's windows; raises `InputError` as `Trainer` does."""
    check_regularizer(config)
    return full_window(config, build_task(config))
