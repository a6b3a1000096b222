"""A run whose updates cost nothing, for a child process: -m tests.benchmarks.stand_in RATE."""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import numpy as np

from gradexplorer.config.experiment import ExperimentConfig, LiveSettings
from gradexplorer.training.checkpoint import Checkpoint
from gradexplorer.training.frames import take_pipes
from gradexplorer.training.inside import Detail
from gradexplorer.training.serving import serve
from gradexplorer.training.snapshot import Snapshot, WindowTrace
from gradexplorer.training.trainer import Trainer

_BURST = 100


class StandIn:
    """Repeats one real update with other losses, at most so many a second."""

    def __init__(self, config: ExperimentConfig) -> None:
        trainer = Trainer(config)
        trainer.want_trace()
        self._first = next(trainer)
        self._checkpoint = trainer.checkpoint()
        self._losses = np.random.default_rng(0).lognormal(size=10_007).tolist()
        self._iteration, self._budget = 0, config.training.iterations
        self._trace_wanted = False
        self._rate = float(sys.argv[1])
        self._started = time.monotonic()

    def __iter__(self) -> StandIn:
        return self

    def __next__(self) -> Snapshot:
        if self.is_over:
            raise StopIteration
        self._iteration += 1
        self._keep_pace()
        loss = self._losses[self._iteration % len(self._losses)]
        metrics = self._first.metrics._replace(
            iteration=self._iteration, loss=loss, grad_norm=2.0 * loss, clip_scale=min(1.0, loss)
        )
        trace = None
        if self._trace_wanted and self._first.trace is not None:
            trace = replace(self._first.trace, iteration=self._iteration)
            self._trace_wanted = False
        return Snapshot(metrics, trace)

    def change(self, live: LiveSettings) -> None:
        """Nothing depends on them."""

    def want_trace(self, _details: Detail) -> None:
        self._trace_wanted = True

    def look_into(self, _details: Detail) -> None:
        """Its trace is what it is."""

    def trace_again(self, _details: Detail) -> WindowTrace | None:
        return None

    @property
    def is_over(self) -> bool:
        return self._iteration >= self._budget

    def checkpoint(self, weights: object) -> Checkpoint:
        return replace(self._checkpoint, iteration=self._iteration)

    def _keep_pace(self) -> None:
        if self._rate and self._iteration % _BURST == 0:
            due = self._started + self._iteration / self._rate
            time.sleep(max(0.0, due - time.monotonic()))


if __name__ == "__main__":
    serve(StandIn, take_pipes())
