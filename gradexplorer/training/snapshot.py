"""What a run tells about itself: plain immutable values, and nothing else crosses the seam."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, get_type_hints

import numpy as np
from numpy.typing import NDArray

from gradexplorer.engine.truncation import Cut
from gradexplorer.tasks.views import View
from gradexplorer.training.inside import Detail, Ends, GateTrace

Values = NDArray[np.floating]


class StepMetrics(NamedTuple):
    """The scalars of one update.

    Attributes
    ----------
    iteration : int
        Counted from 1.
    loss : float
        Of the batch, before the update, without the regularizer.
    grad_norm : float
        Global L2 norm of the gradient before clipping, the regularizer's part included.
    clip_scale : float
        Global norm after clipping over that before; 1 where it did nothing, NaN where
        the update was not made because the run diverged.
    clip_threshold : float
        NaN without clipping.
    learning_rate : float
        Of this update: the setting times the schedule's factor.
    k1, k2 : int
        The truncation that was in force, in steps.
    held_out_loss : float
        After the update; NaN where it was not measured.
    """

    iteration: int
    loss: float
    grad_norm: float
    clip_scale: float
    clip_threshold: float
    learning_rate: float
    k1: int
    k2: int
    held_out_loss: float


METRICS_DTYPE = np.dtype(
    [
        (name, np.int64 if kind is int else np.float64)
        for name, kind in get_type_hints(StepMetrics).items()
    ]
)


def step_letter(axis: str) -> str:
    """Return the letter of a step: t for timesteps, l for layers."""
    return "l" if axis == "layer" else "t"


class Band(NamedTuple):
    """A statistic over the sequences of a batch: mean, 10th and 90th percentile, each (T,)."""

    mean: Values
    low: Values
    high: Values


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """What happened inside one layer in one update's window; see `WindowTrace`.

    Attributes
    ----------
    dh, dc : Band
        ||dL/dh_t|| and ||dL/dc_t||; ``dc`` is ``None`` without a cell state.
    flow_h, flow_c : ndarray, shape (T,)
        What arrived from step t + 1.
    from_above : ndarray, shape (T,)
        What arrived at h_t from the readout or the next layer.
    dc_from_h : ndarray, shape (T,), or None
        What came down from h_t to c_t.
    hidden, cell : ndarray, shape (T,)
        The states' root mean square over units, of the batch's first sequence.
    ends : Ends or None
        Saturated and dead units, where that was wanted.
    gates : tuple of GateTrace
        Where they were wanted, and there are any.
    """

    dh: Band
    dc: Band | None
    flow_h: Values
    flow_c: Values | None
    from_above: Values
    dc_from_h: Values | None
    hidden: Values
    cell: Values | None
    ends: Ends | None = None
    gates: tuple[GateTrace, ...] = ()


@dataclass(frozen=True, eq=False)
class UnitValues:
    """Each unit's numbers in a small window: of the batch's first sequence, and of its own loss.

    Attributes
    ----------
    h, dh : tuple of ndarray, shape (T, H)
        h_t and dL/dh_t of each layer, from the bottom to the top.
    c, dc : tuple of ndarray, shape (T, H)
        Likewise of the cell state; empty without one.
    dy : ndarray, shape (S, O)
    before : dict of str to ndarray
        The weights that the window was run with; the trace's ``weights`` are those after.
    gradients : dict of str to ndarray
        What the optimizer was given: of the batch's mean loss and the regularizer, after clipping.
    """

    h: tuple[Values, ...]
    dh: tuple[Values, ...]
    c: tuple[Values, ...]
    dc: tuple[Values, ...]
    dy: Values
    before: dict[str, Values]
    gradients: dict[str, Values]


@dataclass(frozen=True, eq=False)
class WindowTrace:
    """What happened inside one update's window; the arrays are read-only.

    Norms are of each sequence's own loss, L2 over units, averaged over the batch; see
    `gradexplorer.engine.records.GradientNorms`. Where several layers are stacked, what is told
    here of h and c is the top layer's, ``layers[-1]``.

    Attributes
    ----------
    iteration : int
    first_step : int
        Where the window lies on a stream; 0 for episodes.
    loss_steps : ndarray of int, shape (S,)
        Steps of the window that bear a loss.
    cuts : ndarray of uint8, shape (T,)
        The `Cut` on the edge from t to t - 1.
    dh, dc : Band
        ||dL/dh_t|| and ||dL/dc_t||; ``dc`` is ``None`` without a cell state.
    flow_h, flow_c, dx : ndarray, shape (T,)
        What arrived from step t + 1, and what left for the input.
    dc_from_h : ndarray, shape (T,), or None
        What came down from h_t to c_t.
    dy, flow_y, losses : ndarray, shape (S,)
        ||dL/dy_t||; what arrived from it at h_t; the batch's mean loss.
    inputs : ndarray, shape (T, D)
    outputs, targets : ndarray, shape (S, O)
    hidden, cell : ndarray, shape (T,)
        Of the batch's first sequence, as are inputs, outputs and targets: the states' root mean
        square over units; ``cell`` is ``None`` without a cell state.
    layers : tuple of LayerTrace
        From the bottom to the top.
    weights : dict of str to ndarray
        After the update, or the last finite ones.
    input_steps : ndarray of int
        The steps at which an input enters, of which ``dx`` and ``inputs`` are.
    axis : str
        What the steps are: ``"timestep"``, or ``"layer"`` for a feedforward network, whose
        input enters at the first.
    flow_s, ds_from_h : ndarray, shape (T,), or None
        Of a closed loop, where ``dx`` is ||dL/ds_t||, s_t the plant's state: what arrived from
        s_{t+1}, and what came through the controller that saw it.
    units : UnitValues or None
        Where the window is small enough for a person to read each number.
    details : Detail
        What else was wanted of it: it is in the layers.
    """

    iteration: int
    first_step: int
    loss_steps: NDArray[np.intp]
    cuts: NDArray[np.uint8]
    dh: Band
    dc: Band | None
    flow_h: Values
    flow_c: Values | None
    dc_from_h: Values | None
    dx: Values
    dy: Values
    flow_y: Values
    losses: Values
    inputs: Values
    outputs: Values
    targets: Values
    hidden: Values
    cell: Values | None
    layers: tuple[LayerTrace, ...]
    weights: dict[str, Values]
    input_steps: NDArray[np.intp]
    axis: str = "timestep"
    flow_s: Values | None = None
    ds_from_h: Values | None = None
    units: UnitValues | None = None
    details: Detail = Detail.NONE

    @property
    def cut_off(self) -> int:
        """The number of steps at the window's start that truncation keeps all gradient from."""
        reached = np.flatnonzero(self.dh.mean != 0.0)
        first = int(reached[0]) if len(reached) else 0
        return first if self.cuts[first] == Cut.FULL else 0


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The network on data that it is not trained on.

    Attributes
    ----------
    iteration : int
    loss : float
    times : ndarray, shape (N,), or None
        The time of each output of a stream; ``None`` for episodes.
    held_out_from : int
        The first index of ``times`` that is held out; earlier ones lead up to it.
    truth, output : ndarray, shape (N,)
        In the unit ``output_name`` tells; for classes their numbers, the likeliest as output.
    output_name, time_name : str
    view : View or None
        What the task has to show instead of outputs over truth.
    figures : dict of str to float
        What the task measures beside the loss, by its name.
    """

    iteration: int
    loss: float
    times: Values | None
    held_out_from: int
    truth: Values
    output: Values
    output_name: str
    time_name: str
    view: View | None = None
    figures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Divergence:
    """Where a run stopped being finite. The weights are those before ``iteration``.

    Attributes
    ----------
    iteration : int
    quantity : str
        ``"loss"``, ``"gradient"`` or ``"update"``: the first of them that was not finite.
    timestep : int or None
        The step of the window where it began, counted from 1, if it began at one.
    where : str
        What it began in, for a person to read.
    axis : str
        What the steps are: ``"timestep"`` or ``"layer"``.
    """

    iteration: int
    quantity: str
    timestep: int | None
    where: str
    axis: str = "timestep"

    def __str__(self) -> str:
        place = "" if self.timestep is None else f" at {self.axis} {self.timestep}"
        return (
            f"At update {self.iteration:,} the {self.quantity} was not finite. "
            f"It began in {self.where}{place}. The weights before this update are kept."
        )


class Snapshot(NamedTuple):
    """What one update yields."""

    metrics: StepMetrics
    trace: WindowTrace | None = None
    evaluation: Evaluation | None = None
    divergence: Divergence | None = None
