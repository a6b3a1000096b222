"""The rules a verdict is made of: each has its threshold, and where it comes from.

Thresholds without a source are this program's own; they lie where a figure of the presets and of
the experiments in ``tests/analysis/test_verdict.py`` parts clearly from its opposite.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradexplorer.analysis import remedies
from gradexplorer.analysis.clipping import suggested_threshold
from gradexplorer.analysis.evidence import Evidence
from gradexplorer.analysis.remedies import Remedy
from gradexplorer.analysis.verdict import Confidence, State, Verdict

# Updates that must have been made before gradients, and before losses, are judged.
FEWEST_UPDATES = 20
FEWEST_FOR_LOSS = 200

# Learned: a tenth of the loss without learning is left, in training and where held out.
LEARNED = 0.1
# Learning: the loss is a fifth below that.
LEARNING = 0.8

# Vanishing: less than this is left of a gradient where the task needs it. The part from far back
# is then drowned by what arrives from near (Bengio, Simard & Frasconi 1994, section 4).
VANISHING = 1e-4
# Exploding: it grows tenfold or more on its way back (Pascanu 2013, section 2.2).
EXPLODING = 10.0
# Or a norm is so many times the median: the wall of Pascanu (2013), figure 6.
SPIKE = 100.0

# Clipped so often, the threshold alone sets the length of a step: its direction is all that is
# left of a gradient. Pascanu (2013) recommends 0.5 to 10 times the average norm.
CLIPPED = 0.9

# Root mean square of tanh units, of at most 1: a unit at 0.95 has a tenth of its slope left
# (Glorot & Bengio 2010 show what follows).
SATURATED = 0.95
# Shares of units, where they were counted.
MANY_UNITS = 0.5

# The loss stays so far above what no learning at all gives; or rises so far above the best.
WORSE, RISEN = 1.2, 2.0
_ERRORS = 3.0  # standard errors by which a mean must differ to count
# An update should be about 1e-3 of the weights (Karpathy, CS231n, "Ratio of weights:updates");
# below it it does not overshoot; two decades below it, and without effect, it is too small.
USUAL_RATIO, SLOW_RATIO = 1e-3, 1e-5
SLOW = 0.9

Rule = Callable[[Evidence], Verdict | None]


def _verdict(
    evidence: Evidence,
    state: State,
    sentence: str,
    confidence: Confidence,
    *proposed: Remedy,
) -> Verdict:
    """Keep the remedies that would change something."""
    useful = tuple(one for one in proposed if one.changes_anything(evidence.config))
    return Verdict(state, sentence, confidence, useful)


def diverged(evidence: Evidence) -> Verdict | None:
    """Say that something was not finite."""
    if evidence.divergence is None:
        return None
    return _verdict(
        evidence,
        "diverged",
        str(evidence.divergence),
        "certain",
        remedies.clip(1.0),
        remedies.rate(evidence.config, 0.1),
    )


def unknown(evidence: Evidence) -> Verdict | None:
    """Say that it is too early to say anything."""
    if evidence.updates >= FEWEST_UPDATES and evidence.carriage is not None:
        return None
    missing = FEWEST_UPDATES - evidence.updates
    wants = f"{missing:,} more updates" if missing > 0 else "a recorded update"
    sentence = f"{evidence.updates:,} updates were made; a judgement needs {wants}."
    return Verdict("unknown", sentence, "certain")


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


def dead(evidence: Evidence) -> Verdict | None:
    """Say that ReLU units are shut for all inputs, so that nothing passes back through them."""
    config, carriage = evidence.config, evidence.carriage
    uses_it = config.model.cell in ("rnn", "feedforward") and config.model.activation == "relu"
    if not uses_it or carriage is None:
        return None
    cures = (remedies.TANH, remedies.rate(config, 0.1))
    if carriage.stops_at is not None:
        sentence = (
            f"No gradient at all arrives at {evidence.noun} {carriage.stops_at + 1}: every ReLU "
            f"unit of {evidence.noun} {carriage.stops_at + 2} is shut, for the whole batch."
        )
        return _verdict(evidence, "dead", sentence, "certain", *cures)
    if (evidence.dead_units or 0.0) >= MANY_UNITS:
        sentence = f"{evidence.dead_units:.0%} of the ReLU units are shut for the whole batch."
        return _verdict(evidence, "dead", sentence, "likely", *cures)
    return None


def saturated(evidence: Evidence) -> Verdict | None:
    """Say that tanh units sit at their ends, where they have no slope."""
    trace, model = evidence.trace, evidence.config.model
    if trace is None or model.cell not in ("rnn", "feedforward") or model.activation != "tanh":
        return None
    if evidence.is_recurrent:
        sizes = [float(layer.hidden.mean()) for layer in trace.layers]
    else:
        sizes = trace.layers[0].hidden.tolist()
    worst = int(np.argmax(sizes))
    counted = evidence.saturated_units
    if sizes[worst] < SATURATED and (counted is None or counted < MANY_UNITS):
        return None
    place = f" of layer {worst + 1}" if len(sizes) > 1 else ""
    sentence = (
        f"The units{place} sit at their ends: their root mean square is {sizes[worst]:.3f} of at "
        "most 1. There a tanh has no slope, and gradients end."
    )
    weaker = remedies.ORTHOGONAL if evidence.is_recurrent else remedies.GLOROT
    return _verdict(
        evidence,
        "saturated",
        sentence,
        "likely",
        weaker,
        remedies.clip(1.0),
        remedies.rate(evidence.config, 0.1),
    )


def exploding(evidence: Evidence) -> Verdict | None:
    """Say that the gradient grows on its way back, or in single updates, unclipped."""
    carriage, config = evidence.carriage, evidence.config
    if carriage is None or config.clipping.method != "off":
        return None
    norms = evidence.recent["grad_norm"]
    typical, largest = float(np.median(norms)), float(norms.max())
    grows, spikes = carriage.growth >= EXPLODING, largest >= SPIKE * typical > 0.0
    if not grows and not spikes:
        return None
    if grows:
        sentence = (
            f"The gradient grows {carriage.growth:,.3g}-fold on its way back, by "
            f"{carriage.rate:.2f} a {evidence.noun} on average, and nothing clips it."
        )
        confidence: Confidence = "likely" if carriage.growth >= 10 * EXPLODING else "possible"
    else:
        sentence = (
            f"Single gradients are far larger than others: of the last {len(norms)} norms the "
            f"largest is {largest:.2g}, the median {typical:.2g}, and nothing clips them."
        )
        confidence = "likely"
    cures = [remedies.clip(1.0)]
    if evidence.is_recurrent:
        cures.append(remedies.ORTHOGONAL)
    cures.append(remedies.rate(config, 0.1))
    return _verdict(evidence, "exploding", sentence, confidence, *cures)


def clipped(evidence: Evidence) -> Verdict | None:
    """Say that clipping sets the length of nearly every step."""
    if evidence.config.clipping.method == "off" or evidence.clipped < CLIPPED:
        return None
    rows = evidence.recent
    scale, threshold = float(rows["clip_scale"].mean()), evidence.config.clipping.threshold
    sentence = (
        f"{evidence.clipped:.0%} of the last {len(rows)} updates were clipped, to {scale:.2g} of "
        f"their norm on average: the threshold, {threshold:g}, and not the gradient, sets how long "
        "a step is."
    )
    carriage, cures = evidence.carriage, []
    if carriage is not None and carriage.growth >= EXPLODING:
        sentence += f" On its way back the gradient grows {carriage.growth:,.2g}-fold."
        cures += [remedies.ORTHOGONAL] if evidence.is_recurrent else [remedies.GLOROT]
    if evidence.config.clipping.method == "norm":
        cures.append(remedies.clip(suggested_threshold(rows["grad_norm"])))
    cures.append(remedies.rate(evidence.config, 0.1))
    return _verdict(evidence, "clipped", sentence, "certain", *cures)


def truncated(evidence: Evidence) -> Verdict | None:
    """Say that losses are not carried back to what the task needs."""
    needed = evidence.shape.dependency
    if not evidence.is_recurrent or needed is None or evidence.k2 > needed:
        return None
    sentence = (
        f"A loss is carried back over {evidence.k2 - 1:,} steps at most; the task needs {needed:,}."
    )
    cures = (remedies.FULL_BPTT, remedies.longer_truncation(needed + 1))
    return _verdict(evidence, "truncated", sentence, "certain", *cures)


def vanishing(evidence: Evidence) -> Verdict | None:
    """Say that hardly anything is left of the gradient where the task needs it."""
    arriving, carriage = evidence.arriving, evidence.carriage
    if arriving is None or carriage is None or arriving >= VANISHING or _is_learning(evidence):
        return None
    needed = evidence.shape.dependency
    noun = evidence.noun
    needs = "there are" if noun == "layer" else "the task needs"
    if carriage.rate > 0.0:
        gone = int(np.ceil(np.log(1e-6) / np.log(carriage.rate)))
        fall = (
            f"The gradient falls by {carriage.rate:.2f} a {noun} and is below 1e-6 of its start "
            f"after {gone:,} {noun}s; {needs} {needed:,}."
        )
    else:
        fall = f"Nothing of the gradient is left after a {noun}; {needs} {needed:,}."
    confidence: Confidence = "likely" if arriving < 0.01 * VANISHING else "possible"
    return _verdict(evidence, "vanishing", fall, confidence, *_against_vanishing(evidence))


def _against_vanishing(evidence: Evidence) -> list[Remedy]:
    config = evidence.config
    if not evidence.is_recurrent:
        cures = [remedies.GLOROT]
        return cures if config.model.widths else [*cures, remedies.fewer_layers(config)]
    if config.model.cell == "lstm":
        return [remedies.open_forget_gates(config)]
    if config.model.cell == "gru":
        return [remedies.lstm(config), remedies.ORTHOGONAL]
    return [remedies.lstm(config), remedies.ORTHOGONAL, remedies.IDENTITY, remedies.REGULARIZER]


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
    return _verdict(evidence, "rate_too_high", sentence, confidence, *cures)


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
    return _verdict(evidence, "rate_too_low", sentence, "likely", *cures)


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
    if above or (not _is_learning(evidence) and loss > SLOW * first):
        missing = f"is not below the {evidence.reference[0]:.3g} of {evidence.reference[1]}"
        sentence = (
            f"{kept}, but the loss {missing if above else 'has hardly fallen'}: {first:.3g} at "
            f"first, {loss:.3g} now. Nothing that was measured says why."
        )
        return Verdict("unknown", sentence, "possible")
    sentence = f"{kept}, and the loss went from {first:.3g} to {loss:.3g}."
    return Verdict("healthy", sentence, "likely" if _is_learning(evidence) else "possible")


def _is_learning(evidence: Evidence) -> bool:
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
