"""Views of tasks with a plant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradexplorer.tasks.views.view import View


@dataclass(frozen=True, eq=False)
class PlantResponse(View):
    """What a plant and its model answer to a test signal.

    Attributes
    ----------
    times, inputs : ndarray, shape (N,)
        The signal.
    truth, output : ndarray, shape (N,)
        What the plant puts out, and what the network says it does.
    """

    times: NDArray[np.floating]
    inputs: NDArray[np.floating]
    truth: NDArray[np.floating]
    output: NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class PendulumTrial(View):
    """A pendulum under its controller, and how many such trials were successes.

    Attributes
    ----------
    angle, torque : ndarray, shape (T,)
        At each step; the angle from upright, in [-pi, pi].
    seconds, most_torque : float
        Of a step; and the largest there may be, in N m.
    held_from : int
        The step from which on the pendulum has to be upright.
    held_within : float
        How far from upright it may be there, in radians.
    successes, trials : int
    """

    angle: NDArray[np.floating]
    torque: NDArray[np.floating]
    seconds: float
    most_torque: float
    held_from: int
    held_within: float
    successes: int
    trials: int
