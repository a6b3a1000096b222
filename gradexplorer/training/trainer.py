"""One run: an iterator of snapshots that knows neither threads nor windows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from gradexplorer.config.experiment import LiveSettings
from gradexplorer.engine.clipping import clip_by_norm, clip_by_parameter, clip_by_value, global_norm
from gradexplorer.engine.feedforward import FeedforwardNetwork
from gradexplorer.engine.losses import LOSSES, Loss
from gradexplorer.engine.parameters import Array
from gradexplorer.engine.subnormals import FlushSubnormals
from gradexplorer.errors import InputError
from gradexplorer.tasks.task import EpisodeTask
from gradexplorer.training.build import (
    build_generators,
    build_network,
    build_optimizer,
    build_schedule,
    build_task,
)
from gradexplorer.training.checkpoint import Checkpoint, Start, check_fit, config_of
from gradexplorer.training.divergence import (
    locate_in_backward,
    locate_in_forward,
    locate_in_update,
)
from gradexplorer.training.estimate import SMALLER, refuse_what_does_not_fit
from gradexplorer.training.evaluation import EpisodeEvaluator, Evaluator, StreamEvaluator
from gradexplorer.training.feed import EpisodeFeed, Feed, LayerFeed, StreamFeed, Window, step_index
from gradexplorer.training.inside import WHOLE, Detail
from gradexplorer.training.regularize import add_regularizer
from gradexplorer.training.snapshot import (
    Divergence,
    Evaluation,
    Snapshot,
    StepMetrics,
    WindowTrace,
)
from gradexplorer.training.trace import make_trace
from gradexplorer.training.unit_values import update_to_read


class Trainer(Iterator[Snapshot]):
    """Train an experiment's network, one update for each snapshot.

    The same experiment gives the same snapshots, bit for bit, however they are asked for:
    recording a trace changes nothing. It ends after the experiment's iterations, or with
    the first update that is not finite; that update is not applied.

    Parameters
    ----------
    start : ExperimentConfig or Checkpoint
        Begin with an experiment's initial weights, or go on bit for bit as the run would have
        that the checkpoint was taken from.

    Attributes
    ----------
    config : ExperimentConfig
        With the live changes made so far.
    iteration : int
        Updates made so far.
    divergence : Divergence or None
        Set when the run diverged.

    Raises
    ------
    InputError
        The experiment's settings do not fit its data, or the run not into memory, or the weights
        of a checkpoint not to its experiment.

    Examples
    --------
    >>> trainer = Trainer(load_preset("vanishing-gradient"))
    >>> losses = [snapshot.metrics.loss for snapshot in islice(trainer, 5)]
    >>> again = Trainer(trainer.checkpoint())
    """

    def __init__(self, start: Start) -> None:
        self.config = config = config_of(start)
        self.iteration = 0
        self.divergence: Divergence | None = None
        weights, training, held_out = build_generators(config.training.seed)
        task = build_task(config)
        refuse_what_does_not_fit(config, task)
        self._network = build_network(config, task, weights)
        self._loss = LOSSES[task.loss]
        self._optimizer = build_optimizer(config.optimizer)
        self._schedule = build_schedule(config.schedule, config.training.iterations)
        batch, dtype = config.training.batch_size, np.dtype(config.training.precision)
        self._feed: Feed
        self._evaluator: Evaluator
        if isinstance(task, EpisodeTask):
            if isinstance(self._network, FeedforwardNetwork):
                self._feed = LayerFeed(task, self._network.depth, training, batch, dtype)
            else:
                self._feed = EpisodeFeed(task, training, batch, dtype)
            self._evaluator = EpisodeEvaluator(task, self._network, self._loss, held_out)
        else:
            self._feed = StreamFeed(task, self._network, batch, dtype)
            self._evaluator = StreamEvaluator(task, self._network, self._loss)
        self._before = self._network.parameters.flat.copy()
        self._taken = update_to_read(self._network)
        self._trace_wanted, self._details = False, Detail.NONE
        self._last: tuple[Window, Array, Loss] | None = None
        if isinstance(start, Checkpoint):
            self._resume(start)

    @property
    def is_over(self) -> bool:
        """Whether no further update can come."""
        return self.divergence is not None or self.iteration >= self.config.training.iterations

    def checkpoint(self, weights: Mapping[str, Array] | None = None) -> Checkpoint:
        """Return the state as it is now, which later updates leave alone.

        Parameters
        ----------
        weights : mapping of str to ndarray, optional
            What `weights` returned since the last update, where that was asked for already.
        """
        return Checkpoint(
            self.config,
            self.iteration,
            self.weights() if weights is None else weights,
            self._optimizer.state(),
            self._feed.state(self.config.bptt),
            self.divergence,
        )

    def _resume(self, checkpoint: Checkpoint) -> None:
        parameters = self._network.parameters
        check_fit(checkpoint, parameters.shapes)
        for name, values in checkpoint.weights.items():
            parameters[name][...] = values
        self._optimizer.restore(checkpoint.optimizer)
        self._feed.restore(checkpoint.feed)
        self.iteration, self.divergence = checkpoint.iteration, checkpoint.divergence

    def change(self, live: LiveSettings) -> None:
        """Let other live settings act from the next update on."""
        self.config = self.config.with_live(live)

    def want_trace(self, details: Detail = Detail.NONE) -> None:
        """Let the next snapshot carry a trace, whether or not it is due, with these details."""
        self._trace_wanted, self._details = True, details

    def look_into(self, details: Detail) -> None:
        """Let the next snapshot's trace have these details, if one is due."""
        self._details = details

    def trace_again(self, details: Detail) -> WindowTrace | None:
        """Return a trace of the last update, with these details; ``None`` before the first."""
        if self._last is None:
            return None
        with FlushSubnormals(), np.errstate(over="ignore", invalid="ignore"):
            iteration = self.iteration + (self.divergence is not None)
            return self._trace(*self._last, iteration, details)

    def weights(self) -> dict[str, Array]:
        """Return copies of the present weights, always finite, with PyTorch's names and shapes."""
        return self._network.parameters.copies()

    def __next__(self) -> Snapshot:
        if self.is_over:
            raise StopIteration
        try:
            with FlushSubnormals(), np.errstate(over="ignore", invalid="ignore"):
                return self._update()
        except MemoryError as error:
            raise InputError(
                f"The experiment does not fit into memory; lower {SMALLER}."
            ) from error

    def _update(self) -> Snapshot:
        network, iteration = self._network, self.iteration + 1
        self._last = None  # its memory is needed
        window = self._feed.next(self.config.bptt)
        rate = self.config.optimizer.learning_rate * self._schedule(self.iteration)
        outputs = network.forward(window.inputs, step_index(window.loss_steps), window.state)
        loss = self._loss(outputs, window.targets)
        network.backward(loss.d_outputs, window.plan)
        add_regularizer(network, self.config)
        norm = global_norm(network.gradients.flat)
        if not np.isfinite(loss.value):
            self.divergence = locate_in_forward(network, window, outputs, iteration)
        elif not np.isfinite(norm):
            self.divergence = locate_in_backward(network, iteration)
        scale = np.nan if self.divergence else self._clip(norm)
        if self._taken is not None:
            self._taken.keep(network)
        if not self.divergence:
            scale = self._apply(scale, rate, iteration)
        evaluation = self._evaluate_if_due()
        held_out = np.nan if evaluation is None else evaluation.loss
        metrics = self._metrics(iteration, loss.value, norm, scale, rate, held_out, window)
        self._last = window, outputs, loss
        trace = None
        if self._trace_is_due(iteration):
            details = WHOLE if self.is_over else self._details
            trace = self._trace(window, outputs, loss, iteration, details)
        self._details = Detail.NONE
        return Snapshot(metrics, trace, evaluation, self.divergence)

    def _trace(
        self, window: Window, outputs: Array, loss: Loss, iteration: int, details: Detail
    ) -> WindowTrace:
        """Measure the last forward and backward pass, which the update has left as they were."""
        network, weights = self._network, self.weights()
        return make_trace(network, window, outputs, loss, iteration, weights, self._taken, details)

    def _apply(self, scale: float, rate: float, iteration: int) -> float:
        """Update; return the clip scale, or NaN and the old weights if that overflows."""
        parameters, gradient = self._network.parameters.flat, self._network.gradients.flat
        self._before[...] = parameters
        self._optimizer.step(parameters, gradient, rate)
        if not np.isfinite(parameters).all():
            self.divergence = locate_in_update(self._network, iteration)
            parameters[...] = self._before
            return np.nan
        self.iteration = iteration
        return scale

    def _clip(self, norm: float) -> float:
        clipping, gradients = self.config.clipping, self._network.gradients
        if clipping.method == "norm":
            return clip_by_norm(gradients.flat, norm, clipping.threshold)
        if clipping.method == "value":
            return clip_by_value(gradients.flat, norm, clipping.threshold)
        if clipping.method == "parameter":
            return clip_by_parameter(gradients.values(), norm, clipping.threshold)
        return 1.0

    def _evaluate_if_due(self) -> Evaluation | None:
        budget = self.config.training
        due = self.iteration % budget.evaluate_every == 0 or self.iteration == budget.iterations
        return self._evaluator.evaluate(self.iteration) if due and not self.divergence else None

    def _trace_is_due(self, iteration: int) -> bool:
        wanted, self._trace_wanted = self._trace_wanted, False
        budget = self.config.training
        regular = iteration % budget.record_every == 0 or iteration == budget.iterations
        return wanted or regular or self.divergence is not None

    def _metrics(
        self,
        iteration: int,
        loss: float,
        norm: float,
        scale: float,
        rate: float,
        held_out: float,
        window: Window,
    ) -> StepMetrics:
        clipping = self.config.clipping
        return StepMetrics(
            iteration=iteration,
            loss=loss,
            grad_norm=norm,
            clip_scale=scale,
            clip_threshold=np.nan if clipping.method == "off" else clipping.threshold,
            learning_rate=rate,
            k1=window.k1,
            k2=window.k2,
            held_out_loss=held_out,
        )
