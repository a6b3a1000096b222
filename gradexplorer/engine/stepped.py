"""Layers that are run one step at a time, for loops that close outside of them.

`gradexplorer.engine.layer` runs a whole window at once, whose inputs must then be known. Where
a step's input depends on the output of the step before, a layer has to stop after each. These
have the same parameters, by name and shape, and compute the same.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import numpy as np

from gradexplorer.engine.activations import Activation
from gradexplorer.engine.layer import State
from gradexplorer.engine.parameters import Array, Parameters

Flows = Mapping[str, Array]


class SteppedLayer(ABC):
    """A layer, its last forward pass step by step, and its last backward pass.

    Attributes
    ----------
    state_names : tuple of str
        Of what `states` returns.
    carried_names : tuple of str
        Those of them that one step hands on to the next.
    hidden_size : int
        H.
    """

    index = 0
    state_names: ClassVar[tuple[str, ...]] = ("h",)
    carried_names: ClassVar[tuple[str, ...]] = ("h",)

    def __init__(self, parameters: Parameters, gradients: Parameters, size: int) -> None:
        self.parameters, self.gradients, self.hidden_size = parameters, gradients, size
        self.dtype = parameters.flat.dtype
        self.steps = self.batch = 0
        self._signals: dict[str, Array] = {}

    @classmethod
    @abstractmethod
    def numbers(cls, inputs: int, widths: tuple[int, ...]) -> int:
        """Return how many numbers are kept for each step and sequence, from the sizes alone."""

    def begin(self, steps: int, batch: int, state: State | None) -> None:
        """Make ready for a window of T steps; ``state`` is by name, each (B, H)."""
        if (steps, batch) != (self.steps, self.batch):
            self.steps, self.batch = steps, batch
            self._allocate()
        self._begin(state)

    @abstractmethod
    def step(self, t: int, inputs: Array) -> Array:
        """Run step t on inputs (B, D); return h_t, (B, H)."""

    def begin_backward(self) -> None:
        """Forget the last backward pass."""
        for signal in self._signals.values():
            signal.fill(0.0)

    @abstractmethod
    def step_back(self, t: int, above: Array, flows: Flows) -> tuple[Array, Flows]:
        """Go back through step t, and add what flows there to what is recorded.

        Parameters
        ----------
        t : int
        above : ndarray, shape (B, H)
            The part of dL/dh_t that comes from where h_t is read.
        flows : mapping of str to ndarray, shape (B, H)
            The part that arrives from step t + 1, by state; empty: nothing does.

        Returns
        -------
        d_inputs : ndarray, shape (B, D)
        flows : mapping of str to ndarray, shape (B, H)
            What goes on to step t - 1.
        """

    @abstractmethod
    def finish_backward(self, flows: Flows) -> None:
        """Set the parameters' gradients; ``flows`` is what arrived before the first step."""

    @abstractmethod
    def states(self, name: str) -> Array:
        """Return the states of the last window, shape (T + 1, B, H), the initial one first."""

    def signals(self) -> dict[str, Array]:
        """Return the gradients of the last backward pass by name, each (T, B, H).

        As `gradexplorer.engine.network.RecurrentNetwork.signal` names them.
        """
        flow, above = self._signals["flow_h"], self._signals["from_above"]
        return {"dh": flow + above, "flow_h": flow, "from_above": above}

    @abstractmethod
    def squashed(self) -> tuple[Array, Activation]:
        """Return what of each unit is bounded, (T, B, H), and by what.

        As `gradexplorer.engine.layer.RecurrentLayer.squashed` has it.
        """

    def gate_values(self) -> dict[str, Array]:
        """Return what the gates let through in the last window, each (T, B, H), by name."""
        return {}

    def gate_gradients(self, dh: Array, dc: Array | None) -> dict[str, Array]:  # noqa: ARG002
        """Return dL/d(gate) for each of `gate_values`, (T, B, H), from the gradients of h and c."""
        return {}

    def pre_activation_gradients(self) -> dict[str, Array]:
        """Return dL/da for each of `gate_values`, (T, B, H): what passes on through its slope."""
        return {}

    def _empty(self, *shape: int) -> Array:
        return np.empty(shape, self.dtype)

    def _zeros(self, *shape: int) -> Array:
        return np.zeros(shape, self.dtype)

    @abstractmethod
    def _allocate(self) -> None:
        """Make the buffers for `steps` and `batch`."""

    @abstractmethod
    def _begin(self, state: State | None) -> None:
        """Set the initial state."""


class Slopes(NamedTuple):
    """How a step's gradient goes on.

    Attributes
    ----------
    by_inputs, by_hidden : ndarray, shape (B, G*H)
        dL/da of the pre-activation's part that comes from the inputs, and from h_{t-1}.
    direct : mapping of str to ndarray, shape (B, H)
        What goes to step t - 1 past the weights, by state.
    """

    by_inputs: Array
    by_hidden: Array
    direct: Flows


