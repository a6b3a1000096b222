"""The rules that look at the loss: each has its threshold, and where it comes from.

Thresholds without a source are this program's own; they lie where a figure of the presets and of
the experiments in ``tests/analysis/test_verdict.py`` parts clearly from its opposite.
"""

from __future__ import annotations

import numpy as np

from gradexplorer.analysis import remedies
from gradexplorer.analysis.evidence import Evidence
from gradexplorer.analysis.states import Confidence, Verdict, with_useful

# Updates that must have been made before losses are judged.
FEWEST_FOR_LOSS = 200

# Learned: a tenth of the loss without learning is left, in training and where held out.
LEARNED = 0.1
# Learning: the loss is a fifth below that.
LEARNING = 0.8

# The loss stays so far above what no learning at all gives; or rises so far above the best.
WORSE, RISEN = 1.2, 2.0
_ERRORS = 3.0  # standard errors by which a mean must differ to count
# An update should be about 1e-3 of the weights (Karpathy, CS231n, "Ratio of weights:updates");
# below it it does not overshoot; two decades below it, and without effect, it is too small.
USUAL_RATIO, SLOW_RATIO = 1e-3, 1e-5
SLOW = 0.9


def learned(evidence: Evidence) -> Verdict | None:
    """Say that little of the loss is left, where held out too."""
    if evidence.updates < FEWEST_FOR_LOSS:
        return None
    reference, name = evidence.reference
    loss = evidence.recent_loss.value
    held_out = evidence.metrics["held_out_loss"][-1000:]
    measured = held_out[np.isfinite(held_out)]
    if not loss <= LEARNED * reference or (len(measured) and measured[-1] > LEARNED * reference):
        return None
    where = f" and {measured[-1]:.2g} on held-out data" if len(measured) else ""
    sentence = (
        f"The loss is {loss:.2g}{where}, {loss / reference:.1%} of the {reference:.2g} of {name}."
    )
    far = loss <= 0.5 * LEARNED * reference
    return Verdict("learned", sentence, "likely" if far else "possible")


def rate_too_high(evidence: Evidence) -> Verdict | None:
    """Say that the loss stays above what no learning gives, or has risen far above its best."""
    if evidence.updates < FEWEST_FOR_LOSS or evidence.update_ratio < USUAL_RATIO:
        return None
    loss, (reference, name) = evidence.recent_loss, evidence.reference
    if not evidence.shape.baselines:
        reference, name = evidence.first_loss, "the first updates"
    surely = loss.value - _ERRORS * loss.error
    best = _best_block(evidence)
    if surely > WORSE * reference and loss.value >= SLOW * evidence.loss_before:
        than, value = f"{reference:.2g} of {name}", reference
    elif surely > RISEN * best:
        than, value = f"{best:.2g} it has been at", best
    else:
        return None
    sentence = (
        f"The loss is {loss.value:.2g}, above the {than}: the steps, {evidence.update_ratio:.1g} "
        "of the weights' length each, seem to overshoot."
    )
    confidence: Confidence = "likely" if surely > 2 * WORSE * value else "possible"
    cures = [remedies.rate(evidence.config, 0.1), remedies.rate(evidence.config, 0.3)]
    if evidence.config.clipping.method == "off":
        cures.append(remedies.clip(1.0))
    return with_useful(evidence.config, "rate_too_high", sentence, confidence, *cures)


def rate_too_low(evidence: Evidence) -> Verdict | None:
    """Say that the steps are tiny and the loss stays where it was."""
    if evidence.updates < FEWEST_FOR_LOSS:
        return None
    loss, first = evidence.recent_loss.value, evidence.first_loss
    if loss < SLOW * first or evidence.update_ratio >= SLOW_RATIO:
        return None
    sentence = (
        f"An update changes the weights by {evidence.update_ratio:.1g} of their length, where "
        f"about 1e-3 is usual, and the loss went from {first:.3g} to {loss:.3g} only."
    )
    cures = (remedies.rate(evidence.config, 10.0), remedies.rate(evidence.config, 100.0))
    return with_useful(evidence.config, "rate_too_low", sentence, "likely", *cures)


def healthy(evidence: Evidence) -> Verdict:
    """Say that the gradient is in range and the loss falls, or that one cannot tell yet."""
    carriage = evidence.carriage
    assert carriage is not None
    if np.isnan(carriage.rate):
        kept = f"The gradient has no {evidence.noun} to go back"
    else:
        kept = f"A {evidence.noun} back, {carriage.rate:.2f} of the gradient is left"
        if carriage.rate > 1.0:
            kept = f"A {evidence.noun} back, the gradient is {carriage.rate:.2f} times as large"
    first, loss = evidence.first_loss, evidence.recent_loss.value
    if evidence.updates < FEWEST_FOR_LOSS:
        sentence = f"{kept}; the loss is judged after {FEWEST_FOR_LOSS} updates."
        return Verdict("unknown", sentence, "certain")
    above = evidence.shape.baselines and loss > evidence.reference[0]
    if above or (not is_learning(evidence) and loss > SLOW * first):
        missing = f"is not below the {evidence.reference[0]:.3g} of {evidence.reference[1]}"
        sentence = (
            f"{kept}, but the loss {missing if above else 'has hardly fallen'}: {first:.3g} at "
            f"first, {loss:.3g} now. Nothing that was measured says why."
        )
        return Verdict("unknown", sentence, "possible")
    sentence = f"{kept}, and the loss went from {first:.3g} to {loss:.3g}."
    return Verdict("healthy", sentence, "likely" if is_learning(evidence) else "possible")


def is_learning(evidence: Evidence) -> bool:
    """Tell whether the loss is clearly below what it is without learning."""
    if evidence.updates < FEWEST_FOR_LOSS:
        return False
    loss = evidence.recent_loss
    return loss.value + _ERRORS * loss.error < LEARNING * evidence.reference[0]


def _best_block(evidence: Evidence) -> float:
    """Return the lowest of the mean losses of some blocks of updates, evenly spread."""
    losses, size = evidence.metrics["loss"], len(evidence.recent)
    starts = np.linspace(0, max(0, len(losses) - size), 8).astype(int)
    return min(float(np.mean(losses[start : start + size])) for start in starts)
