"""What a task offers to whoever trains on it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Episodes:
    """Sequences that each start afresh.

    Attributes
    ----------
    inputs : ndarray, shape (T, B, D)
    targets : ndarray, shape (S, B, O)
        At the task's loss-bearing steps.
    """

    inputs: Values
    targets: NDArray[Any]


@dataclass(frozen=True)
class Stream:
    """One long sequence that bears a loss at every step.

    Attributes
    ----------
    inputs : ndarray, shape (N, D)
    targets : ndarray, shape (N, O)
    """

    inputs: Values
    targets: NDArray[Any]


@dataclass(frozen=True)
class Display:
    """How a task's numbers are shown to a person.

    Attributes
    ----------
    output : str
        What the network's output is, with its unit.
    time : str
        What a stream's time is; empty for episodes.
    scale, offset : float
        Shown value = offset + scale * output.
    """

    output: str
    time: str = ""
    scale: float = 1.0
    offset: float = 0.0

    def shown(self, values: NDArray[np.floating]) -> Values:
        """Return network values in the unit that is shown."""
        return np.asarray(self.offset + self.scale * values, np.float64)


class Task(ABC):
    """What every task has."""

    input_size: int
    output_size: int
    loss: str
    display: Display


class EpisodeTask(Task):
    """A task of sequences that each start afresh.

    Attributes
    ----------
    length : int
        T.
    loss_steps : sequence of int
        The steps that bear a loss, ascending: every one, the last, or any others.
    """

    length: int
    loss_steps: Sequence[int]

    @abstractmethod
    def draw(self, generator: Generator, batch: int) -> Episodes:
        """Draw a batch; the same generator state gives the same batch."""


class StreamTask(Task):
    """A task on one long sequence whose end is held out.

    Attributes
    ----------
    series : Stream
        All of it.
    held_out_from : int
        The index of the first held-out target.
    times : ndarray, shape (N,)
        The time of each target.
    """

    series: Stream
    held_out_from: int
    times: Values
