"""Windows to train on: fresh episodes, or the next chunk of a stream with its carried state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike, NDArray

from gradexplorer.config.training import BPTTConfig
from gradexplorer.engine.layer import State
from gradexplorer.engine.networks import Network
from gradexplorer.engine.parameters import Array
from gradexplorer.engine.truncation import BackwardPlan, backward_plan
from gradexplorer.errors import InputError
from gradexplorer.tasks.task import EpisodeTask, StreamTask


@dataclass(frozen=True)
class Window:
    """What one update is computed on.

    Attributes
    ----------
    inputs : ndarray, shape (T, B, D), or of int, shape (T, B)
    targets : ndarray, shape (S, B, ...)
    loss_steps : sequence of int
    state : mapping of str to ndarray, shape (B, H), or None
        Before the first step, by name; ``None``: the network's initial state.
    first_step : int
        Where the window begins on a stream.
    plan : BackwardPlan
    k1, k2 : int
        The truncation in force.
    """

    inputs: NDArray[Any]
    targets: NDArray[Any]
    loss_steps: Sequence[int]
    state: State | None
    first_step: int
    plan: BackwardPlan
    k1: int
    k2: int


@dataclass(frozen=True, eq=False)
class FeedState:
    """What decides a feed's next windows.

    Attributes
    ----------
    generator : mapping or None
        The state of the bit generator that draws episodes; ``None`` for a stream.
    first, stop : int
        Of a stream: the earliest step that the next window can begin with, and where its chunk
        begins; both 0 where it begins anew.
    carried : mapping of str to ndarray, shape (stop - first + 1, B, H)
        The states before the steps ``first`` to ``stop``, by name.
    """

    generator: Mapping[str, Any] | None = None
    first: int = 0
    stop: int = 0
    carried: Mapping[str, Array] = field(default_factory=dict)


class Feed(Protocol):
    """An endless source of windows of at most ``steps`` timesteps."""

    steps: int

    def next(self, bptt: BPTTConfig) -> Window:
        """Return the next window under the truncation given."""

    def state(self, bptt: BPTTConfig) -> FeedState:
        """Return a copy of what decides the next windows, under this truncation or a shorter."""

    def restore(self, state: FeedState) -> None:
        """Go on from the state of a feed of the same kind."""


class EpisodeFeed:
    """Batches of sequences that each start from the initial state.

    Parameters
    ----------
    task : EpisodeTask
    generator : Generator
    batch : int
    dtype : dtype
    """

    def __init__(
        self, task: EpisodeTask, generator: Generator, batch: int, dtype: DTypeLike
    ) -> None:
        self.task, self.generator, self.batch = task, generator, batch
        self.dtype = np.dtype(dtype)
        self.steps, self.loss_steps = task.length, task.loss_steps

    def next(self, bptt: BPTTConfig) -> Window:
        """Draw the next batch."""
        episodes = self.task.draw(self.generator, self.batch)
        k1, k2 = effective(bptt, self.steps)
        return Window(
            inputs=episodes.inputs.astype(self.dtype),
            targets=in_precision(episodes.targets, self.dtype),
            loss_steps=self.loss_steps,
            state=None,
            first_step=0,
            plan=backward_plan(self.steps, self.loss_steps, k1, k2),
            k1=k1,
            k2=k2,
        )

    def state(self, _bptt: BPTTConfig) -> FeedState:
        """Return where the generator is."""
        return FeedState(generator=self.generator.bit_generator.state)

    def restore(self, state: FeedState) -> None:
        """Draw what the feed of that state would have drawn."""
        if state.generator is not None:
            self.generator.bit_generator.state = state.generator


class LayerFeed(EpisodeFeed):
    """Batches for a feedforward network, whose steps are its layers.

    Parameters
    ----------
    task : EpisodeTask
        Of one step.
    depth : int
        Hidden layers.
    generator : Generator
    batch : int
    dtype : dtype
    """

    def __init__(
        self, task: EpisodeTask, depth: int, generator: Generator, batch: int, dtype: DTypeLike
    ) -> None:
        super().__init__(task, generator, batch, dtype)
        self.steps, self.loss_steps = depth, range(depth - 1, depth)

    def next(self, _bptt: BPTTConfig) -> Window:
        """Draw the next batch; plain backpropagation truncates nothing."""
        return super().next(BPTTConfig())


class StreamFeed:
    """One chunk of k1 steps after another, each seen in the window of k2 steps that ends with it.

    The training part is cut into ``batch`` equal streams, read in parallel; what does not
    divide is left out at its beginning. At their end reading starts again from the initial state.
    The state before a window is the one that the window before it computed there.

    Parameters
    ----------
    task : StreamTask
    network : Network
        The one whose state is carried; between two calls of `next` it must run no other window.
    batch : int
    dtype : dtype

    Raises
    ------
    InputError
        The training part has fewer than two steps for each stream.
    """

    def __init__(self, task: StreamTask, network: Network, batch: int, dtype: DTypeLike) -> None:
        steps = stream_steps(task, batch)
        first = task.held_out_from - steps * batch
        self.network, self.steps = network, steps
        part = slice(first, task.held_out_from)
        self.inputs, self.targets = (
            in_precision(_parallel(sequence[part], batch), np.dtype(dtype))
            for sequence in (task.series.inputs, task.series.targets)
        )
        self._start = self._stop = 0
        self._carried: Mapping[str, Array] | None = None  # of a feed that this one goes on from

    def next(self, bptt: BPTTConfig) -> Window:
        """Return the window that ends with the next chunk."""
        k1, k2 = effective(bptt, self.steps)
        chunk, start, stop = self._next_range(k1, k2)
        state = self._state_before(start) if start else None
        self._start, self._stop, self._carried = start, stop, None
        loss_steps = range(chunk - start, stop - start)
        return Window(
            inputs=self.inputs[start:stop],
            targets=self.targets[chunk:stop],
            loss_steps=loss_steps,
            state=state,
            first_step=start,
            plan=backward_plan(stop - start, loss_steps),
            k1=k1,
            k2=k2,
        )

    def state(self, bptt: BPTTConfig) -> FeedState:
        """Return the place on the stream and the states that are carried over it.

        They are those before every step that the next windows can begin with; a longer
        truncation would want earlier ones too, which could be many.
        """
        chunk, start, _ = self._next_range(*effective(bptt, self.steps))
        if not chunk:  # anew, from the initial state
            return FeedState()
        every = [self._state_before(step) for step in range(start, chunk + 1)]
        carried = {name: np.stack([state[name] for state in every]) for name in every[0]}
        return FeedState(first=start, stop=chunk, carried=carried)

    def restore(self, state: FeedState) -> None:
        """Go on at that place with these states."""
        self._start, self._stop, self._carried = state.first, state.stop, state.carried

    def _next_range(self, k1: int, k2: int) -> tuple[int, int, int]:
        """Return where the next chunk begins, and where its window begins and ends."""
        begun = self._stop < self.steps
        first, chunk = (self._start, self._stop) if begun else (0, 0)
        stop = min(chunk + k1, self.steps)
        return chunk, max(first, stop - k2), stop

    def _state_before(self, step: int) -> State:
        """Return the state before a step from that of the last window on."""
        if self._carried is None:
            return self.network.state_after(step - self._start)
        return {name: states[step - self._start] for name, states in self._carried.items()}


def stream_steps(task: StreamTask, batch: int) -> int:
    """Return the length of each of ``batch`` parallel streams; raises `InputError` below 2."""
    steps = task.held_out_from // batch
    if steps < 2:
        raise InputError(
            f"training.batch_size is {batch:,}, but the training part has only "
            f"{task.held_out_from:,} steps; set it to at most {task.held_out_from // 2:,}."
        )
    return steps


def effective(bptt: BPTTConfig, steps: int) -> tuple[int, int]:
    """Return k1 and k2 in force on ``steps`` timesteps: k2 at most that, k1 like k2 unless set."""
    k2 = steps if bptt.k2 is None else min(bptt.k2, steps)
    return (k2 if bptt.k1 is None else min(bptt.k1, k2)), k2


def step_index(loss_steps: Sequence[int]) -> slice | NDArray[np.intp]:
    """Return what picks these steps out of an array: a view where they follow one another."""
    if loss_steps and loss_steps[-1] - loss_steps[0] == len(loss_steps) - 1:
        return slice(loss_steps[0], loss_steps[-1] + 1)
    return np.array(loss_steps, np.intp)


def in_precision(values: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return classes as they are and real numbers in the network's precision."""
    return values if np.issubdtype(values.dtype, np.integer) else values.astype(dtype)


def _parallel(sequence: NDArray[Any], batch: int) -> NDArray[Any]:
    """Cut (N, ...) into (N / B, B, ...)."""
    parts = sequence.reshape(batch, -1, *sequence.shape[1:])
    return np.ascontiguousarray(parts.swapaxes(0, 1))
