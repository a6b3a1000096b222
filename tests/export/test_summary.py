"""The figures of a run, kept up to date by each update."""

from __future__ import annotations

import math

from gradexplorer.export.summary import Summary
from gradexplorer.training.snapshot import StepMetrics


def metrics(iteration: int, loss: float, held_out: float, scale: float = 1.0) -> StepMetrics:
    return StepMetrics(iteration, loss, 1.0, scale, 1.0, 0.1, 3, 4, held_out)


def test_best_and_last_are_told_apart() -> None:
    summary = Summary()
    summary.add(metrics(1, 0.5, 0.6))
    summary.add(metrics(2, 0.2, 0.3, scale=0.5))
    summary.add(metrics(3, 0.4, 0.4))
    summary.add(metrics(4, 0.2, math.nan, scale=0.9))
    assert summary == Summary(
        iterations=4,
        final_loss=0.2,
        best_loss=0.2,
        best_loss_iteration=2,
        held_out_loss=0.4,
        best_held_out_loss=0.3,
        clipped=2,
    )


def test_an_update_that_was_not_made_does_not_count() -> None:
    summary = Summary()
    summary.add(metrics(1, 0.5, 0.6))
    summary.add(metrics(2, 0.1, math.nan, scale=math.nan))
    assert summary == Summary(1, 0.5, 0.5, 1, 0.6, 0.6, 0)
