"""All losses of a window carried back at once, lag by lag.

At lag k every loss s stands at its own step t = s - k, so one step back for all of them is one
matrix product, and what they give to the parameters' gradient there is one more. A window of T
steps takes T of each, however many losses it has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradexplorer.analysis.steps import Back, Steps, Where, layer_steps
from gradexplorer.analysis.watch import Tell, ignore
from gradexplorer.analysis.window import MeasuredWindow
from gradexplorer.engine.feedforward import FeedforwardNetwork
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.parameters import Array, Parameters
from gradexplorer.engine.subnormals import FlushSubnormals


@dataclass(frozen=True, eq=False)
class Lag:
    """The losses that reach back over one lag, and their gradients there.

    Gradients are of the mean over batch and loss-bearing steps: L = sum of L_s, so that a step's
    total gradient is the sum of these. They are valid until the next lag is asked for.

    Attributes
    ----------
    lag : int
        k.
    rows : slice
        The R losses, among the loss-bearing steps, that lie at least k after the first step.
    steps : slice or ndarray of int, shape (R,)
        The step t = s - k at which each is.
    dh : tuple of ndarray, shape (R, B, H)
        dL_s/dh_t, for each layer from the bottom to the top. For a feedforward network, of the
        one layer at this lag.
    dc : tuple of ndarray, shape (R, B, H), or None
        dL_s/dc_t likewise.
    """

    lag: int
    rows: slice
    steps: Where
    dh: tuple[Array, ...]
    dc: tuple[Array, ...] | None
    _gradient: _RecurrentGradient | _LayerGradient

    def add_gradient(self, total: Parameters) -> None:
        """Add what the losses give to the parameters' gradient at this lag."""
        self._gradient.add(self, total)


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
        for layer, steps, back in zip(self.network.layers, self.steps, self.backs, strict=True):
            da_x, da_h = (da.reshape(-1, da.shape[2]) for da in (back.da_x, back.da_h))
            suffix = f"l{layer.index}"
            total[f"weight_ih_{suffix}"][...] += da_x.T @ _rows(steps.x[lag.steps])
            total[f"weight_hh_{suffix}"][...] += da_h.T @ _rows(steps.before[lag.steps])
            total[f"bias_ih_{suffix}"][...] += da_x.sum(axis=0)
            total[f"bias_hh_{suffix}"][...] += da_h.sum(axis=0)
            if self.begins and f"initial_h_{suffix}" in total:
                total[f"initial_h_{suffix}"][...] += back.flow_h[0].sum(axis=0)
                if back.flow_c is not None:
                    total[f"initial_c_{suffix}"][...] += back.flow_c[0].sum(axis=0)


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
    return _through_time(measured, network, tell)


def learns_initial_state(measured: MeasuredWindow) -> bool:
    """Tell whether the gradient of a learned initial state is part of this window's."""
    network = measured.network
    return (
        isinstance(network, RecurrentNetwork)
        and network.learns_initial_state
        and measured.window.state is None
    )


def _through_time(measured: MeasuredWindow, network: RecurrentNetwork, tell: Tell) -> Iterator[Lag]:
    steps = layer_steps(network, measured.window.inputs)
    losses, last = measured.loss_steps, int(measured.loss_steps[-1])
    local = measured.loss.d_outputs @ network.parameters["readout.weight"]
    learns = learns_initial_state(measured)
    flows: list[tuple[Array | None, Array | None]] = [(None, None)] * len(steps)
    work = np.cumsum([np.count_nonzero(losses >= lag) for lag in range(last + 1)])
    first = 0
    for lag in range(last + 1):
        dropped = int(np.searchsorted(losses, lag)) - first  # they have passed the first step
        first += dropped
        at = _where(losses[first:] - lag)
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
        gradient = _RecurrentGradient(
            network, steps, tuple(backs), learns and int(losses[first]) == lag
        )
        yield Lag(lag, slice(first, len(losses)), at, tuple(dh), dc or None, gradient)
        tell(float(work[lag] / work[-1]))


def _through_layers(network: FeedforwardNetwork) -> Iterator[Lag]:
    gradient = _LayerGradient(network)
    for lag, dh in enumerate(reversed(network.signal("dh"))):
        layer = network.depth - 1 - lag
        yield Lag(lag, slice(0, 1), slice(layer, layer + 1), (dh[None],), None, gradient)


def _where(steps: NDArray[np.intp]) -> Where:
    """Return what picks these steps: a view where they follow one another."""
    if steps[-1] - steps[0] == len(steps) - 1:
        return slice(int(steps[0]), int(steps[-1]) + 1)
    return steps


def _rows(values: Array) -> Array:
    return values.reshape(-1, values.shape[2])
