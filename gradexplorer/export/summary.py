"""What became of a run, in a few figures."""

from __future__ import annotations

import json
import math
import platform
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.files import write_text
from gradexplorer.training.snapshot import Divergence, StepMetrics


@dataclass
class Summary:
    """Figures that are kept up to date by each update's metrics.

    Attributes
    ----------
    iterations : int
        Updates made.
    final_loss, best_loss : float or None
        Training loss of the last update that was finite, and the lowest one.
    held_out_loss, best_held_out_loss : float or None
        Last and lowest of those measured.
    clipped : int
        Updates in which clipping shrank the gradient.
    figures : dict of str to float or None
        What the task measured last beside the loss; ``None`` where it was not finite.
    """

    iterations: int = 0
    final_loss: float | None = None
    best_loss: float | None = None
    best_loss_iteration: int | None = None
    held_out_loss: float | None = None
    best_held_out_loss: float | None = None
    clipped: int = 0
    figures: dict[str, float | None] = field(default_factory=dict)

    def add_figures(self, figures: dict[str, float]) -> None:
        """Take in what a task measured."""
        self.figures = {
            name: value if math.isfinite(value) else None for name, value in figures.items()
        }

    def add(self, metrics: StepMetrics) -> None:
        """Take in an update; one that diverged, and so was not applied, is left out."""
        if math.isnan(metrics.clip_scale):
            return
        self.iterations = metrics.iteration
        self.final_loss = metrics.loss
        self.clipped += metrics.clip_scale < 1.0
        if self.best_loss is None or metrics.loss < self.best_loss:
            self.best_loss, self.best_loss_iteration = metrics.loss, metrics.iteration
        if math.isfinite(metrics.held_out_loss):
            self.held_out_loss = metrics.held_out_loss
            known = self.best_held_out_loss
            self.best_held_out_loss = min(self.held_out_loss, math.inf if known is None else known)


def write_summary(
    summary: Summary,
    path: Path,
    *,
    config: ExperimentConfig,
    status: str,
    divergence: Divergence | None,
    updates: int,
    seconds: float,
) -> None:
    """Write ``summary.json`` in one atomic replacement.

    Parameters
    ----------
    summary : Summary
    path : Path
    config : ExperimentConfig
    status : str
        ``"finished"``, ``"stopped"`` or ``"diverged"``.
    divergence : Divergence or None
    updates : int
    seconds : float
        Recorded updates, and the time spent on them.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    figures: dict[str, Any] = {
        "status": status,
        "title": config.title,
        "seed": config.training.seed,
        "iterations_asked": config.training.iterations,
        **asdict(summary),
        "divergence": None
        if divergence is None
        else asdict(divergence) | {"text": str(divergence)},
        "seconds": round(seconds, 3),
        "updates_per_second": round(updates / seconds, 1) if seconds > 0 else None,
        "versions": versions(),
    }
    write_text(path, json.dumps(figures, indent=2, allow_nan=False, ensure_ascii=False) + "\n")


def versions() -> dict[str, str]:
    """Return the versions that decide a run's numbers."""
    return {
        "gradexplorer": program_version(),
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "platform": platform.platform(),
    }


def program_version() -> str:
    """Return the installed version, or say that this is a bare checkout."""
    try:
        return version("gradexplorer")
    except PackageNotFoundError:
        return "not installed"
