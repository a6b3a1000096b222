"""What a verdict can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gradexplorer.analysis.remedies import Remedy
from gradexplorer.config.experiment import ExperimentConfig

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


def with_useful(
    config: ExperimentConfig,
    state: State,
    sentence: str,
    confidence: Confidence,
    *proposed: Remedy,
) -> Verdict:
    """Return a verdict with those remedies that would change something."""
    useful = tuple(one for one in proposed if one.changes_anything(config))
    return Verdict(state, sentence, confidence, useful)