class SteppedCell(SteppedLayer):
    """A recurrent cell; see `gradexplorer.engine.layer.RecurrentLayer` for its parameters.

    Attributes
    ----------
    gates : int
        G.
    kept : int
        Vectors of H numbers that are kept of each step besides its states.
    """

    gates: ClassVar[int]
    kept: ClassVar[int] = 0

    def __init__(self, parameters: Parameters, gradients: Parameters) -> None:
        super().__init__(parameters, gradients, parameters["weight_hh_l0"].shape[1])
        self._learns = "initial_h_l0" in parameters

    @classmethod
    def numbers(cls, inputs: int, widths: tuple[int, ...]) -> int:
        """Return how many numbers are kept for each step and sequence, from the sizes alone."""
        states = 2 * len(cls.carried_names)  # each with its gradient
        return inputs + widths[0] * (states + 1 + 2 * cls.gates + cls.kept)

    def step(self, t: int, inputs: Array) -> Array:
        """Run step t on inputs (B, D); return h_t, (B, H)."""
        parameters = self.parameters
        self._inputs[t] = inputs
        of_inputs = inputs @ parameters["weight_ih_l0"].T
        of_inputs += parameters["bias_ih_l0"]
        of_hidden = self._states["h"][t] @ parameters["weight_hh_l0"].T
        of_hidden += parameters["bias_hh_l0"]
        self._step(t, of_inputs, of_hidden)
        h: Array = self._states["h"][t + 1]
        return h

    def step_back(self, t: int, above: Array, flows: Flows) -> tuple[Array, Flows]:
        """Go back through step t; see `SteppedLayer.step_back`."""
        dh = above
        self._signals["from_above"][t] += above
        if flows:
            dh = above + flows["h"]
            for name, flow in flows.items():
                self._signals[f"flow_{name}"][t] += flow
        slopes = self._step_back(t, dh, flows)
        self._d_inputs[t] += slopes.by_inputs
        self._d_hidden[t] += slopes.by_hidden
        going = dict(slopes.direct)
        through = slopes.by_hidden @ self.parameters["weight_hh_l0"]
        going["h"] = through + going["h"] if "h" in going else through
        return slopes.by_inputs @ self.parameters["weight_ih_l0"], going

    def begin_backward(self) -> None:
        """Forget the last backward pass."""
        super().begin_backward()
        self._d_inputs.fill(0.0)
        self._d_hidden.fill(0.0)

    def finish_backward(self, flows: Flows) -> None:
        """Set the parameters' gradients; ``flows`` is what arrived before the first step."""
        rows, gradients = self.steps * self.batch, self.gradients
        for name, d_part, values in (
            ("ih", self._d_inputs, self._inputs),
            ("hh", self._d_hidden, self._states["h"][:-1]),
        ):
            part = d_part.reshape(rows, -1)
            np.matmul(part.T, values.reshape(rows, -1), out=gradients[f"weight_{name}_l0"])
            np.sum(part, axis=0, out=gradients[f"bias_{name}_l0"])
        if self._learns:
            for name in self.carried_names:
                flow = flows.get(name, np.zeros((1, self.hidden_size), self.dtype))
                np.sum(flow, axis=0, out=gradients[f"initial_{name}_l0"])

    def states(self, name: str) -> Array:
        """Return the states of the last window, shape (T + 1, B, H), the initial one first."""
        return self._states[name]

    def _by_gate(self, names: str) -> dict[str, Array]:
        """Return dL/da of the inputs' part for each gate, (T, B, H)."""
        blocks = self._d_inputs.reshape(self.steps, self.batch, self.gates, self.hidden_size)
        return {name: blocks[:, :, index] for index, name in enumerate(names)}

    def _allocate(self) -> None:
        steps, batch, size = self.steps, self.batch, self.hidden_size
        inputs = self.parameters["weight_ih_l0"].shape[1]
        self._inputs = self._empty(steps, batch, inputs)
        self._states = {name: self._empty(steps + 1, batch, size) for name in self.carried_names}
        self._d_inputs = self._empty(steps, batch, self.gates * size)
        self._d_hidden = self._empty(steps, batch, self.gates * size)
        names = ["from_above", *(f"flow_{name}" for name in self.carried_names)]
        self._signals = {name: self._zeros(steps, batch, size) for name in names}

    def _begin(self, state: State | None) -> None:
        for name, states in self._states.items():
            if state is not None:
                states[0] = state[f"{name}_l0"]
            elif self._learns:
                states[0] = self.parameters[f"initial_{name}_l0"]
            else:
                states[0] = 0.0

    @abstractmethod
    def _step(self, t: int, of_inputs: Array, of_hidden: Array) -> None:
        """Set the states after step t from both parts of the pre-activation, (B, G*H)."""

    @abstractmethod
    def _step_back(self, t: int, dh: Array, flows: Flows) -> Slopes:
        """Return how dL/dh_t, and what arrives at other states, goes on."""
