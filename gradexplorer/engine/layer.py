"""What recurrent layers share: buffers that outlive an update, and the way back through time.

Arrays are ``(T, B, ...)``. A step's state, its input and a 1 stand side by side in one row, so
that one product gives a step's whole pre-activation, and one more all parameter gradients.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from gradexplorer.engine.activations import Activation
from gradexplorer.engine.buffers import empty
from gradexplorer.engine.footprint import MOST_KEPT_VIEWS, Footprint, Window, chunk_of
from gradexplorer.engine.parameters import Array, Parameters
from gradexplorer.engine.truncation import BackwardPlan, Span

State = Mapping[str, Array]
Rows = Sequence[Array] | Array


class RecurrentLayer(ABC):
    """One recurrent layer, its last forward pass and its last backward pass.

    Parameters
    ----------
    parameters, gradients : Parameters
        Hold ``weight_ih_l0 (G*H, D)``, ``weight_hh_l0 (G*H, H)``, ``bias_ih_l0`` and
        ``bias_hh_l0 (G*H,)``, G the number of gates, as PyTorch names them, and where the
        initial state is learned ``initial_h_l0 (H,)`` and the like.
    index : int
        The number after ``_l``.

    Attributes
    ----------
    input_size, hidden_size : int
        D and H.
    steps, batch : int
        T and B of the last window.
    """

    gates: ClassVar[int]
    footprint: ClassVar[Footprint]
    state_names: ClassVar[tuple[str, ...]]
    # The order of PyTorch's gates inside, and what their pre-activations are multiplied by there.
    order: ClassVar[tuple[int, ...]]
    signs: ClassVar[tuple[float, ...]]

    def __init__(self, parameters: Parameters, gradients: Parameters, index: int = 0) -> None:
        self.parameters, self.gradients, self.index = parameters, gradients, index
        rows, self.input_size = self._named(parameters, "weight_ih").shape
        self.hidden_size = size = rows // self.gates
        self.dtype = parameters.flat.dtype
        self.learns_initial_state = f"initial_h_l{index}" in parameters
        self._row = size + self.input_size + 1
        self._order = np.array(self.order)
        self._signs = np.array(self.signs, self.dtype)[:, None]
        self._one = np.ones((), self.dtype)
        self._weight = self._empty(self._row, rows)
        self._weight_hh = self._empty(self.gates, size, size)
        self._weight_ih = self._empty(self.gates, size, self.input_size)
        self._block = self._empty(self.gates, size, self._row)
        self.steps = self.batch = 0
        self._capacity = (0, 0)
        self._signals: dict[str, Array] = {}
        self._sums: dict[str, Array] = {}
        self._summed = self._started_initially = False
        self._hx = self._empty(0, 0, self._row)
        self._d_inputs_buffer: Array | None = None
        self._chunk = 1

    @classmethod
    def shapes(
        cls,
        input_size: int,
        hidden_size: int,
        index: int = 0,
        *,
        learns_initial_state: bool = False,
    ) -> dict[str, tuple[int, ...]]:
        """Return the parameters' names and shapes."""
        rows = cls.gates * hidden_size
        shapes: dict[str, tuple[int, ...]] = {
            f"weight_ih_l{index}": (rows, input_size),
            f"weight_hh_l{index}": (rows, hidden_size),
            f"bias_ih_l{index}": (rows,),
            f"bias_hh_l{index}": (rows,),
        }
        if learns_initial_state:
            shapes |= {f"initial_{name}_l{index}": (hidden_size,) for name in cls.state_names}
        return shapes

    def forward(self, inputs: Array | NDArray[np.integer], state: State | None = None) -> Array:
        """Run the layer over a window.

        Parameters
        ----------
        inputs : ndarray, shape (T, B, D), or of int, shape (T, B)
            Integers are classes: input c is 1 where all others are 0.
        state : mapping of str to ndarray, shape (B, H), optional
            The state before the first step, by name; without it the learned one, or zero.

        Returns
        -------
        ndarray, shape (T, B, H)
            h at every step, valid until the next call.
        """
        self.steps, self.batch = inputs.shape[:2]
        capacity, batch = self._capacity
        if batch != self.batch or capacity < self.steps:
            self._make_buffers()
        self._started_initially = state is None
        for name in self.state_names:
            self.states(name)[0] = self._initial(name) if state is None else state[name]
        self._read(inputs)
        self._fold_weights()
        with np.errstate(over="ignore"):  # exp of a shut gate's pre-activation
            self._run_forward()
        return self.states("h")[1:]

    def run_pass(self, local: Array, local_row: Sequence[int], spans: tuple[Span, ...]) -> None:
        """Backpropagate through the spans of one pass.

        Parameters
        ----------
        local : ndarray, shape (S, B, H)
            dL/dh from above: from the readout or the next layer.
        local_row : sequence of int
            For each step its row in ``local``, or -1.
        spans : tuple of Span
            Free of overlaps, from the last to the first.
        """
        rows = list(local) if len(local) <= MOST_KEPT_VIEWS else local
        behind = self.steps
        for span in spans:
            self._clear(span.stop, behind)
            self._run_span(rows, local_row, span)
            behind = span.start
        self._clear(0, behind)
        if behind:
            for flow in self._flows():
                flow[0] = 0.0

    def add_pass(self, number: int, plan: BackwardPlan) -> None:
        """Add what the pass of this number left to the sum over all passes."""
        self._summed = len(plan.passes) > 1
        if not self._summed:
            return
        for name, signal in self._signals.items():
            if name not in self._sums:
                self._sums[name] = self._empty(*signal.shape)
            end = self.steps + len(signal) - self._capacity[0]
            total, part = self._sums[name][:end], signal[:end]
            if number == 0:
                total[...] = part
            else:
                total += part

    def finish_backward(self, plan: BackwardPlan) -> None:
        """Set the gradients of the parameters from the sums over all passes."""
        first = min(spans[-1].start for spans in plan.passes)
        self._set_gradients(first, (self.steps - first) * self.batch)
        if self.learns_initial_state:
            for name in self.state_names:
                gradient = self._named(self.gradients, f"initial_{name}")
                gradient[...] = 0.0
                if self._started_initially:
                    np.sum(self._signal(f"flow_{name}")[0], axis=0, out=gradient)

    @abstractmethod
    def states(self, name: str) -> Array:
        """Return the states of the last window, shape (T + 1, B, H), the initial one first."""

    def gate_values(self) -> dict[str, Array]:
        """Return views of what the gates let through in the last window, each (T, B, H), by name.

        Named and ordered as PyTorch's blocks, the candidate (g, n) among them; a vanilla cell has
        none.
        """
        return {}

    @abstractmethod
    def squashed(self) -> tuple[Array, Activation]:
        """Return what of each unit is bounded in the last window, (T, B, H), and by what.

        That is h_t, of an LSTM tanh c_t, of a GRU the candidate n_t.
        """

    def gate_gradients(self, dh: Array, dc: Array | None) -> dict[str, Array]:  # noqa: ARG002
        """Return dL/d(gate) for each of `gate_values`, (T, B, H), from the gradients of h and c."""
        return {}

    def pre_activation_gradients(self) -> dict[str, Array]:
        """Return dL/da for each of `gate_values`, (T, B, H): what passes on through its slope."""
        return {}

    def flow(self, name: str) -> Array:
        """Return the part of dL/dh_t, or dL/dc_t, that arrived from step t + 1, (T, B, H)."""
        return self._signal(f"flow_{name}")[1 : self.steps + 1]

    def dc_from_h(self, dh: Array) -> Array | None:  # noqa: ARG002
        """Return the part of dL/dc_t that came down from h_t, (T, B, H), where there is a c."""
        return None

    def d_inputs(self, *, of_pass: bool = False) -> Array:
        """Return dL/dx, shape (T, B, D): of all passes, or of the last one alone."""
        rows, size = self.steps * self.batch, self.gates * self.hidden_size
        da = (self._signals["da"] if of_pass else self._signal("da"))[: self.steps]
        weight = self._weight_ih.reshape(size, -1)
        d_inputs = self._d_inputs()
        np.dot(da.reshape(rows, size), weight, out=d_inputs.reshape(rows, -1))
        return d_inputs

    def _run_span(self, local: Rows, local_row: Sequence[int], span: Span) -> None:
        for flow in self._flows():
            flow[span.stop] = 0.0
        for stop in range(span.stop, span.start, -self._chunk):
            start = max(span.start, stop - self._chunk)
            self._compute_factors(start, stop)
            self._run_backward(start, stop, span, local, local_row)

    def _clear(self, start: int, stop: int) -> None:
        if start < stop:
            for name, signal in self._signals.items():
                after = name.startswith("flow_")
                signal[start + after : stop + after] = 0.0

    def _signal(self, name: str) -> Array:
        return (self._sums if self._summed else self._signals)[name]

    def _flows(self) -> list[Array]:
        return [self._signals[f"flow_{name}"] for name in self.state_names]

    def _initial(self, name: str) -> Array | float:
        return self._named(self.parameters, f"initial_{name}") if self.learns_initial_state else 0.0

    def _named(self, parameters: Parameters, name: str) -> Array:
        return parameters[f"{name}_l{self.index}"]

    def _inputs(self) -> Array:
        return self._hx[: self.steps, :, self.hidden_size : -1]

    def _read(self, inputs: Array | NDArray[np.integer]) -> None:
        """Copy a window's inputs into the rows, classes one-hot."""
        columns = self._inputs()
        if inputs.ndim == columns.ndim:
            columns[...] = inputs
            return
        columns[...] = 0.0
        steps, batch = np.ogrid[: self.steps, : self.batch]
        columns[steps, batch, inputs] = 1.0

    def _d_inputs(self) -> Array:
        """Return the buffer of dL/dx, made when it is first asked for."""
        if self._d_inputs_buffer is None:
            self._d_inputs_buffer = self._empty(self._capacity[0], self.batch, self.input_size)
        return self._d_inputs_buffer[: self.steps]

    def _fold_weights(self) -> None:
        """Copy the weights into the order and the signs that the loops want."""
        size, order = self.hidden_size, self._order
        for rows, folded, name in (
            (self._weight[:size], self._weight_hh, "weight_hh"),
            (self._weight[size:-1], self._weight_ih, "weight_ih"),
        ):
            weight = self._named(self.parameters, name).reshape(folded.shape)
            np.take(weight, order, axis=0, out=folded)
            out = rows.reshape(-1, self.gates, size)
            np.multiply(folded.transpose(2, 0, 1), self._signs, out=out)
        bias = self._named(self.parameters, "bias_ih") + self._named(self.parameters, "bias_hh")
        out = self._weight[-1].reshape(self.gates, size)
        np.multiply(bias.reshape(self.gates, size)[order], self._signs, out=out)

    def _set_gradients(self, first: int, rows: int) -> None:
        """Set the weights' and biases' gradients; ``da`` is zero before step ``first``."""
        da = self._signal("da")[first : self.steps].reshape(rows, -1)
        hx, size = self._hx[first : self.steps].reshape(rows, -1), self.hidden_size
        np.dot(da.T, hx, out=self._block.reshape(-1, self._row))
        for name, part in (
            ("weight_hh", self._block[..., :size]),
            ("weight_ih", self._block[..., size:-1]),
            ("bias_ih", self._block[..., -1]),
            ("bias_hh", self._block[..., -1]),
        ):
            self._named(self.gradients, name).reshape(part.shape)[self._order] = part

    def _make_buffers(self) -> None:
        steps, batch = self._capacity = self.steps, self.batch
        self._sums, self._d_inputs_buffer = {}, None
        self._hx = self._empty(steps + 1, batch, self._row)
        self._hx[..., -1] = 1.0
        window = Window(steps, batch)
        self._chunk = chunk_of(self.gates, self.hidden_size, window, self.dtype.itemsize)
        self._allocate(steps, batch)

    def _rows(self, array: Array) -> Rows:
        """Return an array to take steps from, as a list of views where they are not too many."""
        return list(array) if len(array) <= MOST_KEPT_VIEWS + 1 else array

    def _empty(self, *shape: int) -> Array:
        return empty(shape, self.dtype)

    @abstractmethod
    def _allocate(self, steps: int, batch: int) -> None:
        """Make the buffers.

        ``_signals`` has ``da (T, B, ...)`` and for each state its ``flow_`` (T + 1, B, H), in
        which row t belongs to the state before step t.
        """

    @abstractmethod
    def _run_forward(self) -> None:
        """Fill the states after the initial one."""

    @abstractmethod
    def _compute_factors(self, start: int, stop: int) -> None:
        """Compute what the way back needs at steps ``[start, stop)``, at most `_chunk`."""

    @abstractmethod
    def _run_backward(
        self, start: int, stop: int, span: Span, local: Rows, local_row: Sequence[int]
    ) -> None:
        """Fill the signals at steps ``[start, stop)`` of a span, for which factors are there.

        What flows out of step 0 goes to the initial state; out of a later start, nowhere.
        """
