"""The gated recurrent unit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradexplorer.engine.activations import ACTIVATIONS, Activation
from gradexplorer.engine.footprint import Footprint
from gradexplorer.engine.layer import RecurrentLayer, Rows
from gradexplorer.engine.parameters import Array, Parameters
from gradexplorer.engine.truncation import Span


class GRULayer(RecurrentLayer):
    """The GRU whose reset gate acts after the matrix product, as ``torch.nn.GRU``.

    Forward::

        r, z = sigmoid(a^r_t), sigmoid(a^z_t)
        s = r * (W_hn h_{t-1} + b_hn)
        n = tanh(W_in x_t + b_in + s)
        h_t = n + z * (h_{t-1} - n)

    and back::

        dh_t = local_t + z_{t+1} * dh_{t+1} + W_hh^T (da^r, da^z, r * da^n)_{t+1}
        da^n = dh * (1 - z) * (1 - n^2)
        da^z = dh * (h_{t-1} - n) * z * (1 - z)
        da^r = da^n * s * (1 - r)

    References
    ----------
    Cho et al. (2014), Learning phrase representations using RNN encoder-decoder for statistical
    machine translation; the variant is that of cuDNN.
    """

    gates = 3
    footprint = Footprint(gates=3, kept=4, signals=5, factors=5, d_inputs=2, views=12)
    state_names = ("h",)
    order = (0, 1, 2)
    signs = (-1.0, -1.0, 1.0)

    def __init__(self, parameters: Parameters, gradients: Parameters, index: int = 0) -> None:
        super().__init__(parameters, gradients, index)
        self._weight_xn = self._empty(self.input_size + 1, self.hidden_size)
        self._block_xn = self._empty(self.hidden_size, self.input_size + 1)

    def states(self, name: str) -> Array:  # noqa: ARG002
        """Return the states of the last window, shape (T + 1, B, H), the initial one first."""
        return self._hx[: self.steps + 1, :, : self.hidden_size]

    def gate_values(self) -> dict[str, Array]:
        """Return views of r, z and n in the last window, each (T, B, H)."""
        r, z = self._rz[: self.steps, 0], self._rz[: self.steps, 1]
        return {"r": r, "z": z, "n": self._n[: self.steps]}

    def squashed(self) -> tuple[Array, Activation]:
        """Return n_t in the last window, (T, B, H), and tanh."""
        return self._n[: self.steps], ACTIVATIONS["tanh"]

    def gate_gradients(self, dh: Array, dc: Array | None) -> dict[str, Array]:  # noqa: ARG002
        """Return dL/d(gate) of r, z and n, each (T, B, H)."""
        gates, before, size = self.gate_values(), self.states("h")[:-1], self.hidden_size
        weight = self._weight[:, 2 * size :]  # those of the forward pass, before the update
        gated = before @ weight[:size] + weight[-1]
        return {
            "r": self.pre_activation_gradients()["n"] * gated,
            "z": dh * (before - gates["n"]),
            "n": dh * (1.0 - gates["z"]),
        }

    def pre_activation_gradients(self) -> dict[str, Array]:
        """Return dL/da of r, z and n, each (T, B, H)."""
        da = self._signal("da")[: self.steps].reshape(self.steps, self.batch, 3, -1)
        return {"r": da[:, :, 0], "z": da[:, :, 1], "n": self._signal("da_n")[: self.steps]}

    def _allocate(self, steps: int, batch: int) -> None:
        size, chunk, rows = self.hidden_size, self._chunk, self._rows
        self._a = self._empty(batch, 3 * size)
        self._dh, self._difference = self._empty(batch, size), self._empty(batch, size)
        self._rz = self._empty(steps, 2, batch, size)
        self._s, self._n = self._empty(steps, batch, size), self._empty(steps, batch, size)
        self._slope = self._empty(chunk, 4, batch, size)
        self._differences = self._empty(chunk, batch, size)
        self._d_inputs_of_n: Array | None = None
        flow, da = self._empty(steps + 1, batch, size), self._empty(steps, batch, 3 * size)
        da_n = self._empty(steps, batch, size)
        self._signals = {"flow_h": flow, "da": da, "da_n": da_n}
        self._rows_hx, self._rows_h = rows(self._hx), rows(self._hx[..., :size])
        rz = self._rz
        self._forward_rows = tuple(map(rows, (rz, rz[:, 0], rz[:, 1], self._s, self._n)))
        self._rows_flow = rows(flow)
        self._chunk_rows = tuple(map(rows, (self._slope[:, :3], self._slope[:, 3])))
        blocks = da.reshape(steps, batch, 3, size).transpose(0, 2, 1, 3)
        self._backward_rows = tuple(map(rows, (rz[:, 1], da, blocks, da_n)))

    def _fold_weights(self) -> None:
        super()._fold_weights()
        size = self.hidden_size
        # What n gets from the input the reset gate must not touch: it takes a way of its own.
        self._weight_xn[:-1] = self._weight_ih[2].T
        self._weight_ih[2] = 0.0
        self._weight_xn[-1] = self._named(self.parameters, "bias_ih")[2 * size :]
        self._weight[size:-1, 2 * size :] = 0.0
        self._weight[-1, 2 * size :] = self._named(self.parameters, "bias_hh")[2 * size :]

    def _run_forward(self) -> None:
        dot, exp, tanh, add, multiply = np.dot, np.exp, np.tanh, np.add, np.multiply
        reciprocal, subtract, one = np.reciprocal, np.subtract, self._one
        weight, a, difference, end = self._weight, self._a, self._difference, self.steps
        size = self.hidden_size
        x = self._hx[:end, :, size:].reshape(end * self.batch, -1)
        np.matmul(x, self._weight_xn, self._n[:end].reshape(end * self.batch, size))
        blocks = a.reshape(self.batch, 3, size).transpose(1, 0, 2)
        a_sigmoids, product = blocks[:2], blocks[2]
        for hx, before, rz, r, z, s, n, h in zip(
            self._rows_hx[:end],
            self._rows_h[:end],
            *(rows[:end] for rows in self._forward_rows),
            self._rows_h[1 : end + 1],
            strict=True,
        ):
            dot(hx, weight, a)
            exp(a_sigmoids, rz)
            add(rz, one, rz)
            reciprocal(rz, rz)
            multiply(r, product, s)
            add(n, s, n)
            tanh(n, n)
            subtract(before, n, difference)
            multiply(z, difference, difference)
            add(n, difference, h)

    def _compute_factors(self, start: int, stop: int) -> None:
        """Compute da/dh of r, z and the two sides of n: the recurrent one and the input's."""
        rz, s, n = self._rz[start:stop], self._s[start:stop], self._n[start:stop]
        before, one = self._hx[start:stop, :, : self.hidden_size], self._one
        slope = self._slope[: stop - start]
        r_slope, z_slope, hn_slope, n_slope = (slope[:, gate] for gate in range(4))
        np.subtract(one, rz, out=slope[:, :2])
        np.multiply(n, n, out=n_slope)
        np.subtract(one, n_slope, out=n_slope)
        np.multiply(n_slope, z_slope, out=n_slope)
        np.multiply(n_slope, rz[:, 0], out=hn_slope)
        np.multiply(r_slope, s, out=r_slope)
        np.multiply(r_slope, n_slope, out=r_slope)
        np.multiply(z_slope, rz[:, 1], out=z_slope)
        difference = self._differences[: stop - start]
        np.subtract(before, n, out=difference)
        np.multiply(z_slope, difference, out=z_slope)

    def _run_backward(
        self, start: int, stop: int, span: Span, local: Rows, local_row: Sequence[int]
    ) -> None:
        dot, add, multiply, kept = np.dot, np.add, np.multiply, self._difference
        weight = self._weight_hh.reshape(3 * self.hidden_size, -1)
        cut = span.start or -1
        for t, dh, slope, n_slope, z, da, da_blocks, da_n, before in zip(
            range(stop - 1, start - 1, -1),
            self._rows_flow[start + 1 : stop + 1][::-1],
            *(rows[: stop - start][::-1] for rows in self._chunk_rows),
            *(rows[start:stop][::-1] for rows in self._backward_rows),
            self._rows_flow[start:stop][::-1],
            strict=True,
        ):
            if local_row[t] >= 0 and t >= span.loss_from:
                dh = add(dh, local[local_row[t]], self._dh)
            multiply(dh, slope, da_blocks)
            multiply(dh, n_slope, da_n)
            if t != cut:
                multiply(dh, z, kept)
                dot(da, weight, before)
                add(before, kept, before)

    def _set_gradients(self, first: int, rows: int) -> None:
        super()._set_gradients(first, rows)
        da_n = self._signal("da_n")[first : self.steps].reshape(rows, -1)
        x = self._hx[first : self.steps, :, self.hidden_size :].reshape(rows, -1)
        np.matmul(da_n.T, x, out=self._block_xn)
        size = self.hidden_size
        self._named(self.gradients, "weight_ih")[2 * size :] = self._block_xn[:, :-1]
        self._named(self.gradients, "bias_ih")[2 * size :] = self._block_xn[:, -1]

    def d_inputs(self, *, of_pass: bool = False) -> Array:
        """Return dL/dx, shape (T, B, D): of all passes, or of the last one alone."""
        d_inputs = super().d_inputs(of_pass=of_pass)
        if self._d_inputs_of_n is None:
            self._d_inputs_of_n = self._empty(self._capacity[0] * self.batch, self.input_size)
        rows = self.steps * self.batch
        da_n = (self._signals["da_n"] if of_pass else self._signal("da_n"))[: self.steps]
        of_n = self._d_inputs_of_n[:rows]
        np.dot(da_n.reshape(rows, -1), self._weight_xn[:-1].T, out=of_n)
        d_inputs += of_n.reshape(d_inputs.shape)
        return d_inputs
