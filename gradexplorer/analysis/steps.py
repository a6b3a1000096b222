"""What one timestep of a recurrent layer does to small changes, and to gradients on their way back.

A `Steps` holds the derivatives of a layer's last forward pass, made once for all steps. It is
written from the cells' equations and shares no line with the engine's backward passes.
`gradexplorer.analysis.loop_steps` has the same of a controller and its plant together.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradexplorer.engine.activations import ACTIVATIONS
from gradexplorer.engine.layer import RecurrentLayer
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.parameters import Array, Parameters
from gradexplorer.engine.stepped import SteppedCell

Where = slice | NDArray[np.intp]
Cell = RecurrentLayer | SteppedCell


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


class Linearized(ABC):
    """Steps that carry small changes of a state on, about the states that a window went through.

    Attributes
    ----------
    state_names : tuple of str
        The parts of the state, side by side in this order.
    width : int
        Numbers in the state.
    count, batch : int
        T and B.
    """

    state_names: tuple[str, ...]
    width: int
    count: int
    batch: int

    @abstractmethod
    def push(self, change: Array, t: int) -> Array:
        """Carry small changes of the state before step t, (B, width, M), to after it."""

    def jacobian(self, t: int) -> Array:
        """Return d(state after step t)/d(state before it), shape (B, width, width)."""
        eye = np.eye(self.width)
        return self.push(np.broadcast_to(eye, (self.batch, *eye.shape)), t)


class Steps(Linearized):
    """The derivatives of a layer's last forward pass.

    Parameters
    ----------
    layer : RecurrentLayer or SteppedCell
        Its window must not be overwritten while this is used.
    x : ndarray, shape (T, B, D)
        The layer's input.

    Attributes
    ----------
    h, before, x : ndarray, shape (T, B, H), (T, B, H) and (T, B, D)
        h_t, h_{t-1} and the layer's input.
    weight_ih, weight_hh : ndarray
    """

    def __init__(self, layer: Cell, x: Array) -> None:
        states, index = layer.states("h"), layer.index
        self.h, self.before, self.x = states[1:], states[:-1], x
        self.weight_ih = layer.parameters[f"weight_ih_l{index}"]
        self.weight_hh = layer.parameters[f"weight_hh_l{index}"]
        self.size, self.index = layer.hidden_size, index
        self.state_names = layer.state_names
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
    def push(self, change: Array, t: int, of_input: Array | None = None) -> Array:
        """Carry small changes of the state before step t, (B, width, M), to after it.

        The state is h, or h and then c: with the identity in ``change`` this is the Jacobian.
        ``of_input``, (B, D, M), is how x_t changes along with it; ``None``: it does not.
        """

    def add_gradient(self, back: Back, at: Where, total: Parameters) -> None:
        """Add to the parameters' gradient what one step back, from the steps ``at``, gives."""
        da_x, da_h = _rows(back.da_x), _rows(back.da_h)
        for name, values in {
            "weight_ih": da_x.T @ _rows(self.x[at]),
            "weight_hh": da_h.T @ _rows(self.before[at]),
            "bias_ih": da_x.sum(axis=0),
            "bias_hh": da_h.sum(axis=0),
        }.items():
            total[f"{name}_l{self.index}"][...] += values

    def add_initial(self, back: Back, total: Parameters) -> None:
        """Add what the first pair, which stands at step 0, gives to a learned initial state."""
        total[f"initial_h_l{self.index}"][...] += back.flow_h[0].sum(axis=0)
        if back.flow_c is not None:
            total[f"initial_c_l{self.index}"][...] += back.flow_c[0].sum(axis=0)

    def _pushed(self, change: Array, of_input: Array | None) -> tuple[Array, Array]:
        """Return the changes of W_hh h_{t-1}, and of all of the pre-activation, (B, G*H, M)."""
        of_hidden: Array = self.weight_hh @ change[:, : self.size]
        return of_hidden, of_hidden if of_input is None else of_hidden + self.weight_ih @ of_input


class RNNSteps(Steps):
    """h_t = f(a_t)."""

    def __init__(self, layer: Cell, x: Array, activation: str) -> None:
        super().__init__(layer, x)
        self.slope = np.empty_like(self.h)
        ACTIVATIONS[activation].slope(self.h, self.slope)

    def back(self, dh: Array, flow_c: Array | None, at: Where) -> Back:  # noqa: ARG002
        """Carry gradients one step back."""
        da = dh * self.slope[at]
        return Back(None, da, da, da @ self.weight_hh, None)

    def push(self, change: Array, t: int, of_input: Array | None = None) -> Array:
        """Carry small changes one step on."""
        pushed: Array = self.slope[t][..., None] * self._pushed(change, of_input)[1]
        return pushed


class LSTMSteps(Steps):
    """c_t = f c_{t-1} + i g and h_t = o tanh(c_t)."""

    def __init__(self, layer: Cell, x: Array) -> None:
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

    def push(self, change: Array, t: int, of_input: Array | None = None) -> Array:
        """Carry small changes one step on."""
        size, slopes = self.size, self.slopes[t][..., None]
        da = self._pushed(change, of_input)[1].reshape(self.batch, 4, size, -1)
        dc = self.keep[t][..., None] * change[:, size:]
        for gate in range(3):
            dc += slopes[:, gate] * da[:, gate]
        dh = self.h_by_c[t][..., None] * dc + slopes[:, 3] * da[:, 3]
        return np.concatenate([dh, dc], axis=1)


class GRUSteps(Steps):
    """h_t = (1 - z) n + z h_{t-1}, the reset gate behind the matrix product."""

    def __init__(self, layer: Cell, x: Array) -> None:
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

    def push(self, change: Array, t: int, of_input: Array | None = None) -> Array:
        """Carry small changes one step on."""
        shape = self.batch, 3, self.size, -1
        da_h, da = (part.reshape(shape) for part in self._pushed(change, of_input))
        r, z, n = da[:, 0], da[:, 1], da_h[:, 2]
        in_n = self.reset[t][..., None] * n + self.n_by_r[t][..., None] * r
        if of_input is not None:
            in_n += da[:, 2] - n
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
        found.append(cell_steps(network.cell, layer, x, network.activation))
    return tuple(found)


def cell_steps(cell: str, layer: Cell, x: Array, activation: str) -> Steps:
    """Return the derivatives of one layer's last forward pass on inputs (T, B, D)."""
    if cell == "rnn":
        return RNNSteps(layer, x, activation)
    return {"lstm": LSTMSteps, "gru": GRUSteps}[cell](layer, x)


def _rows(values: Array) -> Array:
    return values.reshape(-1, values.shape[2])
