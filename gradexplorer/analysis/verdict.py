"""The verdict: what a run's gradients are doing, in a sentence with evidence and remedies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gradexplorer.analysis.carriage import Carriage
from gradexplorer.analysis.evidence import Evidence
from gradexplorer.analysis.rules import RULES
from gradexplorer.analysis.states import TITLES, Confidence, State, Verdict
from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.training.full_window import WindowShape
from gradexplorer.training.snapshot import Divergence, WindowTrace

__all__ = ["TITLES", "Confidence", "State", "Verdict", "verdict"]


def verdict(
    config: ExperimentConfig,
    shape: WindowShape,
    metrics: NDArray[np.void],
    trace: WindowTrace | None,
    divergence: Divergence | None = None,
    *,
    dead_units: float | None = None,
    saturated_units: float | None = None,
    carriages: Sequence[Carriage] = (),
) -> Verdict:
    """Judge a run; the same arguments give the same verdict, whatever was said before.

    The rules of `gradexplorer.analysis.rules` are asked in the order of its `RULES`; the first
    that applies is the verdict. It takes well below a millisecond.

    Parameters
    ----------
    config : ExperimentConfig
        As it is in force now.
    shape : WindowShape
        Of `gradexplorer.training.shape.window_shape`, made once for a run.
    metrics : ndarray of METRICS_DTYPE
        All rows, as ``History.metrics``.
    trace : WindowTrace or None
        The latest.
    divergence : Divergence or None
    dead_units, saturated_units : float, optional
        Shares of all units, where they were measured.
    carriages : sequence of Carriage, optional
        Of the latest traces, ``trace`` among them, so that no single batch decides; see
        `gradexplorer.analysis.carriage.RecentCarriages`.
    """
    evidence = Evidence(
        config, shape, metrics, trace, divergence, dead_units, saturated_units, carriages
    )
    for rule in RULES:
        found = rule(evidence)
        if found is not None:
            return found
    raise AssertionError("the last rule always applies")
