"""Stacked recurrent layers with a linear readout."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike, NDArray

from gradexplorer.engine.gru import GRULayer
from gradexplorer.engine.layer import RecurrentLayer, State
from gradexplorer.engine.lstm import LSTMLayer
from gradexplorer.engine.parameters import Array, Parameters
from gradexplorer.engine.records import GradientNorms, LayerNorms, layer_norms, norms_of_own_loss
from gradexplorer.engine.rnn import RNNLayer
from gradexplorer.engine.truncation import BackwardPlan

CELLS: dict[str, type[RecurrentLayer]] = {"rnn": RNNLayer, "lstm": LSTMLayer, "gru": GRULayer}


class RecurrentNetwork:
    """Recurrent layers, and a linear readout of the top one: y_t = W h_t + b.

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
    depth : int
        How many layers; each reads the hidden states of the one below.
    activation : str
        Of the vanilla cell: a key of `gradexplorer.engine.activations.ACTIVATIONS`.
    learns_initial_state : bool
        Whether the state before the first step is a parameter of each layer, or zero.

    Attributes
    ----------
    parameters, gradients : Parameters
        The layers', and ``readout.weight (O, H)`` and ``readout.bias (O,)``.
    layers : tuple of RecurrentLayer
        From the bottom to the top.
    """

    def __init__(
        self,
        cell: str,
        input_size: int,
        hidden_size: int,
        output_size: int,
        dtype: DTypeLike = np.float32,
        parameters: Parameters | None = None,
        *,
        depth: int = 1,
        activation: str = "tanh",
        learns_initial_state: bool = False,
    ) -> None:
        kind = CELLS[cell]
        shapes: dict[str, tuple[int, ...]] = {}
        for index in range(depth):
            shapes |= kind.shapes(
                hidden_size if index else input_size,
                hidden_size,
                index,
                learns_initial_state=learns_initial_state,
            )
        shapes["readout.weight"] = (output_size, hidden_size)
        shapes["readout.bias"] = (output_size,)
        self.cell, self.depth, self.activation = cell, depth, activation
        self.learns_initial_state = learns_initial_state
        self.parameters = parameters or Parameters(shapes, dtype)
        self.gradients = Parameters(shapes, dtype)
        options = {"activation": activation} if cell == "rnn" else {}
        self.layers = tuple(
            kind(self.parameters, self.gradients, index, **options) for index in range(depth)
        )
        self._read = self._local = self._d_outputs = self._outputs = np.empty((0, 0, 0), dtype)
        self._loss_row: tuple[int, ...] = ()

    @property
    def layer(self) -> RecurrentLayer:
        """The top layer, which the readout reads."""
        return self.layers[-1]

    @property
    def state_names(self) -> tuple[str, ...]:
        """The names of what is carried from step to step: ``h_l0`` and so on, as in `State`."""
        return tuple(
            f"{name}_l{layer.index}" for layer in self.layers for name in layer.state_names
        )

    def twin(self) -> RecurrentNetwork:
        """Return a network with the same weights and buffers of its own."""
        return self._like(self.parameters.flat.dtype, self.parameters)

    def copy(self, dtype: DTypeLike) -> RecurrentNetwork:
        """Return a network with a copy of the weights, in a precision of its own."""
        copied = self._like(dtype)
        copied.parameters.flat[...] = self.parameters.flat
        return copied

    def _like(self, dtype: DTypeLike, parameters: Parameters | None = None) -> RecurrentNetwork:
        outputs, hidden = self.parameters["readout.weight"].shape
        return RecurrentNetwork(
            self.cell,
            self.layers[0].input_size,
            hidden,
            outputs,
            dtype,
            parameters,
            depth=self.depth,
            activation=self.activation,
            learns_initial_state=self.learns_initial_state,
        )

    def forward(
        self,
        inputs: Array | NDArray[np.integer],
        loss_steps: slice | NDArray[np.intp],
        state: State | None = None,
    ) -> Array:
        """Run the network over a window.

        Parameters
        ----------
        inputs : ndarray, shape (T, B, D), or of int, shape (T, B)
            Integers are classes, read one-hot.
        loss_steps : slice or ndarray of int
            The steps at which outputs are wanted.
        state : mapping of str to ndarray, shape (B, H), optional
            The state before the first step, by `state_names`; without it the learned one, or zero.

        Returns
        -------
        ndarray, shape (S, B, O)
            Valid until the next call.
        """
        values: Array | NDArray[np.integer] = inputs
        for layer in self.layers:
            values = layer.forward(values, _of_layer(state, layer))
        self._read = values[loss_steps]
        weight = self.parameters["readout.weight"]
        steps, batch, hidden = self._read.shape
        self._outputs = outputs = _reused(self._outputs, (steps, batch, len(weight)))
        rows = steps * batch
        read = self._read.reshape(rows, hidden)  # not contiguous: dot would copy it, matmul not
        np.matmul(read, weight.T, out=outputs.reshape(rows, len(weight)))
        outputs += self.parameters["readout.bias"]
        return outputs

    def backward(self, d_outputs: Array, plan: BackwardPlan) -> None:
        """Set `gradients` from dL/dy, shape (S, B, O), of the last forward pass."""
        rows = d_outputs.reshape(-1, d_outputs.shape[2])
        read = self._read.reshape(len(rows), -1)
        np.matmul(rows.T, read, out=self.gradients["readout.weight"])
        np.sum(rows, axis=0, out=self.gradients["readout.bias"])
        self._d_outputs, self._loss_row = d_outputs, plan.loss_row
        self._local = _reused(self._local, self._read.shape)
        weight = self.parameters["readout.weight"]
        np.dot(rows, weight, out=self._local.reshape(len(rows), -1))
        for number in range(len(plan.passes)):
            self._run_pass(number, plan)
        for layer in self.layers:
            layer.finish_backward(plan)

    def _run_pass(self, number: int, plan: BackwardPlan) -> None:
        local, spans = self._local, plan.passes[number]
        local_row: Sequence[int] = plan.loss_row
        for layer in reversed(self.layers):
            layer.run_pass(local, local_row, spans)
            layer.add_pass(number, plan)
            if layer.index:
                local, local_row = layer.d_inputs(of_pass=True), range(plan.steps)
                spans = tuple(span.below() for span in spans)

    def state_after(self, steps: int) -> dict[str, Array]:
        """Return views of the state after the last window's first ``steps`` steps, by name."""
        return {
            f"{name}_l{layer.index}": layer.states(name)[steps]
            for layer in self.layers
            for name in layer.state_names
        }

    def signal(self, name: str, index: int = -1) -> Array:
        """Return a gradient of the last backward pass, (T, B, H), summed over all its passes.

        Parameters
        ----------
        name : str
            ``dh``: dL/dh_t in total. ``flow_h``: the part of it that arrived from step t + 1;
            ``from_above``: from the readout or the next layer. For a cell with a cell state
            ``dc`` and ``flow_c`` likewise, and ``dc_from_h``, what came down from h_t.
        index : int
            Of the layer.
        """
        return self._signals(self.layers[index])[name]

    def _signals(self, layer: RecurrentLayer) -> dict[str, Array]:
        above, flow_h = self._from_above(layer), layer.flow("h")
        dh = flow_h + above
        signals = {"dh": dh, "flow_h": flow_h, "from_above": above}
        return signals | _cell_signals(layer, dh)

    def _from_above(self, layer: RecurrentLayer) -> Array:
        if layer is not self.layer:
            return self.layers[layer.index + 1].d_inputs()
        local = np.zeros((layer.steps, *self._local.shape[1:]), self._local.dtype)
        local[np.greater_equal(self._loss_row, 0)] = self._local
        return local

    def gradient_norms(self) -> GradientNorms:
        """Measure the last backward pass."""
        flow_y = norms_of_own_loss(self._local)
        below = (layer_norms(self._signals(layer)) for layer in self.layers[:-1])
        return GradientNorms(
            layers=(*below, self._top_layer_norms(flow_y)),
            dy=norms_of_own_loss(self._d_outputs),
            flow_y=flow_y,
            dx=norms_of_own_loss(self.layers[0].d_inputs()),
        )

    def _top_layer_norms(self, flow_y: Array) -> LayerNorms:
        """Measure the top layer, what is zero or the same at steps without a loss only once."""
        layer, bearing = self.layer, np.greater_equal(self._loss_row, 0)
        arriving = layer.flow("h")
        total = arriving.copy()
        total[bearing] += self._local
        flow_h = norms_of_own_loss(arriving)
        dh, from_above = flow_h.copy(), np.zeros_like(flow_h)
        dh[bearing] = norms_of_own_loss(total[bearing])
        from_above[bearing] = flow_y
        cell = _cell_signals(layer, total)
        return layer_norms(cell, dh=dh, flow_h=flow_h, from_above=from_above)


def _cell_signals(layer: RecurrentLayer, dh: Array) -> dict[str, Array]:
    """Return what flowed back through the cell states, where there are any."""
    from_h = layer.dc_from_h(dh)
    if from_h is None:
        return {}
    flow_c = layer.flow("c")
    return {"dc": from_h + flow_c, "flow_c": flow_c, "dc_from_h": from_h}


def _of_layer(state: State | None, layer: RecurrentLayer) -> State | None:
    if state is None:
        return None
    return {name: state[f"{name}_l{layer.index}"] for name in layer.state_names}


def _reused(buffer: Array, shape: tuple[int, ...]) -> Array:
    return buffer if buffer.shape == shape else np.empty(shape, buffer.dtype)
