"""How a gradient fares on its way back, by the norms of recorded updates."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from gradexplorer.engine.truncation import Cut
from gradexplorer.training.snapshot import Values, WindowTrace

MOST = 20  # recorded updates that are judged together: one alone is one batch's chance
_NOT_ROUNDED = 1e-30  # one step back from here, float32 does not round to zero yet


class Carriage(NamedTuple):
    """What one trace, or several together, tell of a gradient's way back.

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


class RecentCarriages:
    """The carriages of a run's latest traces, at most `MOST`."""

    def __init__(self) -> None:
        self._latest = 0  # the update it is of
        self._kept: deque[Carriage] = deque(maxlen=MOST)

    def add(self, trace: WindowTrace | None) -> None:
        """Take in a trace, unless one of its update came last: that may come again, with more."""
        if trace is not None and trace.iteration != self._latest:
            self._latest = trace.iteration
            self._kept.append(carriage_of(trace))

    @property
    def kept(self) -> tuple[Carriage, ...]:
        """Them, the latest last."""
        return tuple(self._kept)


def typical(carriages: Sequence[Carriage]) -> Carriage:
    """Return the medians of several, at least one; where it stops is the last one's."""
    rates = [one.rate for one in carriages if not np.isnan(one.rate)]
    growth = float(np.median([one.growth for one in carriages]))
    rate = float(np.median(rates)) if rates else np.nan
    return Carriage(rate, growth, carriages[-1].stops_at)


def carriage_of(trace: WindowTrace) -> Carriage:
    """Measure the factors from step t + 1 to t on the road of the state that carries the most.

    Where no loss enters, all that is at a step arrived from the one after it. Where one enters,
    what arrived is told apart from it. Edges that truncation cuts are left out. In a closed loop
    the plant's state is the one that carries the most.
    """
    total, arrived = _road(trace)
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


def _road(trace: WindowTrace) -> tuple[Values, Values]:
    """Return the norms at every step of the state that carries the most, and of what arrived."""
    if trace.flow_s is not None:
        return trace.dx, trace.flow_s
    total, flow = trace.dh.mean, trace.flow_h
    if trace.dc is not None and trace.flow_c is not None:
        total, flow = trace.dc.mean, trace.flow_c
    return total, np.where(trace.layers[-1].from_above == 0.0, total, flow)
