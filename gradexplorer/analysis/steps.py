"""What one timestep of a recurrent layer does to small changes, and to gradients on their way back.

A `Steps` holds the derivatives of a layer's last forward pass, made once for all steps. It is
written from the cells' equations and shares no line with the engine's backward passes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradexplorer.engine.activations import ACTIVATIONS
from gradexplorer.engine.layer import RecurrentLayer
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.parameters import Array

Where = slice | NDArray[np.intp]


class Back(NamedTuple):
    """A gradient after one step back, for N (loss, step) pairs and B sequences.

    Attributes
    ----------
    dc : ndarray, shape (N, B, H), or None
        dL/dc_t in total; ``None`` without a cell state.
    da_x, da_h : ndarray, shape (N, B, G*H)
        dL/d(W_ih x_t + b_ih) and dL/d(W_hh h_{t-1} + b_hh), gates in PyTorch's order.
    flow_h : ndarray, shape (N, B, H)
        dL/dh_{t-1} by way of step t.
    flow_c : ndarray, shape (N, B, H), or None
        dL/dc_{t-1} by way of step t.
    """

    dc: Array | None
    da_x: Array
    da_h: Array
    flow_h: Array
    flow_c: Array | None


class Steps(ABC):
    """The derivatives of a layer's last forward pass.

    Parameters
    ----------
    layer : RecurrentLayer
        Its window must not be overwritten while this is used.

    Attributes
    ----------
    h, before, x : ndarray, shape (T, B, H), (T, B, H) and (T, B, D)
        h_t, h_{t-1} and the layer's input.
    weight_ih, weight_hh : ndarray
    width : int
        Numbers in the state: H, or 2H with a cell state.
    """

    def __init__(self, layer: RecurrentLayer, x: Array) -> None:
        states, index = layer.states("h"), layer.index
        self.h, self.before, self.x = states[1:], states[:-1], x
        self.weight_ih = layer.parameters[f"weight_ih_l{index}"]
        self.weight_hh = layer.parameters[f"weight_hh_l{index}"]
        self.size = layer.hidden_size
        self.width = layer.hidden_size * len(layer.state_names)
        self.count, self.batch = layer.steps, layer.batch

    @abstractmethod
    def back(self, dh: Array, flow_c: Array | None, at: Where) -> Back:
        """Carry gradients one step back.

        Parameters
        ----------
        dh : ndarray, shape (N, B, H)
            dL/dh_t in total.
        flow_c : ndarray, shape (N, B, H), or None
            dL/dc_t by way of step t + 1.
        at : slice or ndarray of int
            The N steps t.
        """

    @abstractmethod
    def push(self, change: Array, t: int) -> Array:
        """Carry small changes of the state before step t, (B, width, M), to after it.

        The state is h, or h and then c: with the identity in ``change`` this is the Jacobian.
        """

    def jacobian(self, t: int) -> Array:
        """Return d(state after step t)/d(state before it), shape (B, width, width)."""
        eye = np.eye(self.width, dtype=self.h.dtype)
        return self.push(np.broadcast_to(eye, (self.batch, *eye.shape)), t)


class RNNSteps(Steps):
    """h_t = f(a_t)."""

    def __init__(self, layer: RecurrentLayer, x: Array, activation: str) -> None:
        super().__init__(layer, x)
        self.slope = np.empty_like(self.h)
        ACTIVATIONS[activation].slope(self.h, self.slope)

    def back(self, dh: Array, flow_c: Array | None, at: Where) -> Back:  # noqa: ARG002
        """Carry gradients one step back."""
        da = dh * self.slope[at]
        return Back(None, da, da, da @ self.weight_hh, None)

    def push(self, change: Array, t: int) -> Array:
        """Carry small changes one step on."""
        pushed: Array = self.slope[t][..., None] * (self.weight_hh @ change)
        return pushed


class LSTMSteps(Steps):
    """c_t = f c_{t-1} + i g and h_t = o tanh(c_t)."""

    def __init__(self, layer: RecurrentLayer, x: Array) -> None:
        super().__init__(layer, x)
        i, f, g, o = layer.gate_values().values()
        c, tanh_c = layer.states("c"), np.tanh(layer.states("c")[1:])
        self.keep = f
        self.h_by_c = o * (1.0 - tanh_c * tanh_c)
        # dc/da of i, f, g, and dh/da of o.
        factors = (
            g * i * (1.0 - i),
            c[:-1] * f * (1.0 - f),
            i * (1.0 - g * g),
            tanh_c * o * (1.0 - o),
        )
        self.slopes = np.stack(factors, axis=2)

    def back(self, dh: Array, flow_c: Array | None, at: Where) -> Back:
        """Carry gradients one step back."""
        slopes = self.slopes[at]
        dc = dh * self.h_by_c[at]
        if flow_c is not None:
            dc += flow_c
        da = np.empty(slopes.shape, dh.dtype)
        np.multiply(dc[:, :, None], slopes[:, :, :3], out=da[:, :, :3])
        np.multiply(dh, slopes[:, :, 3], out=da[:, :, 3])
        da = da.reshape(*dh.shape[:2], -1)
        return Back(dc, da, da, da @ self.weight_hh, dc * self.keep[at])

    def push(self, change: Array, t: int) -> Array:
        """Carry small changes one step on."""
        size, slopes = self.size, self.slopes[t][..., None]
        da = (self.weight_hh @ change[:, :size]).reshape(self.batch, 4, size, -1)
        dc = self.keep[t][..., None] * change[:, size:]
        for gate in range(3):
            dc += slopes[:, gate] * da[:, gate]
        dh = self.h_by_c[t][..., None] * dc + slopes[:, 3] * da[:, 3]
        return np.concatenate([dh, dc], axis=1)


class GRUSteps(Steps):
    """h_t = (1 - z) n + z h_{t-1}, the reset gate behind the matrix product."""

    def __init__(self, layer: RecurrentLayer, x: Array) -> None:
        super().__init__(layer, x)
        r, z, n = layer.gate_values().values()
        size, bias = self.size, layer.parameters[f"bias_hh_l{layer.index}"]
        into_n = self.before @ self.weight_hh[2 * size :].T + bias[2 * size :]
        self.keep, self.reset = z, r
        self.by_n = (1.0 - z) * (1.0 - n * n)
        self.by_z = (self.before - n) * z * (1.0 - z)
        self.n_by_r = into_n * r * (1.0 - r)

    def back(self, dh: Array, flow_c: Array | None, at: Where) -> Back:  # noqa: ARG002
        """Carry gradients one step back."""
        da_n = dh * self.by_n[at]
        da_rz = (da_n * self.n_by_r[at], dh * self.by_z[at])
        da_x = np.concatenate([*da_rz, da_n], axis=2)
        da_h = np.concatenate([*da_rz, da_n * self.reset[at]], axis=2)
        return Back(None, da_x, da_h, da_h @ self.weight_hh + dh * self.keep[at], None)

    def push(self, change: Array, t: int) -> Array:
        """Carry small changes one step on."""
        da = (self.weight_hh @ change).reshape(self.batch, 3, self.size, -1)
        r, z, n = da[:, 0], da[:, 1], da[:, 2]
        in_n = self.reset[t][..., None] * n + self.n_by_r[t][..., None] * r
        pushed: Array = self.by_n[t][..., None] * in_n + self.by_z[t][..., None] * z
        pushed += self.keep[t][..., None] * change
        return pushed


def layer_steps(
    network: RecurrentNetwork, inputs: Array | NDArray[np.integer]
) -> tuple[Steps, ...]:
    """Return the derivatives of every layer's last forward pass, from the bottom to the top.

    Parameters
    ----------
    network : RecurrentNetwork
    inputs : ndarray, shape (T, B, D), or of int, shape (T, B)
        Of that pass.
    """
    classes = np.issubdtype(inputs.dtype, np.integer)
    below = np.eye(network.layers[0].input_size)[inputs] if classes else np.asarray(inputs)
    found: list[Steps] = []
    for layer in network.layers:
        x = found[-1].h if found else below
        if network.cell == "rnn":
            found.append(RNNSteps(layer, x, network.activation))
        else:
            found.append({"lstm": LSTMSteps, "gru": GRUSteps}[network.cell](layer, x))
    return tuple(found)
