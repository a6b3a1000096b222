"""What a task offers to whoever trains on it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from gradexplorer.tasks.views import View

Values = NDArray[np.float64]
Numbers = NDArray[np.floating]
Classes = NDArray[np.integer]

HELD_OUT = 128


@dataclass(frozen=True)
class Episodes:
    """Sequences that each start afresh.

    Attributes
    ----------
    inputs : ndarray, shape (T, B, D)
    targets : ndarray, shape (S, B, O)
        At the task's loss-bearing steps.
    """

    inputs: Numbers
    targets: NDArray[Any]


@dataclass(frozen=True)
class Stream:
    """One long sequence that bears a loss at every step.

    Attributes
    ----------
    inputs : ndarray, shape (N, D), or of int, shape (N,)
        Integers are classes, read one-hot.
    targets : ndarray, shape (N, O), or of int, shape (N,)
    """

    inputs: Values | Classes
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


@dataclass(frozen=True)
class Baseline:
    """What is reached without learning what there is to learn.

    Attributes
    ----------
    name : str
        What reaches it, for a person.
    loss : float
        The mean loss, as the network's is measured.
    """

    name: str
    loss: float


@dataclass(frozen=True)
class Report:
    """What a network does on held-out data.

    Attributes
    ----------
    view : View or None
        What is shown of it, where there is more to see than truth and output.
    figures : dict of str to float
        What it reaches beside the loss, by name.
    """

    view: View | None = None
    figures: dict[str, float] = field(default_factory=dict)


class Runner(Protocol):
    """The network as it is, to be run on inputs that a task makes up as it goes."""

    def restart(self) -> None:
        """Let the next run begin from the initial state."""

    def run(self, inputs: Numbers | Classes) -> Numbers:
        """Return the outputs, (T, B, O), for inputs that follow on the last run's.

        They are (T, B, D), or classes (T, B).
        """

    def reach(self, inputs: Numbers | Classes, targets: NDArray[Any]) -> Numbers:
        """Return ||dL_s/dx_k||, (T, T), for one sequence that follows on the last run's.

        It may be followed by another run in the sequence's stead.

        Parameters
        ----------
        inputs : ndarray, shape (T, D), or of int, shape (T,)
        targets : ndarray, shape (T, O), or of int, shape (T,)
        """


class Task(ABC):
    """What every task has.

    Attributes
    ----------
    input_size, output_size : int
        D and O.
    loss : str
        A key of `gradexplorer.engine.losses.LOSSES`.
    display : Display
    baselines : tuple of Baseline
        What a loss is to be held against.
    dependency : int or None
        Steps back from an answer to what it needs, where every step bears a loss and so the
        steps themselves do not tell.
    notes : tuple of str
        What was understood of the user's own data, a sentence each.
    pinned : dict of str to str
        Settings that say which data these are, as they would be written down.
    """

    input_size: int
    output_size: int
    loss: str
    display: Display
    baselines: tuple[Baseline, ...] = ()
    dependency: int | None = None
    notes: tuple[str, ...] = ()
    pinned: Mapping[str, str] = MappingProxyType({})


class EpisodeTask(Task):
    """A task of sequences that each start afresh.

    Attributes
    ----------
    length : int
        T.
    loss_steps : sequence of int
        The steps that bear a loss, ascending: every one, the last, or any others.
    held_out_size : int
        Sequences that `draw_held_out` returns.
    probe_steps : sequence of int or None
        The steps, ascending, whose outputs `report` wants for what `probe_inputs` returned;
        ``None``: those that bear a loss.
    """

    length: int
    loss_steps: Sequence[int]
    held_out_size: int = HELD_OUT
    probe_steps: Sequence[int] | None = None

    @abstractmethod
    def draw(self, generator: Generator, batch: int) -> Episodes:
        """Draw a batch; the same generator state gives the same batch."""

    def draw_held_out(self, generator: Generator) -> Episodes:
        """Return sequences that are not trained on; what is drawn afresh never was."""
        return self.draw(generator, self.held_out_size)

    @property
    def held_out_loss_steps(self) -> Sequence[int]:
        """The steps of a held-out sequence that bear a loss."""
        return self.loss_steps

    def probe_inputs(self) -> Numbers | None:
        """Return further inputs, (T, P, D), whose outputs `report` wants; the same each time."""
        return None

    def report(self, _episodes: Episodes, _outputs: Numbers, _probed: Numbers | None) -> Report:
        """Return what the network does beside its loss.

        Parameters
        ----------
        episodes : Episodes
            Held out, as `draw_held_out` returned them.
        outputs : ndarray, shape (S, B, O)
            The network's, for them.
        probed : ndarray, shape (S, P, O), or None
            And for what `probe_inputs` returned, at `probe_steps`.
        """
        return Report()


class StreamTask(Task):
    """A task on one long sequence whose end is held out.

    Attributes
    ----------
    series : Stream
        All of it.
    held_out_from : int
        The index of the first held-out target.
    times : ndarray, shape (N,), or range
        The time of each target.
    reach_steps : int
        The most steps that `report` asks the runner's `reach` for.
    """

    series: Stream
    held_out_from: int
    times: Values | range
    reach_steps: int = 0

    def report(self, _first: int, _outputs: Numbers, _runner: Runner) -> Report:
        """Return what the network does beside its loss.

        Parameters
        ----------
        first : int
            The index of the first output's target; earlier than `held_out_from`, which it leads
            up to.
        outputs : ndarray, shape (N, O)
            The network's, from there to the end.
        runner : Runner
            The network, to be run on; at the end of the series, as it came there.
        """
        return Report()
