"""What a verdict is reached from: a few numbers of a run's metrics and of its latest trace."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.engine.truncation import Cut
from gradexplorer.training.full_window import WindowShape
from gradexplorer.training.snapshot import Divergence, WindowTrace

RECENT = 100  # updates
_NOT_ROUNDED = 1e-30  # one step back from here, float32 does not round to zero yet
FIRST = 20  # updates whose mean stands for where the loss began


class Mean(NamedTuple):
    """A mean and its standard error, as of independent values."""

    value: float
    error: float


class Carriage(NamedTuple):
    """How a gradient fares on its way back, by the norms of one trace.

    Attributes
    ----------
    rate : float
        Geometric mean of the factors a step (or layer); NaN if nothing is carried.
    growth : float
        The largest factor that it grows by between where it enters and any earlier step.
    stops_at : int or None
        The first step, going back, at which nothing arrives though nothing is cut there.
    """

    rate: float
    growth: float
    stops_at: int | None


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
    """

    config: ExperimentConfig
    shape: WindowShape
    metrics: NDArray[np.void]
    trace: WindowTrace | None
    divergence: Divergence | None = None
    dead_units: float | None = None
    saturated_units: float | None = None

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
        """How the gradient fares in the latest trace, or ``None`` without one."""
        return None if self.trace is None else _carriage(self.trace)

    @cached_property
    def arriving(self) -> float | None:
        """The share of a gradient that is left where the task needs it; ``None`` if unknown."""
        needed, carriage = self.shape.dependency, self.carriage
        if needed is None or carriage is None or np.isnan(carriage.rate):
            return None
        return float(carriage.rate**needed)

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


def _carriage(trace: WindowTrace) -> Carriage:
    """Measure the factors from step t + 1 to t on the road of the state that carries the most.

    Where no loss enters, all that is at a step arrived from the one after it. Where one enters,
    what arrived is told apart from it. Edges that truncation cuts are left out.
    """
    has_cell_state = trace.dc is not None
    total = trace.dc.mean if trace.dc is not None else trace.dh.mean
    flow = trace.flow_c if has_cell_state else trace.flow_h
    assert flow is not None
    arrived = np.where(trace.layers[-1].from_above == 0.0, total, flow)
    entering = int(trace.loss_steps[-1])
    before, after = arrived[:entering], total[1 : entering + 1]
    usable = (trace.cuts[1 : entering + 1] == Cut.NONE) & (after > 0.0) & np.isfinite(after)
    stopped = np.flatnonzero(usable & (before == 0.0) & (after > _NOT_ROUNDED))
    usable &= (before > 0.0) & np.isfinite(before)
    stops_at = int(stopped[-1]) if len(stopped) else None
    if not usable.any():
        return Carriage(np.nan if stops_at is None else 0.0, 1.0, stops_at)
    factors = np.log(before[usable] / after[usable])
    growth = float(np.exp(max(0.0, np.cumsum(factors[::-1]).max())))
    return Carriage(float(np.exp(factors.mean())), growth, stops_at)
