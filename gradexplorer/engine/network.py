"""A recurrent layer with a linear readout."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray

from gradexplorer.engine.layer import RecurrentLayer, State
from gradexplorer.engine.lstm import LSTMLayer
from gradexplorer.engine.norms import norms
from gradexplorer.engine.parameters import Array, Parameters
from gradexplorer.engine.rnn import RNNLayer
from gradexplorer.engine.truncation import BackwardPlan

CELLS: dict[str, type[RecurrentLayer]] = {"rnn": RNNLayer, "lstm": LSTMLayer}


@dataclass(frozen=True)
class GradientNorms:
    """L2 norms of what flowed back through one window, for each step and sequence.

    All are of each sequence's own loss L_b, so they do not shrink as the batch grows.
    ``dc``, ``flow_c`` and ``dc_from_h`` are ``None`` for a cell without a cell state.

    Attributes
    ----------
    dh, dc : ndarray, shape (T, B)
        ||dL_b/dh_t|| and ||dL_b/dc_t||: total derivatives of the (truncated) backward pass.
    flow_h, flow_c : ndarray, shape (T, B)
        The part of each that arrived from step t + 1 along the recurrent edge.
    dc_from_h : ndarray, shape (T, B)
        The part of dc that came down from h at the same step.
    dy, flow_y : ndarray, shape (S, B)
        ||dL_b/dy_t||, and the part of dh that arrived from the readout, at the loss-bearing steps.
    dx : ndarray, shape (T, B)
        ||dL_b/dx_t||.
    """

    dh: Array
    flow_h: Array
    dc: Array | None
    flow_c: Array | None
    dc_from_h: Array | None
    dy: Array
    flow_y: Array
    dx: Array


class RecurrentNetwork:
    """A recurrent layer with a linear readout at the loss-bearing steps: y_t = W h_t + b.

    Parameters
    ----------
    cell : str
        A key of `CELLS`.
    input_size, hidden_size, output_size : int
        D, H and O.
    dtype : dtype
        ``float32`` or ``float64``.
    parameters : Parameters, optional
        Shared with another network, which then computes with the same weights.

    Attributes
    ----------
    parameters, gradients : Parameters
        The layer's, and ``readout.weight (O, H)`` and ``readout.bias (O,)``.
    """

    def __init__(
        self,
        cell: str,
        input_size: int,
        hidden_size: int,
        output_size: int,
        dtype: DTypeLike = np.float32,
        parameters: Parameters | None = None,
    ) -> None:
        kind = CELLS[cell]
        shapes = kind.shapes(input_size, hidden_size) | {
            "readout.weight": (output_size, hidden_size),
            "readout.bias": (output_size,),
        }
        self.cell = cell
        self.parameters = parameters or Parameters(shapes, dtype)
        self.gradients = Parameters(shapes, dtype)
        self.layer = kind(self.parameters, self.gradients)
        self._read: Array = np.empty((0, 0, 0), dtype)
        self._local: Array = self._read
        self._d_outputs: Array = self._read

    def twin(self) -> RecurrentNetwork:
        """Return a network with the same weights and buffers of its own."""
        outputs, hidden = self.parameters["readout.weight"].shape
        return RecurrentNetwork(
            self.cell,
            self.layer.input_size,
            hidden,
            outputs,
            self.parameters.flat.dtype,
            self.parameters,
        )

    def forward(
        self, inputs: Array, loss_steps: slice | NDArray[np.intp], state: State | None = None
    ) -> Array:
        """Run the network over a window.

        Parameters
        ----------
        inputs : ndarray, shape (T, B, D)
            Must stay as it is until the backward pass is done.
        loss_steps : slice or ndarray of int
            The steps at which outputs are wanted.
        state : mapping of str to ndarray, shape (B, H), optional
            The state before the first step; zero without it.

        Returns
        -------
        ndarray, shape (S, B, O)
        """
        self._read = self.layer.forward(inputs, state)[loss_steps]
        outputs: Array = self._read @ self.parameters["readout.weight"].T
        outputs += self.parameters["readout.bias"]
        return outputs

    def backward(self, d_outputs: Array, plan: BackwardPlan) -> None:
        """Set `gradients` from dL/dy, shape (S, B, O), of the last forward pass."""
        rows = d_outputs.reshape(-1, d_outputs.shape[2])
        np.dot(rows.T, self._read.reshape(len(rows), -1), out=self.gradients["readout.weight"])
        np.sum(rows, axis=0, out=self.gradients["readout.bias"])
        self._d_outputs = d_outputs
        self._local = d_outputs @ self.parameters["readout.weight"]
        self.layer.backward(self._local, plan)

    def state_after(self, steps: int) -> dict[str, Array]:
        """Return views of the state after the last window's first ``steps`` steps, by name."""
        return {name: self.layer.states(name)[steps] for name in self.layer.state_names}

    def gradient_norms(self) -> GradientNorms:
        """Measure the last backward pass."""
        layer, batch = self.layer, self.layer.batch
        has_cell_state = "c" in layer.state_names
        dc_from_h = layer.dc_from_h()
        return GradientNorms(
            dh=_norms(layer.signal("dh"), batch),
            flow_h=_norms(layer.signal("flow_h"), batch),
            dc=_norms(layer.signal("dc"), batch) if has_cell_state else None,
            flow_c=_norms(layer.signal("flow_c"), batch) if has_cell_state else None,
            dc_from_h=None if dc_from_h is None else _norms(dc_from_h, batch),
            dy=_norms(self._d_outputs, batch),
            flow_y=_norms(self._local, batch),
            dx=_norms(layer.d_inputs(), batch),
        )


def _norms(signal: Array, batch: int) -> Array:
    """Return the L2 norm over the last axis, of the sequence's own loss: B times the mean's."""
    own: Array = norms(signal) * batch
    return own
