"""The vanilla recurrent layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gradexplorer.engine.activations import ACTIVATIONS, Activation
from gradexplorer.engine.footprint import Footprint
from gradexplorer.engine.layer import RecurrentLayer, Rows
from gradexplorer.engine.parameters import Array, Parameters
from gradexplorer.engine.truncation import Span


class RNNLayer(RecurrentLayer):
    """Elman's recurrent layer, as ``torch.nn.RNN``.

    Forward::

        a_t = W_ih x_t + b_ih + W_hh h_{t-1} + b_hh
        h_t = f(a_t)

    and back, with local_t the gradient from above::

        dh_t = local_t + W_hh^T da_{t+1}
        da_t = dh_t * f'(a_t)

    Parameters
    ----------
    parameters, gradients, index
        As for `RecurrentLayer`.
    activation : str
        A key of `gradexplorer.engine.activations.ACTIVATIONS`.

    References
    ----------
    Elman (1990), Finding structure in time.
    """

    gates = 1
    footprint = Footprint(gates=1, kept=0, signals=2, factors=1, d_inputs=1, views=4)
    state_names = ("h",)
    order = (0,)
    signs = (1.0,)

    def __init__(
        self,
        parameters: Parameters,
        gradients: Parameters,
        index: int = 0,
        activation: str = "tanh",
    ) -> None:
        super().__init__(parameters, gradients, index)
        self._activation = ACTIVATIONS[activation]
        self._signs *= self._activation.sign

    def states(self, name: str) -> Array:  # noqa: ARG002
        """Return the states of the last window, shape (T + 1, B, H), the initial one first."""
        return self._hx[: self.steps + 1, :, : self.hidden_size]

    def squashed(self) -> tuple[Array, Activation]:
        """Return h_t in the last window, (T, B, H), and its activation."""
        return self.states("h")[1:], self._activation

    def _allocate(self, steps: int, batch: int) -> None:
        size = self.hidden_size
        self._a, self._dh = self._empty(batch, size), self._empty(batch, size)
        self._slope = self._empty(self._chunk, batch, size)
        flow, da = self._empty(steps + 1, batch, size), self._empty(steps, batch, size)
        self._signals = {"flow_h": flow, "da": da}
        self._rows_hx, self._rows_h = self._rows(self._hx), self._rows(self._hx[..., :size])
        self._rows_slope = self._rows(self._slope)
        self._rows_flow, self._rows_da = self._rows(flow), self._rows(da)

    def _run_forward(self) -> None:
        dot, apply, weight, a = np.dot, self._activation.apply, self._weight, self._a
        last = self.steps + 1
        for hx, h in zip(self._rows_hx[: last - 1], self._rows_h[1:last], strict=True):
            dot(hx, weight, a)
            apply(a, h)

    def _compute_factors(self, start: int, stop: int) -> None:
        h = self._hx[start + 1 : stop + 1, :, : self.hidden_size]
        self._activation.slope(h, self._slope[: stop - start])

    def _run_backward(
        self, start: int, stop: int, span: Span, local: Rows, local_row: Sequence[int]
    ) -> None:
        dot, multiply, weight = np.dot, np.multiply, self._weight_hh[0]
        cut = span.start or -1
        for t, slope, da, dh, before in zip(
            range(stop - 1, start - 1, -1),
            self._rows_slope[: stop - start][::-1],
            self._rows_da[start:stop][::-1],
            self._rows_flow[start + 1 : stop + 1][::-1],
            self._rows_flow[start:stop][::-1],
            strict=True,
        ):
            if local_row[t] >= 0 and t >= span.loss_from:
                dh = np.add(dh, local[local_row[t]], self._dh)
            multiply(dh, slope, da)
            if t != cut:
                dot(da, weight, before)
