"""What recurrent layers share: buffers that outlive an update, and the way back through time.

Arrays are ``(T, B, H)``. Measured against ``(T, H, B)`` this saves the copies before
the weight-gradient products and was 5 to 20 % faster at every size tried.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from gradexplorer.engine.parameters import Array, Parameters
from gradexplorer.engine.truncation import BackwardPlan, Span

State = Mapping[str, Array]


class RecurrentLayer(ABC):
    """One recurrent layer, its last forward pass and its last backward pass.

    Parameters
    ----------
    parameters, gradients : Parameters
        Hold ``weight_ih_l0 (G*H, D)``, ``weight_hh_l0 (G*H, H)``, ``bias_ih_l0`` and
        ``bias_hh_l0 (G*H,)``, G the number of gates, as PyTorch names them.

    Attributes
    ----------
    input_size, hidden_size : int
        D and H.
    steps, batch : int
        T and B of the last window.
    """

    gates: ClassVar[int]
    state_names: ClassVar[tuple[str, ...]]

    def __init__(self, parameters: Parameters, gradients: Parameters) -> None:
        self.parameters, self.gradients = parameters, gradients
        rows, self.input_size = parameters["weight_ih_l0"].shape
        self.hidden_size = rows // self.gates
        self.dtype = parameters.flat.dtype
        self._weight_ih = parameters["weight_ih_l0"].copy()
        self.steps = self.batch = 0
        self._capacity = (0, 0)
        self._states: dict[str, Array] = {}
        self._signals: dict[str, Array] = {}
        self._sums: dict[str, Array] = {}
        self._summed = False

    @classmethod
    def shapes(cls, input_size: int, hidden_size: int) -> dict[str, tuple[int, ...]]:
        """Return the parameters' names and shapes."""
        rows = cls.gates * hidden_size
        return {
            "weight_ih_l0": (rows, input_size),
            "weight_hh_l0": (rows, hidden_size),
            "bias_ih_l0": (rows,),
            "bias_hh_l0": (rows,),
        }

    def forward(self, inputs: Array, state: State | None = None) -> Array:
        """Run the layer over a window.

        Parameters
        ----------
        inputs : ndarray, shape (T, B, D)
            Must stay as it is until the backward pass is done.
        state : mapping of str to ndarray, shape (B, H), optional
            The state before the first step, by name; zero without it.

        Returns
        -------
        ndarray, shape (T, B, H)
            h at every step, valid until the next call.
        """
        self.steps, self.batch, _ = inputs.shape
        capacity, batch = self._capacity
        if batch != self.batch or capacity < self.steps:
            self._sums = {}
            self._allocate(self.steps, self.batch)
            self._capacity = (self.steps, self.batch)
        self.inputs = inputs
        for name in self.state_names:
            self._states[name][0] = 0.0 if state is None else state[name]
        self._run_forward()
        return self.states("h")[1:]

    def backward(self, local: Array, plan: BackwardPlan) -> None:
        """Backpropagate through time and set the gradients of the parameters.

        Parameters
        ----------
        local : ndarray, shape (S, B, H)
            dL/dh through the readout alone, at the loss-bearing steps.
        plan : BackwardPlan
            Of the last window's length.
        """
        # `d_inputs` may be asked for after the update.
        self._weight_ih[...] = self.parameters["weight_ih_l0"]
        self._prepare_backward()
        self._summed = len(plan.passes) > 1
        for number, spans in enumerate(plan.passes):
            self._run_pass(local, plan.loss_row, spans)
            if self._summed:
                self._add_pass(first=number == 0)
        self._set_gradients(min(spans[-1].start for spans in plan.passes))

    def states(self, name: str) -> Array:
        """Return the states of the last window, shape (T + 1, B, H), the initial one first."""
        return self._states[name][: self.steps + 1]

    def signal(self, name: str) -> Array:
        """Return a gradient of the last backward pass by name, time first, summed over all passes.

        ``dh``: dL/dh_t in total; ``flow_h``: the part of it that arrived from step t + 1;
        for an LSTM ``dc`` and ``flow_c`` likewise.
        """
        return (self._sums if self._summed else self._signals)[name][: self.steps]

    def _run_pass(self, local: Array, loss_row: tuple[int, ...], spans: tuple[Span, ...]) -> None:
        behind = self.steps
        for span in spans:
            self._clear(span.stop, behind)
            self._run_span(local, loss_row, span)
            behind = span.start
        self._clear(0, behind)

    def _clear(self, start: int, stop: int) -> None:
        if start < stop:
            for signal in self._signals.values():
                signal[start:stop] = 0.0

    def _add_pass(self, *, first: bool) -> None:
        for name, signal in self._signals.items():
            if name not in self._sums:
                self._sums[name] = np.empty_like(signal)
            total, part = self._sums[name][: self.steps], signal[: self.steps]
            if first:
                total[...] = part
            else:
                total += part

    def _empty(self, *shape: int) -> Array:
        return np.empty(shape, self.dtype)

    @abstractmethod
    def _allocate(self, steps: int, batch: int) -> None:
        """Make the buffers: ``_states`` (T + 1, B, H) and ``_signals`` (T, B, ...)."""

    @abstractmethod
    def _run_forward(self) -> None:
        """Fill the states from the inputs and the initial state."""

    @abstractmethod
    def _prepare_backward(self) -> None:
        """Compute what the way back needs at all steps at once."""

    @abstractmethod
    def _run_span(self, local: Array, loss_row: tuple[int, ...], span: Span) -> None:
        """Fill the signals at ``[span.start, span.stop)``."""

    @abstractmethod
    def _set_gradients(self, first: int) -> None:
        """Set the parameters' gradients; the signals are zero before step ``first``."""

    def dc_from_h(self) -> Array | None:
        """Return the part of dL/dc_t that came down from h_t, (T, B, H), where there is a c."""
        return None

    @abstractmethod
    def d_inputs(self) -> Array:
        """Return dL/dx of the last backward pass, shape (T, B, D)."""
