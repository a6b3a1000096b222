"""The window that is measured: a training batch of an experiment, run forward and back once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gradexplorer.analysis.watch import Tell, ignore
from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.engine.feedforward import FeedforwardNetwork
from gradexplorer.engine.layer import State
from gradexplorer.engine.losses import LOSSES, Loss, LossFunction
from gradexplorer.engine.networks import Network
from gradexplorer.engine.parameters import Array
from gradexplorer.engine.subnormals import FlushSubnormals
from gradexplorer.engine.truncation import backward_plan
from gradexplorer.errors import InputError
from gradexplorer.tasks.task import EpisodeTask, StreamTask
from gradexplorer.training.build import build_generators, build_network, build_task
from gradexplorer.training.evaluation import NetworkRunner
from gradexplorer.training.feed import (
    EpisodeFeed,
    LayerFeed,
    StreamFeed,
    Window,
    effective,
    in_precision,
    step_index,
)

MOST_DRAWN = 4096  # batches; a later update's is not reached by drawing all before it
LONGEST_LEAD = 1000  # steps that lead a stream's state up to a window
_LOOK_BACK = 100  # steps of a stream's window at least, where there are so many
_TIMES_K2 = 4
_DTYPE = np.dtype(np.float64)


@dataclass(frozen=True)
class Batch:
    """Which data were measured.

    Attributes
    ----------
    seed : int
        The experiment's.
    update : int
        The update, counted from 1, that the run made or will make on this batch.
    first_step : int
        Where the window begins on a stream; 0 for episodes.
    sequences : int
        B.
    """

    seed: int
    update: int
    first_step: int
    sequences: int

    def __str__(self) -> str:
        place = f" from step {self.first_step + 1:,} of the stream" if self.first_step else ""
        data = "sequence" if self.sequences == 1 else f"{self.sequences:,} sequences"
        return f"the {data} of update {self.update:,} with seed {self.seed}{place}"


@dataclass(frozen=True, eq=False)
class MeasuredWindow:
    """A network that has just run forward and fully back on a batch, in float64.

    Attributes
    ----------
    config : ExperimentConfig
    network : RecurrentNetwork, FeedforwardNetwork or ClosedLoopNetwork
        Its states, gradients and parameters' gradients are those of this window, untruncated; run
        it on nothing else.
    window : Window
    loss : Loss
    batch : Batch
    """

    config: ExperimentConfig
    network: Network
    window: Window
    loss: Loss
    batch: Batch

    @property
    def axis(self) -> str:
        """What the steps are: ``"timestep"`` or ``"layer"``."""
        return "layer" if isinstance(self.network, FeedforwardNetwork) else "timestep"

    @property
    def steps(self) -> int:
        """T, or a feedforward network's layers."""
        return self.window.plan.steps

    @property
    def trains_initial_state(self) -> bool:
        """Whether the gradient of a learned initial state is part of this window's."""
        network = self.network
        learns = not isinstance(network, FeedforwardNetwork) and network.learns_initial_state
        return learns and self.window.state is None

    @property
    def loss_steps(self) -> NDArray[np.intp]:
        """The steps that bear a loss, ascending, shape (S,)."""
        return np.array(self.window.loss_steps, np.intp)


def measured_window(
    config: ExperimentConfig,
    weights: Mapping[str, Array],
    updates: int = 0,
    tell: Tell = ignore,
) -> MeasuredWindow:
    """Run given weights on the batch of a run's next update.

    Episodes: the batch that the run draws for update ``updates`` + 1; past the first
    `MOST_DRAWN` updates, where drawing all batches before it would take long, the one of update
    ``updates`` modulo that, plus 1. `Batch` says which.

    Streams: a window whose losses are those of the run's next chunk, but which looks back at least
    four times as far as the truncation (and 100 steps, as far as the stream goes), so that what
    truncation leaves out can be seen. The state before it is led up to it by at most
    `LONGEST_LEAD` steps with these weights.

    Parameters
    ----------
    config : ExperimentConfig
    weights : mapping of str to ndarray
        With PyTorch's names and shapes, such as ``Trainer.weights()``.
    updates : int
        How many the run has made.
    tell : callable
        Told of progress.

    Raises
    ------
    InputError
        The weights are another network's or not finite, or the experiment is not valid.
    """
    task = build_task(config)
    generators = build_generators(config.training.seed)
    network = _network(config, task, weights)
    if isinstance(task, EpisodeTask):
        window, update = _episodes(config, task, network, generators[1], updates, tell)
    else:
        window, update = _stream(config, task, network, updates)
    window = replace(
        window,
        inputs=in_precision(window.inputs, _DTYPE),
        targets=in_precision(window.targets, _DTYPE),
        plan=backward_plan(window.plan.steps, window.loss_steps),
    )
    batch = Batch(config.training.seed, update, window.first_step, window.inputs.shape[1])
    return run_window(config, network, window, LOSSES[task.loss], batch)


