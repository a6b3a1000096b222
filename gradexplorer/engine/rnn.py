"""The vanilla recurrent layer."""

from __future__ import annotations

import numpy as np

from gradexplorer.engine.layer import RecurrentLayer
from gradexplorer.engine.parameters import Array
from gradexplorer.engine.truncation import Span


class RNNLayer(RecurrentLayer):
    """Elman's recurrent layer with tanh, as ``torch.nn.RNN``.

    Forward::

        a_t = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh
        h_t = tanh(a_t)

    and back, with dL/dy the gradient from the readout::

        dh_t = local_t + W_hh^T da_{t+1}
        da_t = dh_t * (1 - h_t^2)

    References
    ----------
    Elman (1990), Finding structure in time.
    """

    gates = 1
    state_names = ("h",)

    def _allocate(self, steps: int, batch: int) -> None:
        size = self.hidden_size
        self._preactivation = self._empty(steps, batch, size)
        self._slope = self._empty(steps, batch, size)
        self._product = self._empty(batch, size)
        self._states = {"h": self._empty(steps + 1, batch, size)}
        self._signals = {name: self._empty(steps, batch, size) for name in ("dh", "flow_h", "da")}
        self._h = list(self._states["h"])
        self._a, self._slopes = list(self._preactivation), list(self._slope)
        self._dh, self._flow, self._da = (list(signal) for signal in self._signals.values())

    def _run_forward(self) -> None:
        rows = self.steps * self.batch
        a = self._preactivation[: self.steps]
        weight_ih, weight_hh = self.parameters["weight_ih_l0"], self.parameters["weight_hh_l0"].T
        np.dot(self.inputs.reshape(rows, -1), weight_ih.T, out=a.reshape(rows, -1))
        a += self.parameters["bias_ih_l0"] + self.parameters["bias_hh_l0"]
        product = self._product
        for t in range(self.steps):
            a_t = self._a[t]
            np.dot(self._h[t], weight_hh, out=product)
            np.add(a_t, product, out=a_t)
            np.tanh(a_t, out=self._h[t + 1])

    def _prepare_backward(self) -> None:
        h, slope = self.states("h")[1:], self._slope[: self.steps]
        np.multiply(h, h, out=slope)
        np.subtract(1.0, slope, out=slope)

    def _run_span(self, local: Array, loss_row: tuple[int, ...], span: Span) -> None:
        weight_hh = self.parameters["weight_hh_l0"]
        self._flow[span.stop - 1].fill(0.0)
        for t in range(span.stop - 1, span.start - 1, -1):
            dh, da, row = self._dh[t], self._da[t], loss_row[t]
            if row >= 0 and t >= span.loss_from:
                np.add(self._flow[t], local[row], out=dh)
            else:
                np.copyto(dh, self._flow[t])
            np.multiply(dh, self._slopes[t], out=da)
            if t > span.start:
                np.dot(da, weight_hh, out=self._flow[t - 1])

    def _set_gradients(self, first: int) -> None:
        rows = (self.steps - first) * self.batch
        da = self.signal("da")[first:].reshape(rows, -1)
        before = self.states("h")[first:-1].reshape(rows, -1)
        np.dot(da.T, before, out=self.gradients["weight_hh_l0"])
        np.dot(da.T, self.inputs[first:].reshape(rows, -1), out=self.gradients["weight_ih_l0"])
        np.sum(da, axis=0, out=self.gradients["bias_ih_l0"])
        self.gradients["bias_hh_l0"][...] = self.gradients["bias_ih_l0"]

    def d_inputs(self) -> Array:
        """Return dL/dx of the last backward pass, shape (T, B, D)."""
        return self.signal("da") @ self._weight_ih
