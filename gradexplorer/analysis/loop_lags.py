"""All losses of a closed loop's window carried back at once, lag by lag."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gradexplorer.analysis.lag import Lag, Rows
from gradexplorer.analysis.loop_steps import LoopBack, LoopSteps
from gradexplorer.analysis.watch import Tell
from gradexplorer.analysis.window import MeasuredWindow
from gradexplorer.engine.closed_loop import ClosedLoopNetwork
from gradexplorer.engine.parameters import Array, Parameters
from gradexplorer.engine.subnormals import FlushSubnormals


@dataclass(frozen=True, eq=False)
class _LoopGradient:
    steps: LoopSteps
    back: LoopBack
    begins: bool  # whether the first of the losses stands at the window's first step

    def add(self, lag: Lag, total: Parameters) -> None:
        self.steps.add_gradient(self.back, lag.steps, total)
        if self.begins:
            self.steps.add_initial(self.back, total)


def through_loop(measured: MeasuredWindow, network: ClosedLoopNetwork, tell: Tell) -> Iterator[Lag]:
    """Carry all losses of a window back through plant and controller, one lag after another.

    The readout is part of the way back, from the plant to h: so its gradient, too, gathers
    over the lags.
    """
    steps, rows = LoopSteps(network), Rows(measured.loss_steps)
    local = network.local_gradients(measured.loss.d_outputs, steps.plant)
    ds: Array | None = None
    flows: tuple[Array | None, Array | None] = (None, None)
    for lag in range(rows.last + 1):
        dropped, left, at = rows.at(lag)
        with FlushSubnormals(), np.errstate(over="ignore", invalid="ignore"):
            flow_h, flow_c = (None if flow is None else flow[dropped:] for flow in flows)
            arrived = None if ds is None else ds[dropped:]
            back = steps.back(None if lag else local, arrived, (flow_h, flow_c), at)
        inner, ds = back.answer.back, back.ds
        flows = (None, None) if inner is None else (inner.flow_h, inner.flow_c)
        dc = None if inner is None or inner.dc is None else (inner.dc,)
        begins = measured.trains_initial_state and rows.one_begins(lag)
        yield Lag(lag, left, at, (back.dh,), dc, _LoopGradient(steps, back, begins), ds)
        tell(rows.done(lag))
