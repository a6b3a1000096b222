"""What is measured of a backward pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gradexplorer.engine.norms import norms
from gradexplorer.engine.parameters import Array


@dataclass(frozen=True)
class LayerNorms:
    """L2 norms of what flowed back through one layer, for each step and sequence.

    All are of each sequence's own loss L_b, so they do not shrink as the batch grows.
    ``dc``, ``flow_c`` and ``dc_from_h`` are ``None`` for a cell without a cell state.

    Attributes
    ----------
    dh, dc : ndarray, shape (T, B)
        ||dL_b/dh_t|| and ||dL_b/dc_t||: total derivatives of the (truncated) backward pass.
    flow_h, flow_c : ndarray, shape (T, B)
        The part of each that arrived from step t + 1 along the recurrent edge.
    from_above : ndarray, shape (T, B)
        The part of dh that arrived from the readout or from the next layer at the same step.
    dc_from_h : ndarray, shape (T, B)
        The part of dc that came down from h at the same step.
    """

    dh: Array
    flow_h: Array
    from_above: Array
    dc: Array | None
    flow_c: Array | None
    dc_from_h: Array | None


@dataclass(frozen=True)
class GradientNorms:
    """L2 norms of what flowed back through one window, of each sequence's own loss.

    Attributes
    ----------
    layers : tuple of LayerNorms
        From the bottom to the top.
    dy, flow_y : ndarray, shape (S, B)
        ||dL_b/dy_t||, and the part of the top layer's dh that arrived from the readout, at the
        loss-bearing steps.
    dx : ndarray, shape (T, B)
        ||dL_b/dx_t||.
    flow_s, ds_from_h : ndarray, shape (T, B), or None
        Of a closed loop, whose x_t enters the plant's state s_t and so has its gradient: the
        part of it that arrived from s_{t+1}, and the part through what the controller saw.
    """

    layers: tuple[LayerNorms, ...]
    dy: Array
    flow_y: Array
    dx: Array
    flow_s: Array | None = None
    ds_from_h: Array | None = None


def norms_of_own_loss(signal: Array) -> Array:
    """Return the L2 norms of (T, B, N) over the last axis, of L_b: B times those of the mean."""
    own: Array = norms(signal) * signal.shape[1]
    return own


def layer_norms(signals: Mapping[str, Array | Sequence[Array]], **known: Array) -> LayerNorms:
    """Measure a layer's gradients, by name, each (T, B, H) or one (B, H_t) for each step.

    Norms that are known already are taken as they are.
    """

    def norms_of(name: str) -> Array:
        return known[name] if name in known else _by_step(signals[name])

    def optional(name: str) -> Array | None:
        return norms_of(name) if name in signals else None

    return LayerNorms(
        dh=norms_of("dh"),
        flow_h=norms_of("flow_h"),
        from_above=norms_of("from_above"),
        dc=optional("dc"),
        flow_c=optional("flow_c"),
        dc_from_h=optional("dc_from_h"),
    )


def _by_step(signal: Array | Sequence[Array]) -> Array:
    if isinstance(signal, np.ndarray):
        return norms_of_own_loss(signal)
    return np.concatenate([norms_of_own_loss(part[None]) for part in signal])
