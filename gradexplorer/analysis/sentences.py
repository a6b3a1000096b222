"""What was measured, in a sentence each."""

from __future__ import annotations

import numpy as np

from gradexplorer.analysis.clipping import ClippingLens
from gradexplorer.analysis.dynamics import Dynamics
from gradexplorer.analysis.flow import FlowMatrix
from gradexplorer.analysis.lag_profile import LagProfile
from gradexplorer.analysis.request import Analysis
from gradexplorer.analysis.truncation import TruncationLens
from gradexplorer.analysis.units import Units

KEPT = 0.9  # of the norms of a flow matrix


def sentences(analysis: Analysis) -> dict[str, str]:
    """Return a sentence for each kind that was measured, by its name."""
    found: dict[str, str] = {}
    if analysis.lag is not None:
        found["lag"] = of_lag(analysis.lag)
    if analysis.matrix is not None:
        found["matrix"] = of_matrix(analysis.matrix)
    if analysis.truncation is not None:
        found["truncation"] = of_truncation(analysis.truncation)
    if analysis.dynamics is not None:
        found["dynamics"] = of_dynamics(analysis.dynamics)
    if analysis.units is not None:
        found["units"] = of_units(analysis.units)
    return found


def of_lag(profile: LagProfile) -> str:
    """Say how the gradient falls, and what was to be expected."""
    noun = _noun(profile.axis)
    if profile.fit is None:
        return f"The gradient reaches back over too few {noun}s to fit a decay."
    fit = profile.fit
    expected = ", ".join(f"{one.rate:.3g} from the {one.name}" for one in profile.predictions)
    return (
        f"The gradient is multiplied by {fit.rate:.3g} a {noun} on its way back, fitted over lags "
        f"{fit.first} to {fit.last} (R² {fit.r_squared:.2f}); expected: {expected}."
    )


def of_matrix(matrix: FlowMatrix) -> str:
    """Say how much of the last loss is left at the first step, and what truncation would keep."""
    row, noun = matrix.norms[-1], _noun(matrix.axis)
    last = int(matrix.loss_steps[-1])
    length = matrix.smallest_keeping(KEPT)
    text = (
        f"Of the loss at {noun} {last + 1}, a gradient of norm {row[last]:.3g} enters there and "
        f"{row[0]:.3g} arrives at {noun} 1."
    )
    if length is None:
        return f"{text} Not all norms are finite, so that none has a share of them."
    kept = matrix.shares_kept()[length - 1]
    return f"{text} Going {length} {_plural(noun, length)} back keeps {kept:.1%} of all norms."


def of_truncation(lens: TruncationLens) -> str:
    """Say which truncation length suffices, exactly and as estimated."""
    if not np.isfinite(lens.norm):
        return "The gradient is not finite: no truncation of it has a bias."
    noun = _noun(lens.axis)
    back = f"{lens.smallest_k} {noun}s" if lens.smallest_k > 1 else f"One {noun}"
    text = f"{back} back leaves the gradient a bias of {100.0 * lens.chosen_bias:.3g}% or less"
    if lens.aicher is None:
        return f"{text}."
    estimate = lens.aicher.smallest_k
    known = "finds no length that surely does" if estimate is None else f"says {estimate}"
    return f"{text}; Aicher's (2019) estimate {known}. {_costs(lens)}"


def _costs(lens: TruncationLens) -> str:
    costs = [
        f"{1e3 * lens.seconds[length - 1]:.2g} ms and {lens.bytes[length - 1] / 1e6:.2g} MB"
        for length in (lens.smallest_k, len(lens.lengths))
    ]
    return (
        f"An update over so many steps takes {costs[0]}, over all {len(lens.lengths)} {costs[1]}."
    )


def of_dynamics(found: Dynamics) -> str:
    """Say how far a step stretches, and whether the network is chaotic along this window."""
    norms = found.jacobian_norms[np.isfinite(found.jacobian_norms)]
    if not len(norms):
        return f"The states overflow: no {_noun(found.axis)}'s Jacobian is finite."
    stretch = f"A {_noun(found.axis)} stretches by {np.median(norms):.3g} at most"
    if found.lyapunov is None:
        return f"{stretch} (median over {_noun(found.axis)}s and sequences)."
    lyapunov = found.lyapunov
    of = " of controller and plant together" if found.loop is not None else ""
    if np.isnan(lyapunov.exponents[0]):
        return f"{stretch} (median); the states overflow, so there are no Lyapunov exponents."
    horizon = (
        "small differences shrink"
        if np.isinf(lyapunov.horizon)
        else f"small differences double every {lyapunov.horizon:.3g} steps"
    )
    return (
        f"{stretch} (median); the largest Lyapunov exponent{of} is "
        f"{lyapunov.exponents[0]:.3g} a step over {lyapunov.steps:,} steps: {horizon}."
    )


def of_units(units: Units) -> str:
    """Say which share of the units is stuck."""
    gates = [
        f"{gate.name} {gate.mean.mean():.2f}"
        for gate in units.layers[-1].gates  # the top layer's
    ]
    ends = f"at their ends {units.saturated:.1%} of the time"
    if gates:
        return (
            f"Cell states or candidates are {ends}; mean opening of the gates: {', '.join(gates)}."
        )
    return f"Units are {ends}; {units.dead:.1%} of them are dead ReLU units."


def of_clipping(lens: ClippingLens) -> str:
    """Say how often and how much was clipped, and what threshold suits the run."""
    if not len(lens.before):
        return lens.reason
    count, has_some = len(lens.before), np.isfinite(lens.suggestion)
    suggested = f"Suggested threshold {lens.suggestion:g}: " if has_some else ""
    return (
        f"{lens.share:.1%} of {count:,} {_plural('update', count)} "
        f"{'was' if count == 1 else 'were'} clipped; an update kept "
        f"{lens.scale:.3g} of its length on average. {suggested}{lens.reason}"
    )


def _plural(noun: str, count: int) -> str:
    return noun if count == 1 else f"{noun}s"


def _noun(axis: str) -> str:
    return "layer" if axis == "layer" else "step"
