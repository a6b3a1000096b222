"""What every panel is given to draw."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from gradexplorer.analysis.request import Analysis
from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.gui.pinned import PinnedRun
from gradexplorer.gui.scale import MagnitudeScale
from gradexplorer.training.full_window import WindowShape
from gradexplorer.training.history import History
from gradexplorer.training.moments import Moment
from gradexplorer.training.snapshot import Evaluation, WindowTrace, step_letter


@dataclass(frozen=True, eq=False)
class RunView:
    """A run as it stands, or as it stood at one of its moments.

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
    pinned : tuple of PinnedRun
        Other runs to draw beside this one.
    analysis : Analysis or None
        What was measured of it on request.
    measuring : float or None
        How much of a measurement that is being made is done, in [0, 1].
    problem : str
        Why the last measurement could not be made.
    moment : Moment or None
        The one to show; ``None``: the latest. ``history`` goes on to the end either way.
    is_paused : bool
        Whether it waits to go on.
    """

    config: ExperimentConfig
    shape: WindowShape
    history: History = field(default_factory=History)
    scale: MagnitudeScale = field(default_factory=MagnitudeScale)
    is_running: bool = False
    pinned: tuple[PinnedRun, ...] = ()
    analysis: Analysis | None = None
    measuring: float | None = None
    problem: str = ""
    moment: Moment | None = None
    is_paused: bool = False

    @property
    def trace(self) -> WindowTrace | None:
        """The trace to show."""
        return self.history.trace if self.moment is None else self.moment.trace

    @property
    def evaluation(self) -> Evaluation | None:
        """The evaluation to show."""
        return self.history.evaluation if self.moment is None else self.moment.evaluation


def cut_off_label(view: RunView) -> str:
    """Return why no gradient reaches a window's first steps."""
    k2 = view.config.bptt.k2
    return "cut off" if k2 is None else f"cut off: k2 = {k2:,}"


def step_label(view: RunView) -> str:
    """Return the name of the depth axis, which may be another one's for pinned runs."""
    axes = dict.fromkeys([view.shape.axis, *(run.shape.axis for run in view.pinned)])
    return ", pinned: ".join(f"{axis} {step_letter(axis)}" for axis in axes)


def update_note(view: RunView) -> str:
    """Return which update the latest trace is of."""
    trace = view.trace
    if trace is None:
        return "no update yet"
    stack = len(trace.layers)
    layer = f", top layer of {stack}" if stack > 1 else ""
    return f"update {trace.iteration:,}{layer}{latest_note(view)}"


def traces(view: RunView) -> list[WindowTrace]:
    """Return the traces that are drawn: the run's and the pinned ones'."""
    found = [view.trace, *(run.history.trace for run in view.pinned)]
    return [trace for trace in found if trace is not None]


def depth(view: RunView) -> int:
    """Return how many steps the depth axis has: those of the run or of the longest pinned one."""
    own = view.shape.steps if view.trace is None else 0
    return max([own, *(len(trace.dh.mean) for trace in traces(view))])


def view_of(run: PinnedRun, view: RunView) -> RunView:
    """Return a pinned run by itself, as it stood at last, to be drawn instead of the present."""
    return replace(
        view,
        config=run.config,
        shape=run.shape,
        history=run.history,
        analysis=run.analysis,
        is_running=False,
        is_paused=False,
        pinned=(),
        moment=None,
    )


def latest_note(view: RunView) -> str:
    """Return which runs are shown as they stood at last, while a moment of this one is held."""
    if view.moment is None or not view.pinned:
        return ""
    signs = "".join(run.sign for run in view.pinned)
    return f"; {signs} at {'its' if len(signs) == 1 else 'their'} last"


def magnitudes_shown(view: RunView) -> tuple[object, ...]:
    """Return all that views of a trace's magnitudes depend on."""
    scale = view.scale
    begun = view.is_running or len(view.history) > 0
    own = view.trace, view.shape, view.config, scale.low, scale.high, begun
    return own + view.pinned


def magnitudes(trace: WindowTrace) -> NDArray[np.floating]:
    """Return all of a trace's magnitudes that views show in colour."""
    parts = [trace.dh.mean, trace.dh.high, trace.flow_h, trace.dx, trace.dy, trace.flow_y]
    if trace.dc is not None:
        parts.append(trace.dc.mean)
    if trace.flow_s is not None:
        parts.append(trace.flow_s)
    return np.concatenate(parts)
