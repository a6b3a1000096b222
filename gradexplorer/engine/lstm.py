"""The long short-term memory layer."""

from __future__ import annotations

import numpy as np

from gradexplorer.engine.layer import RecurrentLayer
from gradexplorer.engine.parameters import Array, Parameters
from gradexplorer.engine.truncation import Span

# Inside, the gates stand in the order o, i, f, g: the three sigmoids are one block, and so
# are the three that the cell's gradient feeds. PyTorch's order is i, f, g, o.
_TORCH_BLOCKS = np.array([3, 0, 1, 2])


class LSTMLayer(RecurrentLayer):
    """The LSTM with a forget gate and no peepholes, as ``torch.nn.LSTM``.

    Forward::

        i, f, o = sigmoid(a^i_t), sigmoid(a^f_t), sigmoid(a^o_t)
        g = tanh(a^g_t)
        c_t = f * c_{t-1} + i * g
        h_t = o * tanh(c_t)

    with ``a_t = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh``, and back::

        dh_t = local_t + W_hh^T da_{t+1}
        dc_t = f_{t+1} * dc_{t+1} + dh_t * o * (1 - tanh(c_t)^2)

    References
    ----------
    Hochreiter & Schmidhuber (1997), Long short-term memory; Gers, Schmidhuber & Cummins
    (2000), Learning to forget.
    """

    gates = 4
    state_names = ("h", "c")

    def __init__(self, parameters: Parameters, gradients: Parameters) -> None:
        super().__init__(parameters, gradients)
        size = self.hidden_size
        # Half of a sigmoid's pre-activation goes through tanh: sigmoid(a) = (tanh(a/2) + 1)/2.
        self._halves = np.array([0.5, 0.5, 0.5, 1.0], self.dtype).reshape(4, 1, 1)
        self._weight_hh = self._empty(4, size, size)
        self._half_weight_hh = self._empty(4, size, size)
        self._half_weight_ih = self._empty(4, size, self.input_size)
        self._half_bias = self._empty(4, 1, size)
        self._block = {
            "weight_hh_l0": self._empty(4, size, size),
            "weight_ih_l0": self._empty(4, size, self.input_size),
            "bias_ih_l0": self._empty(4, size),
        }

    def _allocate(self, steps: int, batch: int) -> None:
        size = self.hidden_size
        self._projection = self._empty(steps, batch, 4, size)
        self._gate = self._empty(steps, 4, batch, size)
        self._tanh_c = self._empty(steps, batch, size)
        self._slope = self._empty(steps, 4, batch, size)
        self._c_slope = self._empty(steps, batch, size)
        self._product = self._empty(4, batch, size)
        self._input_part = self._empty(batch, size)
        self._states = {name: self._empty(steps + 1, batch, size) for name in ("h", "c")}
        self._signals = {
            name: self._empty(steps, batch, size) for name in ("dh", "flow_h", "dc", "flow_c")
        }
        self._signals["da"] = self._empty(steps, batch, 4, size)

    def _run_forward(self) -> None:
        self._fold_weights()
        rows, size = self.steps * self.batch, 4 * self.hidden_size
        projection, gate = self._projection[: self.steps], self._gate[: self.steps]
        np.dot(
            self.inputs.reshape(rows, -1),
            self._half_weight_ih.reshape(size, -1).T,
            out=projection.reshape(rows, size),
        )
        np.add(projection.transpose(0, 2, 1, 3), self._half_bias, out=gate)
        weight_hh, product, part = (
            self._half_weight_hh.transpose(0, 2, 1),
            self._product,
            self._input_part,
        )
        all_h, all_c = self._states["h"], self._states["c"]
        for t in range(self.steps):
            a, h, c, tanh_c = gate[t], all_h[t + 1], all_c[t + 1], self._tanh_c[t]
            np.matmul(all_h[t], weight_hh, out=product)
            np.add(a, product, out=a)
            np.tanh(a, out=a)
            sigmoids = a[:3]
            np.multiply(sigmoids, 0.5, out=sigmoids)
            np.add(sigmoids, 0.5, out=sigmoids)
            np.multiply(a[2], all_c[t], out=c)
            np.multiply(a[1], a[3], out=part)
            np.add(c, part, out=c)
            np.tanh(c, out=tanh_c)
            np.multiply(a[0], tanh_c, out=h)

    def _fold_weights(self) -> None:
        """Copy the weights into our gate order, the sigmoids' halved."""
        size, halves = self.hidden_size, self._halves
        weight_hh = self.parameters["weight_hh_l0"].reshape(4, size, size)
        np.take(weight_hh, _TORCH_BLOCKS, axis=0, out=self._weight_hh)
        np.multiply(self._weight_hh, halves, out=self._half_weight_hh)
        weight_ih = self.parameters["weight_ih_l0"].reshape(4, size, -1)
        np.multiply(weight_ih[_TORCH_BLOCKS], halves, out=self._half_weight_ih)
        bias = self.parameters["bias_ih_l0"] + self.parameters["bias_hh_l0"]
        np.multiply(bias.reshape(4, 1, size)[_TORCH_BLOCKS], halves, out=self._half_bias)

    def _prepare_backward(self) -> None:
        gate, slope = self._gate[: self.steps], self._slope[: self.steps]
        tanh_c, c_slope = self._tanh_c[: self.steps], self._c_slope[: self.steps]
        sigmoids, sigmoid_slopes = gate[:, :3], slope[:, :3]
        np.subtract(1.0, sigmoids, out=sigmoid_slopes)
        np.multiply(sigmoid_slopes, sigmoids, out=sigmoid_slopes)
        o, i, f, g = (slope[:, block] for block in range(4))
        np.multiply(o, tanh_c, out=o)
        np.multiply(i, gate[:, 3], out=i)
        np.multiply(f, self.states("c")[:-1], out=f)
        np.multiply(gate[:, 3], gate[:, 3], out=g)
        np.subtract(1.0, g, out=g)
        np.multiply(g, gate[:, 1], out=g)
        np.multiply(tanh_c, tanh_c, out=c_slope)
        np.subtract(1.0, c_slope, out=c_slope)
        np.multiply(c_slope, gate[:, 0], out=c_slope)

    def _run_span(self, local: Array, loss_row: tuple[int, ...], span: Span) -> None:
        weight_hh = self._weight_hh.reshape(4 * self.hidden_size, -1)
        all_dh, flow_h, all_dc, flow_c, all_da = self._signals.values()
        rows = all_da.reshape(len(all_da), self.batch, -1)
        blocks = all_da.transpose(0, 2, 1, 3)
        flow_h[span.stop - 1] = 0.0
        flow_c[span.stop - 1] = 0.0
        for t in range(span.stop - 1, span.start - 1, -1):
            dh, dc, da, slope, row = all_dh[t], all_dc[t], blocks[t], self._slope[t], loss_row[t]
            if row >= 0 and t >= span.loss_from:
                np.add(flow_h[t], local[row], out=dh)
            else:
                np.copyto(dh, flow_h[t])
            np.multiply(dh, self._c_slope[t], out=dc)
            np.add(dc, flow_c[t], out=dc)
            np.multiply(dh, slope[0], out=da[0])
            np.multiply(dc, slope[1:], out=da[1:])
            if t > span.start:
                np.dot(rows[t], weight_hh, out=flow_h[t - 1])
                np.multiply(dc, self._gate[t, 2], out=flow_c[t - 1])

    def _set_gradients(self, first: int) -> None:
        rows, size = (self.steps - first) * self.batch, self.hidden_size
        da = self.signal("da")[first:].reshape(rows, 4 * size)
        before = self.states("h")[first:-1].reshape(rows, size)
        inputs = self.inputs[first:].reshape(rows, -1)
        block = self._block
        np.dot(da.T, before, out=block["weight_hh_l0"].reshape(4 * size, -1))
        np.dot(da.T, inputs, out=block["weight_ih_l0"].reshape(4 * size, -1))
        np.sum(da, axis=0, out=block["bias_ih_l0"].reshape(-1))
        for name, values in block.items():
            self.gradients[name].reshape(values.shape)[_TORCH_BLOCKS] = values
        self.gradients["bias_hh_l0"][...] = self.gradients["bias_ih_l0"]

    def dc_from_h(self) -> Array:
        """Return the part of dL/dc_t that came down from h_t, shape (T, B, H)."""
        part: Array = self.signal("dh") * self._c_slope[: self.steps]
        return part

    def d_inputs(self) -> Array:
        """Return dL/dx of the last backward pass, shape (T, B, D)."""
        rows = self.steps * self.batch
        weight_ih = self._weight_ih.reshape(4, self.hidden_size, -1)[_TORCH_BLOCKS]
        da = self.signal("da").reshape(rows, -1)
        d_inputs: Array = da @ weight_ih.reshape(4 * self.hidden_size, -1)
        return d_inputs.reshape(self.inputs.shape)
