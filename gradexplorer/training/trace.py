"""Making the read-only record of one update's window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gradexplorer.engine.losses import Loss
from gradexplorer.engine.networks import Layer, Network
from gradexplorer.engine.parameters import Array
from gradexplorer.engine.records import LayerNorms
from gradexplorer.engine.truncation import Cut
from gradexplorer.training.divergence import axis_of
from gradexplorer.training.feed import Window
from gradexplorer.training.inside import Detail, ends_of, gates_of
from gradexplorer.training.snapshot import Band, LayerTrace, Values, WindowTrace
from gradexplorer.training.unit_values import Taken, unit_values


def make_trace(
    network: Network,
    window: Window,
    outputs: Array,
    loss: Loss,
    iteration: int,
    weights: dict[str, Array],
    taken: Taken | None,
    details: Detail = Detail.NONE,
) -> WindowTrace:
    """Measure the network's last forward and backward pass; see `WindowTrace`.

    ``taken`` is what the last update was made of, where that is kept.
    """
    norms = network.gradient_norms()
    units = None if taken is None else unit_values(network, loss, taken)
    layers = tuple(map(_layer_trace, network.layers, norms.layers))
    if details:
        layers = _with_details(network, layers, details, readable=units is not None)
    top = layers[-1]
    targets = np.atleast_2d(window.targets[:, 0].T).T
    return WindowTrace(
        iteration=iteration,
        first_step=window.first_step,
        loss_steps=_frozen(np.array(window.loss_steps, np.intp)),
        cuts=_cuts(window),
        dh=top.dh,
        dc=top.dc,
        flow_h=top.flow_h,
        flow_c=top.flow_c,
        dc_from_h=top.dc_from_h,
        dx=_mean(norms.dx),
        dy=_mean(norms.dy),
        flow_y=_mean(norms.flow_y),
        losses=_frozen(loss.by_step),
        inputs=_frozen(window.inputs[:, 0].copy()),
        outputs=_frozen(outputs[:, 0].copy()),
        targets=_frozen(targets.copy()),
        hidden=top.hidden,
        cell=top.cell,
        layers=layers,
        weights={name: _frozen(values) for name, values in weights.items()},
        input_steps=_frozen(np.arange(len(norms.dx))),
        axis=axis_of(network),
        flow_s=None if norms.flow_s is None else _mean(norms.flow_s),
        ds_from_h=None if norms.ds_from_h is None else _mean(norms.ds_from_h),
        units=units,
        details=details,
    )


def _with_details(
    network: Network, layers: tuple[LayerTrace, ...], details: Detail, *, readable: bool
) -> tuple[LayerTrace, ...]:
    return tuple(
        replace(
            trace,
            ends=ends_of(network.layers[index]) if Detail.ENDS in details else None,
            gates=gates_of(network, index, readable=readable) if Detail.GATES in details else (),
        )
        for index, trace in enumerate(layers)
    )


def _layer_trace(layer: Layer, norms: LayerNorms) -> LayerTrace:
    has_cell_state = "c" in layer.state_names
    return LayerTrace(
        dh=_band(norms.dh),
        dc=None if norms.dc is None else _band(norms.dc),
        flow_h=_mean(norms.flow_h),
        flow_c=None if norms.flow_c is None else _mean(norms.flow_c),
        from_above=_mean(norms.from_above),
        dc_from_h=None if norms.dc_from_h is None else _mean(norms.dc_from_h),
        hidden=_root_mean_square(layer.states("h")[1:]),
        cell=_root_mean_square(layer.states("c")[1:]) if has_cell_state else None,
    )


def _cuts(window: Window) -> NDArray[np.uint8]:
    """Return the plan's cuts, and that between the window and the state carried into it."""
    cuts = window.plan.cuts.copy()
    if window.state is not None:
        cuts[0] = Cut.FULL
    return _frozen(cuts)


def _band(norms: Values) -> Band:
    low, high = np.percentile(norms, (10, 90), axis=1)
    return Band(_mean(norms), _frozen(low), _frozen(high))


def _mean(norms: Values) -> Values:
    return _frozen(norms.mean(axis=1))


def _root_mean_square(states: Array | list[Array]) -> Values:
    """Return (T,) of the first sequence from (T, B, H), or from a list of (B, H_t)."""
    if isinstance(states, list):
        return _frozen(np.concatenate([_root_mean_square(part[None]) for part in states]))
    return _frozen(np.sqrt(np.mean(states[:, 0].astype(np.float64) ** 2, axis=1)))


def _frozen(values: NDArray) -> NDArray:  # type: ignore[type-arg]
    values.flags.writeable = False
    return values
