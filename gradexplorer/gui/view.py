"""What every panel is given to draw."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.gui.scale import MagnitudeScale
from gradexplorer.training.full_window import WindowShape
from gradexplorer.training.history import History
from gradexplorer.training.snapshot import WindowTrace, step_letter


@dataclass(frozen=True, eq=False)
class RunView:
    """A run as it stands.

    Attributes
    ----------
    config : ExperimentConfig
        With the live changes made so far.
    shape : WindowShape
        What a window will look like, for as long as no trace is there.
    history : History
    scale : MagnitudeScale
        Of every view of gradient magnitudes.
    is_running : bool
        Whether more is to come.
    """

    config: ExperimentConfig
    shape: WindowShape
    history: History = field(default_factory=History)
    scale: MagnitudeScale = field(default_factory=MagnitudeScale)
    is_running: bool = False


def cut_off_label(view: RunView) -> str:
    """Return why no gradient reaches a window's first steps."""
    k2 = view.config.bptt.k2
    return "cut off" if k2 is None else f"cut off: k2 = {k2:,}"


def step_label(view: RunView) -> str:
    """Return the name of the depth axis."""
    return f"{view.shape.axis} {step_letter(view.shape.axis)}"


def update_note(view: RunView) -> str:
    """Return which update the latest trace is of."""
    trace = view.history.trace
    if trace is None:
        return ""
    stack = len(trace.layers)
    return f"update {trace.iteration:,}" + (f", top layer of {stack}" if stack > 1 else "")


def magnitudes(trace: WindowTrace) -> NDArray[np.floating]:
    """Return all of a trace's magnitudes that views show in colour."""
    parts = [trace.dh.mean, trace.dh.high, trace.flow_h, trace.dx, trace.dy, trace.flow_y]
    if trace.dc is not None:
        parts.append(trace.dc.mean)
    if trace.flow_s is not None:
        parts.append(trace.flow_s)
    return np.concatenate(parts)
