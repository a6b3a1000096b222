"""All losses of a window carried back at once, lag by lag.

At lag k every loss s stands at its own step t = s - k, so one step back for all of them is one
matrix product, and what they give to the parameters' gradient there is one more. A window of T
steps takes T of each, however many losses it has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gradexplorer.analysis.lag import Lag, Rows
from gradexplorer.analysis.loop_lags import through_loop
from gradexplorer.analysis.steps import Back, Steps, layer_steps
from gradexplorer.analysis.watch import Tell, ignore
from gradexplorer.analysis.window import MeasuredWindow
from gradexplorer.engine.closed_loop import ClosedLoopNetwork
from gradexplorer.engine.feedforward import FeedforwardNetwork
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.parameters import Array, Parameters
from gradexplorer.engine.subnormals import FlushSubnormals


@dataclass(frozen=True, eq=False)
class _RecurrentGradient:
    network: RecurrentNetwork
    steps: tuple[Steps, ...]
    backs: tuple[Back, ...]
    begins: bool  # whether the first of the losses stands at the window's first step

    def add(self, lag: Lag, total: Parameters) -> None:
        if lag.lag == 0:
            for name in ("readout.weight", "readout.bias"):
                total[name][...] += self.network.gradients[name]
        for steps, back in zip(self.steps, self.backs, strict=True):
            steps.add_gradient(back, lag.steps, total)
            if self.begins:
                steps.add_initial(back, total)


@dataclass(frozen=True, eq=False)
class _LayerGradient:
    network: FeedforwardNetwork

    def add(self, lag: Lag, total: Parameters) -> None:
        names = [f"layers.{self.network.depth - 1 - lag.lag}"]
        if lag.lag == 0:
            names.append("readout")
        for name in (f"{name}.{part}" for name in names for part in ("weight", "bias")):
            total[name][...] += self.network.gradients[name]


def lags(measured: MeasuredWindow, tell: Tell = ignore) -> Iterator[Lag]:
    """Carry all losses of a window back, one lag after another.

    A feedforward network's layers are its steps; its one loss is at the last.

    Parameters
    ----------
    measured : MeasuredWindow
    tell : callable
        Told of progress; it may raise `gradexplorer.analysis.watch.Cancelled`.
    """
    network = measured.network
    if isinstance(network, FeedforwardNetwork):
        return _through_layers(network)
    if isinstance(network, ClosedLoopNetwork):
        return through_loop(measured, network, tell)
    return _through_time(measured, network, tell)


def _through_time(measured: MeasuredWindow, network: RecurrentNetwork, tell: Tell) -> Iterator[Lag]:
    steps = layer_steps(network, measured.window.inputs)
    local = measured.loss.d_outputs @ network.parameters["readout.weight"]
    flows: list[tuple[Array | None, Array | None]] = [(None, None)] * len(steps)
    rows = Rows(measured.loss_steps)
    for lag in range(rows.last + 1):
        dropped, left, at = rows.at(lag)
        above: Array | None = local if lag == 0 else None
        dh: list[Array] = []
        backs: list[Back] = []
        with FlushSubnormals(), np.errstate(over="ignore", invalid="ignore"):
            for index in reversed(range(len(steps))):
                flow_h, flow_c = (None if flow is None else flow[dropped:] for flow in flows[index])
                arrived = [part for part in (flow_h, above) if part is not None]
                total = arrived[0] if len(arrived) == 1 else arrived[0] + arrived[1]
                back = steps[index].back(total, flow_c, at)
                above = back.da_x @ steps[index].weight_ih if index else None
                flows[index] = back.flow_h, back.flow_c
                dh.insert(0, total)
                backs.insert(0, back)
        dc = tuple(back.dc for back in backs if back.dc is not None)
        begins = measured.trains_initial_state and rows.one_begins(lag)
        gradient = _RecurrentGradient(network, steps, tuple(backs), begins)
        yield Lag(lag, left, at, tuple(dh), dc or None, gradient)
        tell(rows.done(lag))


def _through_layers(network: FeedforwardNetwork) -> Iterator[Lag]:
    gradient = _LayerGradient(network)
    for lag, dh in enumerate(reversed(network.signal("dh"))):
        layer = network.depth - 1 - lag
        yield Lag(lag, slice(0, 1), slice(layer, layer + 1), (dh[None],), None, gradient)
