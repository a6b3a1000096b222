"""The rules of the verdict, in their order."""

from __future__ import annotations

from collections.abc import Callable

from gradexplorer.analysis.evidence import Evidence
from gradexplorer.analysis.gradient_rules import (
    clipped,
    dead,
    diverged,
    exploding,
    saturated,
    truncated,
    unknown,
    vanishing,
)
from gradexplorer.analysis.loss_rules import healthy, learned, rate_too_high, rate_too_low
from gradexplorer.analysis.states import Verdict

Rule = Callable[[Evidence], Verdict | None]

RULES: tuple[Rule, ...] = (
    diverged,
    unknown,
    learned,
    dead,
    saturated,
    exploding,
    clipped,
    truncated,
    vanishing,
    rate_too_high,
    rate_too_low,
    healthy,
)
"""In the order they are asked; the first that applies is the verdict."""