def run_window(
    config: ExperimentConfig, network: Network, window: Window, loss: LossFunction, batch: Batch
) -> MeasuredWindow:
    """Run a network forward and fully back on a window; see `MeasuredWindow`."""
    with FlushSubnormals(), np.errstate(over="ignore", invalid="ignore"):
        outputs = network.forward(window.inputs, step_index(window.loss_steps), window.state)
        found = loss(outputs, window.targets)
        network.backward(found.d_outputs, window.plan)
    return MeasuredWindow(config, network, window, found, batch)


def _network(
    config: ExperimentConfig, task: EpisodeTask | StreamTask, weights: Mapping[str, Array]
) -> Network:
    """Return the experiment's network in float64, with these weights."""
    training = config.training.model_copy(update={"precision": "float64"})
    model = config.model.model_copy(update={"weights_file": ""})
    wide = config.model_copy(update={"training": training, "model": model})
    network = build_network(wide, task, build_generators(0)[0])
    expected = {name: values.shape for name, values in network.parameters.items()}
    if expected != {name: values.shape for name, values in weights.items()}:
        raise InputError(
            "These weights are not of this experiment's network; give those of a run of it, or "
            "the experiment that they were trained in."
        )
    if not all(np.isfinite(values).all() for values in weights.values()):
        raise InputError("Some of these weights are not finite: nothing can be measured of them.")
    for name, values in network.parameters.items():
        values[...] = weights[name]
    return network


def _episodes(
    config: ExperimentConfig,
    task: EpisodeTask,
    network: Network,
    generator: np.random.Generator,
    updates: int,
    tell: Tell,
) -> tuple[Window, int]:
    batch, dtype = config.training.batch_size, np.dtype(config.training.precision)
    if isinstance(network, FeedforwardNetwork):
        feed: EpisodeFeed = LayerFeed(task, network.depth, generator, batch, dtype)
    else:
        feed = EpisodeFeed(task, generator, batch, dtype)
    before = updates % MOST_DRAWN
    for drawn in range(before):
        task.draw(generator, batch)
        if drawn % 64 == 0:
            tell(drawn / before)
    return feed.next(config.bptt), before + 1


def _stream(
    config: ExperimentConfig, task: StreamTask, network: Network, updates: int
) -> tuple[Window, int]:
    dtype = np.dtype(config.training.precision)
    feed = StreamFeed(task, network, config.training.batch_size, dtype)
    k1, k2 = effective(config.bptt, feed.steps)
    chunks = -(-feed.steps // k1)
    reach = min(feed.steps, max(_TIMES_K2 * k2, _LOOK_BACK))
    chunk = max(updates % chunks, -(-reach // k1) - 1)  # the first that so much lies before
    stop = min((chunk + 1) * k1, feed.steps)
    start, first_loss = max(0, stop - reach), chunk * k1
    losses = range(first_loss - start, stop - start)
    window = Window(
        inputs=feed.inputs[start:stop],
        targets=feed.targets[first_loss:stop],
        loss_steps=losses,
        state=_led_up_to(network, feed.inputs[:start]),
        first_step=start,
        plan=backward_plan(stop - start, losses),
        k1=k1,
        k2=k2,
    )
    return window, chunk + 1


def _led_up_to(network: Network, inputs: Array) -> State | None:
    if not len(inputs):
        return None
    lead = in_precision(inputs[-LONGEST_LEAD:], _DTYPE)
    runner = NetworkRunner(network)
    runner.run(lead)
    return runner.state
