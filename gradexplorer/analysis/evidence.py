"""What a verdict is reached from: a few numbers of a run's metrics and of its latest trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradexplorer.analysis.carriage import Carriage, carriage_of, typical
from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.training.full_window import WindowShape
from gradexplorer.training.snapshot import Divergence, WindowTrace

RECENT = 100  # updates
FIRST = 20  # updates whose mean stands for where the loss began


class Mean(NamedTuple):
    """A mean and its standard error, as of independent values."""

    value: float
    error: float


@dataclass(frozen=True, eq=False)
class Evidence:
    """All that the rules look at.

    Parameters
    ----------
    config : ExperimentConfig
        As it is in force now.
    shape : WindowShape
    metrics : ndarray of METRICS_DTYPE
        Every update's, the latest last; only few of them are read.
    trace : WindowTrace or None
        The latest.
    divergence : Divergence or None
    dead_units, saturated_units : float or None
        Shares, where somebody measured them (`gradexplorer.analysis.units`).
    carriages : sequence of Carriage
        Of the latest traces, ``trace`` among them; empty: of that one alone.
    """

    config: ExperimentConfig
    shape: WindowShape
    metrics: NDArray[np.void]
    trace: WindowTrace | None
    divergence: Divergence | None = None
    dead_units: float | None = None
    saturated_units: float | None = None
    carriages: Sequence[Carriage] = ()

    @property
    def updates(self) -> int:
        """How many the run has made."""
        return len(self.metrics)

    @property
    def noun(self) -> str:
        """What a step is called: a step, or a layer."""
        return "layer" if self.shape.axis == "layer" else "step"

    @property
    def is_recurrent(self) -> bool:
        """Whether there is time."""
        return self.shape.axis == "timestep"

    @cached_property
    def recent(self) -> NDArray[np.void]:
        """The latest updates that were applied, at most `RECENT`."""
        rows: NDArray[np.void] = self.metrics[-RECENT:]
        applied: NDArray[np.void] = rows[~np.isnan(rows["clip_scale"])]
        return applied

    @cached_property
    def recent_loss(self) -> Mean:
        """The loss of the latest updates."""
        return _mean(self.recent["loss"])

    @cached_property
    def loss_before(self) -> float:
        """The mean loss of as many updates before the latest."""
        return _mean(self.metrics[-2 * RECENT : -RECENT]["loss"]).value

    @cached_property
    def first_loss(self) -> float:
        """The mean loss of the first updates."""
        return _mean(self.metrics[:FIRST]["loss"]).value

    @cached_property
    def reference(self) -> tuple[float, str]:
        """The loss without learning, and what it is of.

        The best baseline; where a task has none, the mean over `RECENT` updates from a tenth of the
        run on, when a network has found the mean of what it is to say.
        """
        baselines = self.shape.baselines
        if baselines:
            best = min(baselines, key=lambda baseline: baseline.loss)
            return best.loss, best.name
        early = len(self.metrics) // 10
        return _mean(self.metrics[early : early + RECENT]["loss"]).value, "the first tenth"

    @cached_property
    def carriage(self) -> Carriage | None:
        """How the gradient fares in the latest traces, or ``None`` without one."""
        if self.trace is None:
            return None
        return typical(self.carriages or (carriage_of(self.trace),))

    @cached_property
    def arriving(self) -> float | None:
        """The share of a gradient that is left where the task needs it; ``None`` if unknown."""
        needed, carriage = self.shape.dependency, self.carriage
        if needed is None or carriage is None or np.isnan(carriage.rate):
            return None
        with np.errstate(over="ignore"):
            return float(np.float64(carriage.rate) ** needed)

    @cached_property
    def k2(self) -> int:
        """The truncation length in force."""
        return int(self.metrics["k2"][-1])

    @cached_property
    def clipped(self) -> float:
        """The share of the latest updates that were clipped."""
        return float(np.mean(self.recent["clip_scale"] < 1.0))

    @cached_property
    def update_ratio(self) -> float:
        """The typical length of an update over that of all weights, as Karpathy's rule has it.

        SGD: rate times norm after clipping, over 1 - momentum. The others divide each component by
        its past size, so an update is about the rate times the root of the number of weights.
        """
        assert self.trace is not None
        weights = self.trace.weights.values()
        size = sum(values.size for values in weights)
        length = float(np.sqrt(sum(np.vdot(values, values) for values in weights)))
        rows, optimizer = self.recent, self.config.optimizer
        if optimizer.name in ("sgd", "nesterov"):
            step = float(np.median(rows["learning_rate"] * rows["grad_norm"] * rows["clip_scale"]))
            step /= 1.0 - optimizer.momentum
        else:
            step = float(np.median(rows["learning_rate"])) * size**0.5
        return step / length if length > 0.0 else np.inf


def _mean(values: NDArray[np.float64]) -> Mean:
    finite = values[np.isfinite(values)]
    if not len(finite):
        return Mean(np.nan, np.nan)
    return Mean(float(finite.mean()), float(finite.std() / len(finite) ** 0.5))
