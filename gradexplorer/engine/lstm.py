"""The long short-term memory layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradexplorer.engine.activations import ACTIVATIONS, Activation
from gradexplorer.engine.footprint import Footprint
from gradexplorer.engine.layer import RecurrentLayer, Rows
from gradexplorer.engine.parameters import Array
from gradexplorer.engine.truncation import Span


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
    footprint = Footprint(gates=4, kept=6, signals=6, factors=5, d_inputs=1, views=15)
    state_names = ("h", "c")
    # o, f, i, g: the sigmoids, 1 / (1 + exp(-a)), are one block. A step keeps o, f, i, c_{t-1}, g:
    # f and i stand over against c and g, so that one call multiplies both pairs.
    order = (3, 1, 0, 2)
    signs = (-1.0, -1.0, -1.0, 1.0)

    def states(self, name: str) -> Array:
        """Return the states of the last window, shape (T + 1, B, H), the initial one first."""
        if name == "h":
            return self._hx[: self.steps + 1, :, : self.hidden_size]
        return self._kept[: self.steps + 1, 3]

    def gate_values(self) -> dict[str, Array]:
        """Return views of i, f, g and o in the last window, each (T, B, H)."""
        rows = {"i": 2, "f": 1, "g": 4, "o": 0}
        return {name: self._kept[: self.steps, row] for name, row in rows.items()}

    def squashed(self) -> tuple[Array, Activation]:
        """Return tanh c_t in the last window, (T, B, H), and tanh."""
        return self._tanh_c[: self.steps], ACTIVATIONS["tanh"]

    def gate_gradients(self, dh: Array, dc: Array | None) -> dict[str, Array]:
        """Return dL/d(gate) of i, f, g and o, each (T, B, H)."""
        assert dc is not None
        gates, before = self.gate_values(), self.states("c")[:-1]
        return {
            "i": dc * gates["g"],
            "f": dc * before,
            "g": dc * gates["i"],
            "o": dh * self._tanh_c[: self.steps],
        }

    def pre_activation_gradients(self) -> dict[str, Array]:
        """Return dL/da of i, f, g and o, each (T, B, H)."""
        da = self._signal("da")[: self.steps].reshape(self.steps, self.batch, 4, -1)
        return {name: da[:, :, self.order.index(row)] for row, name in enumerate("ifgo")}

    def _allocate(self, steps: int, batch: int) -> None:
        size, chunk = self.hidden_size, self._chunk
        self._a = self._empty(batch, 4 * size)
        self._products = self._empty(2, batch, size)
        self._dh, self._dc = self._empty(batch, size), self._empty(batch, size)
        self._kept = self._empty(steps + 1, 5, batch, size)
        self._tanh_c = self._empty(steps, batch, size)
        self._by_c, self._slope = (
            self._empty(chunk, batch, size),
            self._empty(chunk, 4, batch, size),
        )
        self._signals = {
            "flow_h": self._empty(steps + 1, batch, size),
            "flow_c": self._empty(steps + 1, batch, size),
            "da": self._empty(steps, batch, 4 * size),
        }
        self._keep_views(size)

    def _keep_views(self, size: int) -> None:
        kept, rows = self._kept, self._rows
        self._forward_rows = tuple(
            map(rows, (kept[:, :3], kept[:, 1:3], kept[:, 3:], kept[:, 0], kept[:, 4]))
        )
        self._rows_hx, self._rows_h = rows(self._hx), rows(self._hx[..., :size])
        self._rows_c, self._rows_tanh_c = rows(kept[:, 3]), rows(self._tanh_c)
        self._chunk_rows = tuple(map(rows, (self._by_c, self._slope[:, 0], self._slope[:, 1:])))
        flow_h, flow_c, da = self._signals.values()
        blocks = da.reshape(*da.shape[:2], 4, size).transpose(0, 2, 1, 3)
        self._rows_flow_h, self._rows_flow_c = rows(flow_h), rows(flow_c)
        self._backward_rows = tuple(map(rows, (kept[:-1, 1], da, blocks[:, 0], blocks[:, 1:])))

    def _run_forward(self) -> None:
        dot, exp, tanh, add, multiply = np.dot, np.exp, np.tanh, np.add, np.multiply
        reciprocal, one, weight, a = np.reciprocal, self._one, self._weight, self._a
        blocks = a.reshape(self.batch, 4, -1).transpose(1, 0, 2)
        a_sigmoids, a_g, products = blocks[:3], blocks[3], self._products
        kept, added = products
        end = self.steps
        for hx, sigmoids, fi, cg, o, g, c, tanh_c, h in zip(
            self._rows_hx[:end],
            *(rows[:end] for rows in self._forward_rows),
            self._rows_c[1 : end + 1],
            self._rows_tanh_c[:end],
            self._rows_h[1 : end + 1],
            strict=True,
        ):
            dot(hx, weight, a)
            exp(a_sigmoids, sigmoids)
            add(sigmoids, one, sigmoids)
            reciprocal(sigmoids, sigmoids)
            tanh(a_g, g)
            multiply(fi, cg, products)
            add(kept, added, c)
            tanh(c, tanh_c)
            multiply(o, tanh_c, h)

    def _compute_factors(self, start: int, stop: int) -> None:
        """Compute dc/dh, and da/dh of o and da/dc of f, i, g."""
        kept, h = self._kept[start:stop], self._hx[start + 1 : stop + 1, :, : self.hidden_size]
        by_c, slope = self._by_c[: stop - start], self._slope[: stop - start]
        tanh_c, one = self._tanh_c[start:stop], self._one
        np.multiply(tanh_c, h, out=by_c)
        np.subtract(kept[:, 0], by_c, out=by_c)
        np.subtract(one, kept[:, :3], out=slope[:, :3])
        np.multiply(slope[:, 0], h, out=slope[:, 0])
        gates = slope[:, 1:3]
        np.multiply(gates, kept[:, 1:3], out=gates)
        np.multiply(gates, kept[:, 3:], out=gates)
        g = slope[:, 3]
        np.multiply(kept[:, 4], kept[:, 4], out=g)
        np.subtract(one, g, out=g)
        np.multiply(g, kept[:, 2], out=g)

    def _run_backward(
        self, start: int, stop: int, span: Span, local: Rows, local_row: Sequence[int]
    ) -> None:
        dot, add, multiply, dc = np.dot, np.add, np.multiply, self._dc
        weight = self._weight_hh.reshape(4 * self.hidden_size, -1)
        cut = span.start or -1
        for t, dh, flow_c, by_c, by_o, by_fig, f, da, da_o, da_fig, before_h, before_c in zip(
            range(stop - 1, start - 1, -1),
            self._rows_flow_h[start + 1 : stop + 1][::-1],
            self._rows_flow_c[start + 1 : stop + 1][::-1],
            *(rows[: stop - start][::-1] for rows in self._chunk_rows),
            *(rows[start:stop][::-1] for rows in self._backward_rows),
            self._rows_flow_h[start:stop][::-1],
            self._rows_flow_c[start:stop][::-1],
            strict=True,
        ):
            if local_row[t] >= 0 and t >= span.loss_from:
                dh = add(dh, local[local_row[t]], self._dh)
            multiply(dh, by_c, dc)
            multiply(dh, by_o, da_o)
            add(dc, flow_c, dc)
            multiply(dc, by_fig, da_fig)
            if t != cut:
                multiply(dc, f, before_c)
                dot(da, weight, before_h)

    def dc_from_h(self, dh: Array) -> Array:
        """Return the part of dL/dc_t that came down from h_t, shape (T, B, H)."""
        tanh_c, o = self._tanh_c[: self.steps], self._kept[: self.steps, 0]
        part: Array = np.multiply(tanh_c, self.states("h")[1:])
        np.subtract(o, part, out=part)
        return np.multiply(dh, part, out=part)
