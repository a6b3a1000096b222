"""What one step of a closed loop does to small changes, and to gradients on their way back.

As `gradexplorer.analysis.steps` for a layer by itself, here of controller and plant together. The
state before step t is what the step before hands on: F(s_{t-1}, y_{t-1}), where the plant goes if
nothing disturbs it, and the controller's h_{t-1} and c_{t-1}. As x_t is added to the first, its
gradient is dL/ds_t.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np

from gradexplorer.analysis.steps import Back, Linearized, Steps, Where, cell_steps
from gradexplorer.engine.activations import ACTIVATIONS
from gradexplorer.engine.closed_loop import ClosedLoopNetwork
from gradexplorer.engine.parameters import Array, Parameters
from gradexplorer.engine.stepped import SteppedCell
from gradexplorer.engine.stepped_cells import SteppedDense


class Answer(NamedTuple):
    """A gradient after one step back through the controller, for N (loss, step) pairs.

    Attributes
    ----------
    d_seen : ndarray, shape (N, B, K)
        dL/d(what the controller saw).
    da : tuple of ndarray, shape (N, B, H_l)
        Of a feedforward controller, dL/da of each layer.
    back : Back or None
        Of a recurrent one.
    """

    d_seen: Array
    da: tuple[Array, ...] = ()
    back: Back | None = None


class _Controller(ABC):
    """The derivatives of a controller's last window.

    Attributes
    ----------
    h : ndarray, shape (T, B, H)
        What the commands are read from.
    state_names : tuple of str
    width : int
        Numbers that it carries on from step to step.
    """

    h: Array
    state_names: tuple[str, ...] = ()
    width = 0

    @abstractmethod
    def push(self, change: Array, t: int, of_seen: Array) -> tuple[Array, Array]:
        """Carry small changes on: return those of h_t, (B, H, M), and of the state after."""

    @abstractmethod
    def back(self, dh: Array, flow_c: Array | None, at: Where) -> Answer:
        """Carry gradients dL/dh_t, (N, B, H), through the steps ``at``."""

    @abstractmethod
    def add_gradient(self, answer: Answer, at: Where, total: Parameters) -> None:
        """Add what one step back gives to the parameters' gradient."""


class _Recurrent(_Controller):
    def __init__(self, steps: Steps) -> None:
        self.steps, self.h = steps, steps.h
        self.width, self.state_names = steps.width, steps.state_names

    def push(self, change: Array, t: int, of_seen: Array) -> tuple[Array, Array]:
        after = self.steps.push(change, t, of_seen)
        return after[:, : self.steps.size], after

    def back(self, dh: Array, flow_c: Array | None, at: Where) -> Answer:
        back = self.steps.back(dh, flow_c, at)
        return Answer(back.da_x @ self.steps.weight_ih, back=back)

    def add_gradient(self, answer: Answer, at: Where, total: Parameters) -> None:
        assert answer.back is not None
        self.steps.add_gradient(answer.back, at, total)


class _Dense(_Controller):
    def __init__(self, layers: SteppedDense, activation: str) -> None:
        self.values = layers.values()
        self.h = self.values[-1]
        names = [f"layers.{index}.weight" for index in range(layers.depth)]
        self.weights = [layers.parameters[name] for name in names]
        self.slopes = [np.empty_like(h) for h in self.values[1:]]
        for h, slope in zip(self.values[1:], self.slopes, strict=True):
            ACTIVATIONS[activation].slope(h, slope)

    def push(self, change: Array, t: int, of_seen: Array) -> tuple[Array, Array]:
        for weight, slope in zip(self.weights, self.slopes, strict=True):
            of_seen = slope[t][..., None] * (weight @ of_seen)
        return of_seen, change

    def back(self, dh: Array, _flow_c: Array | None, at: Where) -> Answer:
        found: list[Array] = []
        for weight, slope in zip(reversed(self.weights), reversed(self.slopes), strict=True):
            found.insert(0, dh * slope[at])
            dh = found[0] @ weight
        return Answer(dh, tuple(found))

    def add_gradient(self, answer: Answer, at: Where, total: Parameters) -> None:
        for index, (da, below) in enumerate(zip(answer.da, self.values, strict=False)):
            rows = da.reshape(-1, da.shape[2])
            total[f"layers.{index}.weight"][...] += rows.T @ below[at].reshape(len(rows), -1)
            total[f"layers.{index}.bias"][...] += rows.sum(axis=0)


