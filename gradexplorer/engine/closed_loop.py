"""A network that steers a plant: what it does decides what it sees next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike, NDArray

from gradexplorer.engine.layer import State
from gradexplorer.engine.loop_sizes import loop_numbers, loop_shapes
from gradexplorer.engine.parameters import Array, Parameters
from gradexplorer.engine.plants import PLANTS, Jacobians
from gradexplorer.engine.records import GradientNorms, layer_norms, norms_of_own_loss
from gradexplorer.engine.stepped import Flows, SteppedLayer
from gradexplorer.engine.stepped_cells import STEPPED, SteppedDense, SteppedRNN
from gradexplorer.engine.truncation import BackwardPlan, Span


class ClosedLoopNetwork:
    """A controller and a plant, unrolled over time together.

    At each step the plant's state is disturbed by x_t, seen, and answered::

        s_t = F(s_{t-1}, y_{t-1}) + x_t
        h_t = cell(see(s_t), h_{t-1})
        y_t = W h_t + b

    with F the plant's step, and F(s_{-1}, y_{-1}) zero at first: so x_0 is where the plant
    starts. The outputs are what is measured of s_t and y_t, scaled. Gradients flow back through
    plant and controller alike; where truncation cuts, it cuts both.

    Parameters
    ----------
    plant : str
        A key of `gradexplorer.engine.plants.PLANTS`.
    scales : sequence of float, length M
        What each measured quantity is multiplied by.
    cell : str
        A key of `gradexplorer.engine.network.CELLS`, or ``"feedforward"``: no memory.
    widths : sequence of int
        Hidden units; of each layer, for a feedforward controller.
    dtype : dtype
        ``float32`` or ``float64``.
    parameters : Parameters, optional
        Shared with another network, which then computes with the same weights.
    activation : str
        Of a vanilla or feedforward controller.
    learns_initial_state : bool
        Of a recurrent controller.

    Attributes
    ----------
    parameters, gradients : Parameters
        The controller's, with the names and shapes that `RecurrentNetwork` and
        `FeedforwardNetwork` have, its readout's among them.
    controller : SteppedLayer
    layers : tuple
        The controller alone.

    References
    ----------
    Nguyen & Widrow (1990), Neural networks for self-learning control systems: the gradient goes
    back through a plant to its controller, there through a learned model of the plant.
    """

    def __init__(
        self,
        plant: str,
        scales: Sequence[float],
        cell: str,
        widths: Sequence[int],
        dtype: DTypeLike = np.float32,
        parameters: Parameters | None = None,
        *,
        activation: str = "tanh",
        learns_initial_state: bool = False,
    ) -> None:
        self._made_of = plant, tuple(scales), cell, tuple(widths)
        self.cell, self.activation = cell, activation
        self.learns_initial_state = learns_initial_state
        self.plant = PLANTS[plant]()
        self._scales = np.array(scales, dtype)
        shapes = loop_shapes(
            cell, self.plant.seen_size, tuple(widths), learns_initial_state=learns_initial_state
        )
        commands = self.plant.command_size
        shapes |= {"readout.weight": (commands, widths[-1]), "readout.bias": (commands,)}
        self.parameters = parameters or Parameters(shapes, dtype)
        self.gradients = Parameters(shapes, dtype)
        self.controller = self._make_controller(cell, len(widths), activation)
        self.layers = (self.controller,)
        self._arrived = self._states = self._commands = np.empty((0, 0, 0), dtype)
        self._loss_steps: slice | NDArray[np.intp] = slice(0, 0)
        self._signals: dict[str, Array] = {}

    def _make_controller(self, cell: str, depth: int, activation: str) -> SteppedLayer:
        if cell == "feedforward":
            return SteppedDense(self.parameters, self.gradients, depth, activation)
        if cell == "rnn":
            return SteppedRNN(self.parameters, self.gradients, activation)
        return STEPPED[cell](self.parameters, self.gradients)

    @property
    def state_names(self) -> tuple[str, ...]:
        """The names of what is carried from step to step: the plant's state and the cell's."""
        return ("s", *(f"{name}_l0" for name in self.controller.carried_names))

    @property
    def numbers(self) -> int:
        """How many numbers are kept for each step and sequence."""
        plant, _, cell, widths = self._made_of
        return loop_numbers(plant, cell, widths)

    @property
    def plant_states(self) -> Array:
        """s_t of the last window, shape (T, B, N)."""
        return self._states

    def twin(self) -> ClosedLoopNetwork:
        """Return a network with the same weights and buffers of its own."""
        return self._like(self.parameters.flat.dtype, self.parameters)

    def copy(self, dtype: DTypeLike) -> ClosedLoopNetwork:
        """Return a network with a copy of the weights, in a precision of its own."""
        copied = self._like(dtype)
        copied.parameters.flat[...] = self.parameters.flat
        return copied

    def _like(self, dtype: DTypeLike, parameters: Parameters | None = None) -> ClosedLoopNetwork:
        return ClosedLoopNetwork(
            *self._made_of,
            dtype,
            parameters,
            activation=self.activation,
            learns_initial_state=self.learns_initial_state,
        )

    def forward(
        self, inputs: Array, loss_steps: slice | NDArray[np.intp], state: State | None = None
    ) -> Array:
        """Run plant and controller over a window.

        Parameters
        ----------
        inputs : ndarray, shape (T, B, N)
            What is added to the plant's state at each step.
        loss_steps : slice or ndarray of int
            The steps at which outputs are wanted.
        state : mapping of str to ndarray, optional
            Before the first step, by `state_names`; without it the initial one.

        Returns
        -------
        ndarray, shape (S, B, M)
        """
        steps, batch, _ = inputs.shape
        self._make_buffers(steps, batch)
        self._arrived[0] = 0.0 if state is None else state["s"]
        controller, plant = self.controller, self.plant
        weight, bias = self.parameters["readout.weight"].T, self.parameters["readout.bias"]
        controller.begin(steps, batch, state)
        for t in range(steps):
            here = np.add(self._arrived[t], inputs[t], out=self._states[t])
            h = controller.step(t, plant.see(here))
            command = np.matmul(h, weight, out=self._commands[t])
            command += bias
            self._arrived[t + 1] = plant.step(here, command)
        self._loss_steps = loss_steps
        measured = plant.measure(self._states[loss_steps], self._commands[loss_steps])
        measured *= self._scales
        return measured

    def backward(self, d_outputs: Array, plan: BackwardPlan) -> None:
        """Set `gradients` from dL/d(outputs), shape (S, B, M), of the last forward pass."""
        self._jacobians = self.jacobians()
        local = self.local_gradients(d_outputs, self._jacobians)
        self._clear()
        self.controller.begin_backward()
        initial: Flows = {}
        for spans in plan.passes:
            for span in spans:
                flows = self._run_span(span, plan.loss_row, local)
                if span.start == 0:
                    initial = _sum(initial, flows)
        self.controller.finish_backward(initial)
        self._set_readout_gradients()

    def local_gradients(self, d_outputs: Array, jacobians: Jacobians) -> tuple[Array, Array]:
        """Return what dL/d(outputs), (S, B, M), gives to s_t and y_t of its own step.

        Shapes (S, B, N) and (S, B, C); ``jacobians`` are the plant's in the last window.
        """
        measured, at = d_outputs * self._scales, self._loss_steps
        return (
            _back(jacobians.measured_by_state[at], measured),
            _back(jacobians.measured_by_command[at], measured),
        )

    def _run_span(self, span: Span, loss_row: tuple[int, ...], local: tuple[Array, Array]) -> Flows:
        """Carry a span's losses back; return what arrives before its first step."""
        plant, signals, weight = self._jacobians, self._signals, self.parameters["readout.weight"]
        ds: Array | None = None
        flows: Flows = {}
        for t in range(span.stop - 1, span.start - 1, -1):
            row = loss_row[t] if t >= span.loss_from else -1
            dy = np.zeros_like(self._commands[t]) if row < 0 else local[1][row].copy()
            by_state = np.zeros_like(self._states[t]) if row < 0 else local[0][row].copy()
            if ds is not None:
                dy += _back(plant.next_by_command[t], ds)
                own = _back(plant.next_by_state[t], ds)
                signals["flow_s"][t] += own
                by_state += own
            d_seen, flows = self.controller.step_back(t, dy @ weight, flows)
            from_h = _back(plant.seen_by_state[t], d_seen)
            ds = by_state + from_h
            signals["dy"][t] += dy
            signals["ds_from_h"][t] += from_h
            signals["ds"][t] += ds
        return flows

    def _set_readout_gradients(self) -> None:
        rows = self._signals["dy"].reshape(-1, self.plant.command_size)
        h = self.controller.states("h")[1:].reshape(len(rows), -1)
        np.matmul(rows.T, h, out=self.gradients["readout.weight"])
        np.sum(rows, axis=0, out=self.gradients["readout.bias"])

    def jacobians(self) -> Jacobians:
        """Return the plant's derivatives at every step of the last window."""
        return self.plant.jacobians(self._states, self._commands)

    def state_after(self, steps: int) -> dict[str, Array]:
        """Return views of the state after the last window's first ``steps`` steps, by name."""
        controller = self.controller
        carried = {
            f"{name}_l0": controller.states(name)[steps] for name in controller.carried_names
        }
        return {"s": self._arrived[steps], **carried}

    def signal(self, name: str, index: int = -1) -> Array:  # noqa: ARG002
        """Return a gradient of the last backward pass at every step, summed over its passes.

        Parameters
        ----------
        name : str
            Of the controller, (T, B, H): as `RecurrentNetwork.signal` has it. Of the plant,
            (T, B, N): ``ds``, dL/ds_t in total; ``flow_s``, the part of it that arrived from
            s_{t+1} through the plant alone; ``ds_from_h``, through what the controller saw.
            ``dy``, (T, B, C): dL/dy_t, the plant's part included.
        index : int
            Of the layer; there is one.
        """
        return self._signals[name] if name in self._signals else self.controller.signals()[name]

    def gradient_norms(self) -> GradientNorms:
        """Measure the last backward pass; an output's gradient is that of its command."""
        controller, at = self.controller.signals(), self._loss_steps
        return GradientNorms(
            layers=(layer_norms(controller),),
            dy=norms_of_own_loss(self._signals["dy"][at]),
            flow_y=norms_of_own_loss(controller["from_above"][at]),
            dx=norms_of_own_loss(self._signals["ds"]),
            flow_s=norms_of_own_loss(self._signals["flow_s"]),
            ds_from_h=norms_of_own_loss(self._signals["ds_from_h"]),
        )

    def _make_buffers(self, steps: int, batch: int) -> None:
        if self._states.shape[:2] == (steps, batch):
            return
        dtype, states, commands = self._scales.dtype, self.plant.state_size, self.plant.command_size
        self._arrived = np.empty((steps + 1, batch, states), dtype)
        self._states = np.empty((steps, batch, states), dtype)
        self._commands = np.empty((steps, batch, commands), dtype)
        self._signals = {
            name: np.zeros((steps, batch, commands if name == "dy" else states), dtype)
            for name in ("dy", "ds", "flow_s", "ds_from_h")
        }

    def _clear(self) -> None:
        for signal in self._signals.values():
            signal.fill(0.0)


def _back(jacobian: Array, gradient: Array) -> Array:
    """Return J^T g for (..., M, N) and (..., M)."""
    found: Array = np.matmul(gradient[..., None, :], jacobian)[..., 0, :]
    return found


def _sum(one: Flows, other: Flows) -> Flows:
    return {name: one[name] + flow if name in one else flow for name, flow in other.items()}
