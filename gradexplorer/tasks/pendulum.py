"""A pendulum to be swung up and held."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from gradexplorer.tasks.closed_loop import ClosedLoopTask
from gradexplorer.tasks.task import Baseline, Display, Episodes, Numbers, Report, Values
from gradexplorer.tasks.views import PendulumTrial

SECONDS = 0.05  # of a step
MOST_TORQUE = 2.0
HELD_SECONDS, HELD_WITHIN = 2.0, np.deg2rad(10.0)


class Pendulum(ClosedLoopTask):
    """Learn to swing a pendulum up and to hold it there, by gradients through its equations.

    The loss is a quarter of ``(cos th - 1)^2 + sin(th)^2 + 0.1 w^2 + 0.001 u^2`` in the mean over
    the steps, w the angle's rate and u the torque: Gymnasium's cost with 2 (1 - cos th) in place
    of th^2, which has no edge where the pendulum hangs. It is the mean squared error of the four
    measured quantities against 1, 0, 0 and 0. A pendulum that hangs still has the loss 1.

    A trial starts at an angle uniform in [-pi, pi] with a rate uniform in [-1, 1], as in
    Gymnasium; for training, the rate's range may be wider. A held-out trial has 200 steps and is
    a success if the pendulum is within 10 degrees of upright during its last 2 seconds.

    Parameters
    ----------
    length : int
        Steps of a training trial.
    most_speed : float
        Largest rate at which a training trial starts, in rad/s.

    References
    ----------
    Gymnasium, Pendulum-v1; the plant itself is `gradexplorer.engine.plants.Pendulum`.
    """

    plant = "pendulum"
    scales = (1.0, 1.0, float(np.sqrt(0.1)), float(np.sqrt(0.001)))
    trial_steps = 200
    held_out_size = 100
    input_size = 2
    output_size = 4
    loss = "mean_squared_error"
    display = Display("cos th, sin th, rate and torque, scaled")
    baselines = (Baseline("hanging still", 1.0),)

    def __init__(self, length: int = 100, most_speed: float = 1.0) -> None:
        self.length, self.most_speed = length, most_speed
        self.loss_steps = range(length)

    def draw(self, generator: Generator, batch: int) -> Episodes:
        """Draw the starts of a batch of training trials."""
        return _starts(generator, batch, self.length, self.most_speed)

    def draw_held_out(self, generator: Generator) -> Episodes:
        """Draw the starts of the held-out trials."""
        return _starts(generator, self.held_out_size, self.trial_steps, 1.0)

    def report(self, _episodes: Episodes, outputs: Numbers, _probed: Numbers | None) -> Report:
        """Return the trial that starts lowest, the share of successes and the mean return."""
        cosine, sine, rate, torque = np.moveaxis(outputs.astype(np.float64) / self.scales, 2, 0)
        angle = np.arctan2(sine, cosine)
        held_from = self.trial_steps - round(HELD_SECONDS / SECONDS)
        held = (np.abs(angle[held_from:]) <= HELD_WITHIN).all(axis=0)
        cost = angle**2 + 0.1 * rate**2 + 0.001 * torque**2
        lowest = int(np.argmax(np.abs(angle[0])))
        view = PendulumTrial(
            angle=angle[:, lowest].copy(),
            torque=torque[:, lowest].copy(),
            seconds=SECONDS,
            most_torque=MOST_TORQUE,
            held_from=held_from,
            held_within=float(HELD_WITHIN),
            successes=int(np.count_nonzero(held)),
            trials=len(held),
        )
        figures = {
            "held-out successes": float(np.mean(held)),
            "mean return": -float(np.mean(np.sum(cost, axis=0))),
        }
        return Report(view, figures)


def _starts(generator: Generator, batch: int, steps: int, most_speed: float) -> Episodes:
    inputs = np.zeros((steps, batch, 2))
    inputs[0, :, 0] = generator.uniform(-np.pi, np.pi, batch)
    inputs[0, :, 1] = generator.uniform(-most_speed, most_speed, batch)
    upright: Values = np.array([1.0, 0.0, 0.0, 0.0])
    return Episodes(inputs, np.tile(upright, (steps, batch, 1)))


TASK = Pendulum
