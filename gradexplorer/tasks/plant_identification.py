"""Identification of nonlinear plants."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from gradexplorer.tasks.task import (
    Baseline,
    Display,
    Numbers,
    Report,
    Runner,
    Stream,
    StreamTask,
    Values,
)
from gradexplorer.tasks.views import PlantResponse

LAGS = 25  # inputs that the linear fit sees
_SEED = 1990

Equation = Callable[[list[float], list[float]], float]
Signal = Callable[[Values], Values]


class Plant(NamedTuple):
    """A plant and the input it is tested with.

    Attributes
    ----------
    following : callable
        Takes y(k), y(k-1), y(k-2) and u(k), u(k-1); returns y(k+1).
    amplitude : float
        Of the uniform random input.
    test : callable
        Takes k = 0, 1, ...; returns u(k).
    test_steps : int
    """

    following: Equation
    amplitude: float
    test: Signal
    test_steps: int


class PlantIdentification(StreamTask):
    """Predict a plant's next output from its input alone; what came before it has to remember.

    The plant runs under a random input, on which is trained, and then under a test signal of
    sines. The network never sees an output, so it is a parallel model, run freely. Input and
    output are standardized with the part trained on.

    The baselines: the last true output again, which the network does not know, and the best
    linear function of the last 25 inputs.

    Parameters
    ----------
    plant : str
        A key of `PLANTS`.
    training_steps : int
        Under the random input.

    References
    ----------
    Narendra & Parthasarathy (1990), Identification and control of dynamical systems using neural
    networks, examples 2 to 4, of models II, III and IV.
    """

    input_size = 1
    output_size = 1
    loss = "mean_squared_error"

    def __init__(self, plant: str = "model_3", training_steps: int = 20_000) -> None:
        chosen = PLANTS[plant]
        random = np.random.default_rng(_SEED).uniform(-1.0, 1.0, training_steps)
        test = chosen.test(np.arange(chosen.test_steps, dtype=np.float64))
        self.plant_inputs = np.concatenate([chosen.amplitude * random, test])
        outputs = respond(chosen.following, self.plant_inputs)
        seen = slice(0, training_steps)
        self.held_out_from = training_steps
        self.times = np.arange(1.0, len(outputs) + 1.0) - training_steps
        self.series = Stream(
            _standardized(self.plant_inputs, self.plant_inputs[seen])[:, None],
            _standardized(outputs, outputs[seen])[:, None],
        )
        scale, offset = float(outputs[seen].std()), float(outputs[seen].mean())
        self.display = Display("plant output y", "step k of the test signal", scale, offset)
        self.baselines = self._baselines()

    def _baselines(self) -> tuple[Baseline, ...]:
        inputs, targets = self.series.inputs[:, 0], self.series.targets[:, 0]
        start = self.held_out_from
        last = np.mean((targets[start:] - targets[start - 1 : -1]) ** 2)
        padded = np.concatenate([np.zeros(LAGS - 1), inputs])
        lags = np.lib.stride_tricks.sliding_window_view(padded, LAGS)
        rows = np.column_stack([lags, np.ones(len(lags))])
        weights = np.linalg.lstsq(rows[:start], targets[:start])[0]
        linear = np.mean((targets[start:] - rows[start:] @ weights) ** 2)
        return (
            Baseline("last true output", float(last)),
            Baseline(f"linear in {LAGS} inputs", float(linear)),
        )

    def report(self, first: int, outputs: Numbers, _runner: Runner) -> Report:
        """Return the test signal with the plant's answer and the network's, and its error."""
        start = self.held_out_from
        found = self.display.shown(outputs[start - first :, 0])
        truth = self.display.shown(self.series.targets[start:, 0])
        view = PlantResponse(
            np.array(self.times[start:], np.float64), self.plant_inputs[start:].copy(), truth, found
        )
        error = np.sqrt(np.mean((found - truth) ** 2))
        return Report(view, {"held-out RMSE": float(error)})


def respond(following: Equation, inputs: Values) -> Values:
    """Return y(1), y(2), ... of a plant at rest under u(0), u(1), ..."""
    outputs, before = np.empty(len(inputs)), 0.0
    y = [0.0, 0.0, 0.0]
    for k, u in enumerate(inputs.tolist()):
        y = [following(y, [u, before]), *y[:2]]
        outputs[k], before = y[0], u
    return outputs


def _standardized(values: Values, seen: Values) -> Values:
    standardized: Values = (values - seen.mean()) / seen.std()
    return standardized


def _sine(k: Values, period: float) -> Values:
    sine: Values = np.sin(2.0 * np.pi * k / period)
    return sine


def _model_2(y: list[float], u: list[float]) -> float:
    return y[0] * y[1] * (y[0] + 2.5) / (1.0 + y[0] ** 2 + y[1] ** 2) + u[0]


def _model_3(y: list[float], u: list[float]) -> float:
    return y[0] / (1.0 + y[0] ** 2) + u[0] ** 3


def _model_4(y: list[float], u: list[float]) -> float:
    return (y[0] * y[1] * y[2] * u[1] * (y[2] - 1.0) + u[0]) / (1.0 + y[1] ** 2 + y[2] ** 2)


def _test_4(k: Values) -> Values:
    slow, fast = _sine(k, 250.0), _sine(k, 25.0)
    return slow + np.where(k <= 500.0, 0.0, 0.2) * (fast - slow)


PLANTS = {
    "model_2": Plant(_model_2, 2.0, lambda k: _sine(k, 25.0), 100),
    "model_3": Plant(_model_3, 2.0, lambda k: _sine(k, 25.0) + _sine(k, 10.0), 100),
    "model_4": Plant(_model_4, 1.0, _test_4, 800),
}

TASK = PlantIdentification
