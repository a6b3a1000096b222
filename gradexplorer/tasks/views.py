"""What a network does on held-out data, as its task shows it: plain arrays for others to draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class View:
    """What is shown; its arrays are read-only, as a frame's arrive so by themselves."""

    def __post_init__(self) -> None:
        for value in vars(self).values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False


@dataclass(frozen=True, eq=False)
class Confusion(View):
    """Which classes are taken for which, and a few images.

    Attributes
    ----------
    counts : ndarray of int, shape (C, C)
        True class down, predicted class across.
    images : ndarray, shape (K, height, width)
        From 0 to 1; those that are taken wrongly come first.
    truth, predicted : ndarray of int, shape (K,)
        The images' classes.
    """

    counts: NDArray[np.integer]
    images: NDArray[np.floating]
    truth: NDArray[np.integer]
    predicted: NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class DecisionSurface(View):
    """How likely one of two classes is at every place of a plane.

    Attributes
    ----------
    probabilities : ndarray, shape (R, C)
        Of class 1, at the middle of R x C equal cells, from the lowest y and x on.
    extent : tuple of float
        Left, right, bottom and top edge of the cells.
    points : ndarray, shape (N, 2)
        Held-out places, x and y.
    truth : ndarray of int, shape (N,)
        Their classes.
    """

    probabilities: NDArray[Any]
    extent: tuple[float, float, float, float]
    points: NDArray[np.floating]
    truth: NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Sequences(View):
    """What a network makes of some sequences, step by step.

    Attributes
    ----------
    inputs : ndarray, shape (K, T)
        Numbers, or the indices of symbols.
    marked : ndarray of bool, shape (K, T)
        The inputs that matter.
    loss_steps : ndarray of int, shape (S,)
    targets : ndarray, shape (K, S)
        At the steps that bear a loss: numbers, or the indices of classes.
    """

    inputs: NDArray[Any]
    marked: NDArray[np.bool_]
    loss_steps: NDArray[np.integer]
    targets: NDArray[Any]


@dataclass(frozen=True, eq=False)
class NumberSequences(Sequences):
    """Numbers of which numbers are made.

    Attributes
    ----------
    outputs : ndarray, shape (K, S)
    """

    outputs: NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class SymbolSequences(Sequences):
    """Symbols of which a class is told.

    Attributes
    ----------
    probabilities : ndarray, shape (K, S, C)
        That the network gives the classes.
    symbols, classes : tuple of str
        What they are called.
    """

    probabilities: NDArray[np.floating]
    symbols: tuple[str, ...]
    classes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class GeneratedText(View):
    """What a network writes, and how strongly earlier characters reach later losses.

    Attributes
    ----------
    source : str
        Which text it learns from, and how that was read.
    prompt, text : str
        What it was given, and how it went on.
    temperature : float
    excerpt : str
        S + 1 characters, all but the first held out.
    losses : ndarray, shape (S,)
        Of each held-out one, in nats.
    reach : ndarray, shape (S, S)
        ||dL_s/dx_k|| of the loss L_s at character s + 1 by the input x_k, character k.
    """

    source: str
    prompt: str
    text: str
    temperature: float
    excerpt: str
    losses: NDArray[np.floating]
    reach: NDArray[np.floating]


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


@dataclass(frozen=True, eq=False)
class Utterance(View):
    """A recorded word, frame by frame, and which word the network takes it for meanwhile.

    Attributes
    ----------
    decibels : ndarray, shape (T, F)
        How loud each band is, relative to the loudest.
    frequencies : ndarray, shape (F,)
        The bands' middles, in hertz.
    milliseconds : float
        From a frame to the next.
    probabilities : ndarray, shape (T, C), or (1, C)
        Of each word after each frame, or once after all of them.
    truth : int
        Which word it is.
    words : tuple of str
    counts : ndarray of int, shape (C, C)
        Of all that is held out: true word down, predicted word across.
    """

    decibels: NDArray[np.floating]
    frequencies: NDArray[np.floating]
    milliseconds: float
    probabilities: NDArray[np.floating]
    truth: int
    words: tuple[str, ...]
    counts: NDArray[np.integer]


class Score(NamedTuple):
    """What a forecaster's errors are, as root mean squares in the unit that is shown.

    Attributes
    ----------
    name : str
    one_step : float
        Over the whole part held out.
    free_running : float
        Over the horizon, from all starts.
    """

    name: str
    one_step: float
    free_running: float


@dataclass(frozen=True, eq=False)
class Forecast(View):
    """A series' end, and what is forecast of it; all values are in the unit that is shown.

    Attributes
    ----------
    times, truth, one_step : ndarray, shape (N,)
        A truth that was not measured is NaN.
    held_out_from : int
        The first index of those that is held out; earlier ones lead up to it.
    free_running, persistence, seasonal_naive : ndarray, shape (H,)
        From there on, none of them told anything later.
    scores : tuple of Score
        Of the network, persistence and seasonal naive, in this order.
    starts : int
        From so many places of the part held out the horizon's errors were measured.
    time, quantity, unit : str
        What times and values are; the unit may be empty.
    """

    times: NDArray[np.floating]
    truth: NDArray[np.floating]
    one_step: NDArray[np.floating]
    held_out_from: int
    free_running: NDArray[np.floating]
    persistence: NDArray[np.floating]
    seasonal_naive: NDArray[np.floating]
    scores: tuple[Score, ...]
    starts: int
    time: str
    quantity: str
    unit: str
