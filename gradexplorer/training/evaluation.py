"""Measuring a network on data that it is not trained on, in pieces of bounded memory."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from gradexplorer.engine.closed_loop import ClosedLoopNetwork
from gradexplorer.engine.layer import State
from gradexplorer.engine.losses import LossFunction
from gradexplorer.engine.networks import Network
from gradexplorer.engine.parameters import Array
from gradexplorer.tasks.task import Classes, Episodes, EpisodeTask, Numbers, Runner, StreamTask
from gradexplorer.training.feed import in_precision, step_index
from gradexplorer.training.reach import gradient_reach
from gradexplorer.training.snapshot import Evaluation

LEAD_STEPS = 240
PIECE = 256


class Evaluator(Protocol):
    """Whatever measures a network on held-out data."""

    def evaluate(self, iteration: int) -> Evaluation:
        """Measure the network as it is after an iteration."""


class EpisodeEvaluator:
    """The network on sequences drawn once.

    Parameters
    ----------
    task : EpisodeTask
    network : Network
        Its weights are used; its last window is left alone.
    loss : callable
    generator : Generator
    """

    def __init__(
        self,
        task: EpisodeTask,
        network: Network,
        loss: LossFunction,
        generator: Generator,
    ) -> None:
        self.task, self.network, self.loss = task, network.twin(), loss
        episodes, probes = task.draw_held_out(generator), task.probe_inputs()
        dtype = network.parameters.flat.dtype
        self.inputs = episodes.inputs.astype(dtype)
        self.targets = in_precision(episodes.targets, dtype)
        self.episodes = Episodes(self.inputs, self.targets)
        self.probes = None if probes is None else probes.astype(dtype)
        self.prober = network.twin()

    def evaluate(self, iteration: int) -> Evaluation:
        """Measure the network as it is after an iteration."""
        task, shown = self.task, self.task.display.shown
        outputs = run_in_pieces(self.network, self.inputs, task.held_out_loss_steps)
        probed = None
        if self.probes is not None:
            steps = task.loss_steps if task.probe_steps is None else task.probe_steps
            probed = run_in_pieces(self.prober, self.probes, steps)
        report = task.report(self.episodes, outputs, probed)
        return Evaluation(
            iteration=iteration,
            loss=self.loss(outputs, self.targets).value,
            times=None,
            held_out_from=0,
            truth=_flat(shown(self.targets)),
            output=_flat(shown(_answers(outputs, self.targets))),
            output_name=task.display.output,
            time_name="",
            view=report.view,
            figures=report.figures,
        )


class StreamEvaluator:
    """The network on the stream's held-out end, its state led up to it by the steps before.

    Parameters
    ----------
    task : StreamTask
    network : Network
        Its weights are used; its last window is left alone.
    loss : callable
    """

    def __init__(self, task: StreamTask, network: Network, loss: LossFunction) -> None:
        self.task, self.network, self.loss = task, network.twin(), loss
        first = max(0, task.held_out_from - LEAD_STEPS)
        self.first, self.lead = first, task.held_out_from - first
        dtype = network.parameters.flat.dtype
        self.inputs = in_precision(task.series.inputs[first:, None], dtype)
        self.targets = in_precision(task.series.targets[first:, None], dtype)
        self.times = _flat(np.asarray(task.times[first:], np.float64))

    def evaluate(self, iteration: int) -> Evaluation:
        """Measure the network as it is after an iteration."""
        runner = StreamRunner(self.network, self.loss)
        outputs = runner.run(self.inputs)
        report = self.task.report(self.first, outputs[:, 0], runner)
        display = self.task.display
        return Evaluation(
            iteration=iteration,
            loss=self.loss(outputs[self.lead :], self.targets[self.lead :]).value,
            times=self.times,
            held_out_from=self.lead,
            truth=_flat(display.shown(self.targets)),
            output=_flat(display.shown(_answers(outputs, self.targets))),
            output_name=display.output,
            time_name=display.time,
            view=report.view,
            figures=report.figures,
        )


def _answers(outputs: Array, targets: NDArray[Any]) -> NDArray[Any]:
    """Return outputs that can be held against targets: where those are classes, the likeliest."""
    return outputs.argmax(axis=2) if outputs.ndim > targets.ndim else outputs


def _flat(values: NDArray[np.float64]) -> NDArray[np.float64]:
    flat = values.ravel().copy()
    flat.flags.writeable = False
    return flat


def run_in_pieces(network: Network, inputs: Array, loss_steps: Sequence[int]) -> Array:
    """Return the outputs at ``loss_steps``, ascending, shape (S, B, O)."""
    return NetworkRunner(network).run_at(inputs, loss_steps)


class NetworkRunner:
    """Runs a network on and on, in pieces of bounded memory.

    Parameters
    ----------
    network : Network

    Attributes
    ----------
    state : mapping of str to ndarray, shape (B, H), or None
        After the last run, by name.
    """

    state: State | None

    def __init__(self, network: Network) -> None:
        self.network = network
        self.restart()

    def restart(self) -> None:
        """Let the next run begin from the initial state."""
        self.state = None

    def run(self, inputs: Numbers | Classes) -> Numbers:
        """Return the outputs, (T, B, O), for inputs that follow on the last run's."""
        dtype = self.network.parameters.flat.dtype
        return self.run_at(in_precision(inputs, dtype), range(len(inputs)))

    def run_at(self, inputs: Array, steps: Sequence[int]) -> Array:
        """Return the outputs at ``steps``, ascending, shape (S, B, O)."""
        return np.concatenate(list(self._pieces(inputs, steps)))

    def _pieces(self, inputs: Array, steps: Sequence[int]) -> Iterator[Array]:
        for start in range(0, len(inputs), PIECE):
            piece: NDArray[Any] = inputs[start : start + PIECE]
            first, stop = (bisect_left(steps, step) for step in (start, start + PIECE))
            wanted = [step - start for step in steps[first:stop]]
            yield self.network.forward(piece, step_index(wanted), self.state).copy()
            state = self.network.state_after(len(piece))
            self.state = {name: part.copy() for name, part in state.items()}


class StreamRunner(NetworkRunner, Runner):
    """Runs a network on a stream, and measures how far back its losses reach.

    Parameters
    ----------
    network : Network
        A recurrent one.
    loss : callable
    """

    def __init__(self, network: Network, loss: LossFunction) -> None:
        super().__init__(network)
        self._loss = loss

    def reach(self, inputs: Numbers | Classes, targets: NDArray[Any]) -> Numbers:
        """Return ||dL_s/dx_k||, (T, T), for one sequence that follows on the last run's."""
        dtype = self.network.parameters.flat.dtype
        values = in_precision(inputs, dtype), in_precision(targets, dtype)
        assert not isinstance(self.network, ClosedLoopNetwork)  # no stream has one
        return gradient_reach(self.network, self._loss, *values, self.state)