class LoopBack(NamedTuple):
    """A gradient after one step back through plant and controller.

    Attributes
    ----------
    dy : ndarray, shape (N, B, C)
        dL/dy_t in total: by way of what is measured at step t, and of the plant's next state.
    dh : ndarray, shape (N, B, H)
        dL/dh_t in total.
    ds : ndarray, shape (N, B, N_s)
        dL/ds_t in total, which is also what arrives at the plant's step before.
    answer : Answer
        Within the controller.
    """

    dy: Array
    dh: Array
    ds: Array
    answer: Answer


class LoopSteps(Linearized):
    """The derivatives of a closed loop's last window.

    The state is s, then h, then c, so far as there are these: a feedforward controller carries
    nothing, and the loop's state is the plant's alone.

    Parameters
    ----------
    network : ClosedLoopNetwork
        Its window must not be overwritten while this is used.
    """

    def __init__(self, network: ClosedLoopNetwork) -> None:
        self.plant = network.jacobians()
        self.weight = network.parameters["readout.weight"]
        self.controller = _controller(network)
        self.count, self.batch, self.plant_width = network.plant_states.shape
        self.width = self.plant_width + self.controller.width
        self.state_names = ("s", *self.controller.state_names)

    def push(self, change: Array, t: int) -> Array:
        """Carry small changes of the state before step t, (B, width, M), to after it."""
        plant, ds = self.plant, change[:, : self.plant_width]
        of_seen = plant.seen_by_state[t] @ ds
        dh, after = self.controller.push(change[:, self.plant_width :], t, of_seen)
        here = plant.next_by_state[t] @ ds + plant.next_by_command[t] @ (self.weight @ dh)
        return np.concatenate([here, after], axis=1)

    def back(
        self,
        local: tuple[Array, Array] | None,
        ds: Array | None,
        flows: tuple[Array | None, Array | None],
        at: Where,
    ) -> LoopBack:
        """Carry gradients one step back.

        Parameters
        ----------
        local : tuple of ndarray, shapes (N, B, N_s) and (N, B, C), or None
            What the losses at the steps themselves give to s_t and y_t; ``None``: nothing.
        ds : ndarray, shape (N, B, N_s), or None
            dL/ds_{t+1}; ``None``: zero.
        flows : tuple of ndarray, shape (N, B, H), or None
            dL/dh_t and dL/dc_t by way of the controller's step t + 1.
        at : slice or ndarray of int
            The N steps t.
        """
        arrived = None
        if ds is not None:
            plant = self.plant
            arrived = _back(plant.next_by_state[at], ds), _back(plant.next_by_command[at], ds)
        parts = [part for part in (local, arrived) if part is not None]
        by_state, dy = parts[0] if len(parts) == 1 else map(np.add, *parts)
        dh = dy @ self.weight
        if flows[0] is not None:
            dh = dh + flows[0]
        answer = self.controller.back(dh, flows[1], at)
        by_state = by_state + _back(self.plant.seen_by_state[at], answer.d_seen)
        return LoopBack(dy, dh, by_state, answer)

    def add_gradient(self, back: LoopBack, at: Where, total: Parameters) -> None:
        """Add to the parameters' gradient what one step back, from the steps ``at``, gives."""
        rows = back.dy.reshape(-1, back.dy.shape[2])
        h = self.controller.h[at].reshape(len(rows), -1)
        total["readout.weight"][...] += rows.T @ h
        total["readout.bias"][...] += rows.sum(axis=0)
        self.controller.add_gradient(back.answer, at, total)

    def add_initial(self, back: LoopBack, total: Parameters) -> None:
        """Add what the first pair, which stands at step 0, gives to a learned initial state."""
        if isinstance(self.controller, _Recurrent) and back.answer.back is not None:
            self.controller.steps.add_initial(back.answer.back, total)


def _controller(network: ClosedLoopNetwork) -> _Controller:
    controller = network.controller
    if isinstance(controller, SteppedDense):
        return _Dense(controller, network.activation)
    assert isinstance(controller, SteppedCell)
    seen = network.plant.see(network.plant_states)
    return _Recurrent(cell_steps(network.cell, controller, seen, network.activation))


def _back(jacobian: Array, gradient: Array) -> Array:
    """Return J^T g for (N, B, I, J) and (N, B, I)."""
    found: Array = np.einsum("nbi,nbij->nbj", gradient, jacobian)
    return found
