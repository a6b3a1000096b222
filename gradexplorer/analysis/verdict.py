"""The verdict: what a run's gradients are doing, in a sentence with evidence and remedies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gradexplorer.analysis.evidence import Evidence
from gradexplorer.analysis.remedies import Remedy
from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.training.full_window import WindowShape
from gradexplorer.training.snapshot import Divergence, WindowTrace

State = Literal[
    "diverged",
    "unknown",
    "learned",
    "dead",
    "saturated",
    "exploding",
    "clipped",
    "truncated",
    "vanishing",
    "rate_too_high",
    "rate_too_low",
    "healthy",
]

Confidence = Literal["certain", "likely", "possible"]

TITLES: dict[State, str] = {
    "diverged": "Diverged",
    "unknown": "Not enough evidence yet",
    "learned": "Learned",
    "dead": "Dead units",
    "saturated": "Saturated",
    "exploding": "Exploding",
    "clipped": "Clipped almost always",
    "truncated": "Truncated too short",
    "vanishing": "Vanishing",
    "rate_too_high": "Learning rate too high",
    "rate_too_low": "Learning rate too low",
    "healthy": "Healthy",
}


@dataclass(frozen=True)
class Verdict:
    """What is the matter with a run, or that nothing is.

    Attributes
    ----------
    state : str
        A key of `TITLES`.
    sentence : str
        What was seen, with numbers: the evidence.
    confidence : str
        ``"certain"``: it follows from what was measured; ``"likely"``: a measure is far beyond its
        threshold; ``"possible"``: it is beyond it.
    remedies : tuple of Remedy
        What may help, the first one most.
    """

    state: State
    sentence: str
    confidence: Confidence
    remedies: tuple[Remedy, ...] = ()

    @property
    def title(self) -> str:
        """What a person calls the state."""
        return TITLES[self.state]


def verdict(
    config: ExperimentConfig,
    shape: WindowShape,
    metrics: NDArray[np.void],
    trace: WindowTrace | None,
    divergence: Divergence | None = None,
    *,
    dead_units: float | None = None,
    saturated_units: float | None = None,
) -> Verdict:
    """Judge a run; the same arguments give the same verdict, whatever was said before.

    The rules of `gradexplorer.analysis.rules` are asked in the order of `RULES` there; the first
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
    """
    from gradexplorer.analysis.rules import RULES

    evidence = Evidence(config, shape, metrics, trace, divergence, dead_units, saturated_units)
    for rule in RULES:
        found = rule(evidence)
        if found is not None:
            return found
    raise AssertionError("the last rule always applies")
