"""Things to be controlled, one step at a time, with their Jacobians."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

import numpy as np

from gradexplorer.engine.parameters import Array


class Jacobians(NamedTuple):
    """What a plant does to small changes, at every step and sequence.

    Attributes
    ----------
    next_by_state : ndarray, shape (T, B, N, N)
        d(next state)/d(state).
    next_by_command : ndarray, shape (T, B, N, C)
    seen_by_state : ndarray, shape (T, B, K, N)
        Of what the controller sees.
    measured_by_state : ndarray, shape (T, B, M, N)
    measured_by_command : ndarray, shape (T, B, M, C)
    """

    next_by_state: Array
    next_by_command: Array
    seen_by_state: Array
    measured_by_state: Array
    measured_by_command: Array


class Plant(ABC):
    """A system with a state of N numbers that obeys a command of C numbers.

    Attributes
    ----------
    state_size, command_size, seen_size, measured_size : int
        N, C, K and M.
    """

    state_size: ClassVar[int]
    command_size: ClassVar[int]
    seen_size: ClassVar[int]
    measured_size: ClassVar[int]

    @abstractmethod
    def step(self, state: Array, command: Array) -> Array:
        """Return the next state (..., N) from a state (..., N) and a command (..., C)."""

    @abstractmethod
    def see(self, state: Array) -> Array:
        """Return what the controller sees of a state, (..., K)."""

    @abstractmethod
    def measure(self, state: Array, command: Array) -> Array:
        """Return what the control is judged by, (..., M)."""

    @abstractmethod
    def jacobians(self, states: Array, commands: Array) -> Jacobians:
        """Return the derivatives at states (T, B, N) under commands (T, B, C)."""


class Pendulum(Plant):
    """A rod that turns about one end, with a motor too weak to lift it at once.

    The state is the angle th, 0 upright and in radians, never wrapped, and its rate w. With the
    torque u = 2 tanh(command), in N m, a step of 0.05 s is ::

        w' = clip(w + (3 g / (2 l) sin(th) + 3 / (m l^2) u) dt, -8, 8)
        th' = th + w' dt

    The controller sees cos(th), sin(th) and w; measured are these and u. Where w is clipped,
    nothing of its derivative passes.

    References
    ----------
    Gymnasium, Pendulum-v1: equations, constants and limits are the same (g = 10 m/s^2, m = 1 kg,
    l = 1 m); where it cuts a torque off at its limits, here tanh bends it to them.
    """

    state_size, command_size, seen_size, measured_size = 2, 1, 3, 4

    seconds = 0.05
    most_torque = 2.0
    most_speed = 8.0
    gravity_gain = 3.0 * 10.0 / 2.0  # 3 g / (2 l)
    torque_gain = 3.0  # 3 / (m l^2)

    def step(self, state: Array, command: Array) -> Array:
        """Return the next state, by the semi-implicit Euler method."""
        speed = np.clip(self._unclipped(state, command), -self.most_speed, self.most_speed)
        following = np.empty_like(state)
        following[..., 1] = speed
        following[..., 0] = state[..., 0] + self.seconds * speed
        return following

    def see(self, state: Array) -> Array:
        """Return cos(th), sin(th) and w."""
        seen = np.empty((*state.shape[:-1], 3), state.dtype)
        np.cos(state[..., 0], out=seen[..., 0])
        np.sin(state[..., 0], out=seen[..., 1])
        seen[..., 2] = state[..., 1]
        return seen

    def measure(self, state: Array, command: Array) -> Array:
        """Return cos(th), sin(th), w and u."""
        torque = self.most_torque * np.tanh(command)
        return np.concatenate([self.see(state), torque], axis=-1)

    def jacobians(self, states: Array, commands: Array) -> Jacobians:
        """Return the derivatives at every step."""
        shape, dtype = states.shape[:-1], states.dtype
        cosine, sine = np.cos(states[..., 0]), np.sin(states[..., 0])
        slope = self.most_torque * (1.0 - np.tanh(commands[..., 0]) ** 2)
        passes = np.abs(self._unclipped(states, commands)) <= self.most_speed
        by_state = np.empty((*shape, 2, 2), dtype)
        by_state[..., 1, 0] = passes * (self.seconds * self.gravity_gain) * cosine
        by_state[..., 1, 1] = passes
        by_state[..., 0, :] = self.seconds * by_state[..., 1, :]
        by_state[..., 0, 0] += 1.0
        by_command = np.empty((*shape, 2, 1), dtype)
        by_command[..., 1, 0] = passes * (self.seconds * self.torque_gain) * slope
        by_command[..., 0, 0] = self.seconds * by_command[..., 1, 0]
        measured_by_state = np.zeros((*shape, 4, 2), dtype)
        measured_by_state[..., 0, 0] = -sine
        measured_by_state[..., 1, 0] = cosine
        measured_by_state[..., 2, 1] = 1.0
        measured_by_command = np.zeros((*shape, 4, 1), dtype)
        measured_by_command[..., 3, 0] = slope
        return Jacobians(
            by_state,
            by_command,
            measured_by_state[..., :3, :],
            measured_by_state,
            measured_by_command,
        )

    def _unclipped(self, state: Array, command: Array) -> Array:
        """Return the next rate as it would be without a limit."""
        torque = self.most_torque * np.tanh(command[..., 0])
        pull = self.gravity_gain * np.sin(state[..., 0]) + self.torque_gain * torque
        speed: Array = state[..., 1] + self.seconds * pull
        return speed


PLANTS: dict[str, type[Plant]] = {"pendulum": Pendulum}
