"""The rules that look at gradients and units: each has its threshold, and where it comes from.

Thresholds without a source are this program's own; they lie where a figure of the presets and of
the experiments in ``tests/analysis/test_verdict.py`` parts clearly from its opposite.
"""

from __future__ import annotations

import numpy as np

from gradexplorer.analysis import remedies
from gradexplorer.analysis.clipping import suggested_threshold
from gradexplorer.analysis.evidence import Evidence
from gradexplorer.analysis.loss_rules import is_learning
from gradexplorer.analysis.remedies import Remedy
from gradexplorer.analysis.states import Confidence, Verdict, with_useful

# Updates that must have been made before gradients are judged.
FEWEST_UPDATES = 20

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


def diverged(evidence: Evidence) -> Verdict | None:
    """Say that something was not finite."""
    if evidence.divergence is None:
        return None
    return with_useful(
        evidence.config,
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
    made = "1 update was" if evidence.updates == 1 else f"{evidence.updates:,} updates were"
    sentence = f"{made} made; a judgement needs {wants}."
    return Verdict("unknown", sentence, "certain")


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
        return with_useful(evidence.config, "dead", sentence, "certain", *cures)
    if (evidence.dead_units or 0.0) >= MANY_UNITS:
        sentence = f"{evidence.dead_units:.0%} of the ReLU units are shut for the whole batch."
        return with_useful(evidence.config, "dead", sentence, "likely", *cures)
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
    return with_useful(
        evidence.config,
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
    return with_useful(evidence.config, "exploding", sentence, confidence, *cures)


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
    return with_useful(evidence.config, "clipped", sentence, "certain", *cures)


def truncated(evidence: Evidence) -> Verdict | None:
    """Say that losses are not carried back to what the task needs."""
    needed = evidence.shape.dependency
    if not evidence.is_recurrent or needed is None or evidence.k2 > needed:
        return None
    sentence = (
        f"A loss is carried back over {evidence.k2 - 1:,} steps at most; the task needs {needed:,}."
    )
    cures = (remedies.FULL_BPTT, remedies.longer_truncation(needed + 1))
    return with_useful(evidence.config, "truncated", sentence, "certain", *cures)


def vanishing(evidence: Evidence) -> Verdict | None:
    """Say that hardly anything is left of the gradient where the task needs it."""
    arriving, carriage = evidence.arriving, evidence.carriage
    if arriving is None or carriage is None or arriving >= VANISHING or is_learning(evidence):
        return None
    needed = evidence.shape.dependency
    noun = evidence.noun
    needs = "there are" if noun == "layer" else "the task needs"
    if carriage.rate > 0.0:
        gone = int(np.ceil(np.log(1e-6) / np.log(carriage.rate)))
        fall = (
            f"A {noun} back, {carriage.rate:.2f} of the gradient is left, after {gone:,} {noun}s "
            f"less than 1e-6 of it; {needs} {needed:,}."
        )
    else:
        fall = f"Nothing of the gradient is left after a {noun}; {needs} {needed:,}."
    confidence: Confidence = "likely" if arriving < 0.01 * VANISHING else "possible"
    return with_useful(
        evidence.config, "vanishing", fall, confidence, *_against_vanishing(evidence)
    )


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
