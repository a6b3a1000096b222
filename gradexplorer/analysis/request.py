"""One way in: any of the measurements, of an experiment with given weights, by name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

import numpy as np

from gradexplorer.analysis.dynamics import Dynamics, dynamics
from gradexplorer.analysis.flow import FlowMatrix, FlowRecord
from gradexplorer.analysis.lag_profile import LagProfile, LagRecord
from gradexplorer.analysis.lags import lags
from gradexplorer.analysis.truncation import BIAS, TruncationLens, TruncationRecord, truncation_lens
from gradexplorer.analysis.units import Units, measure_units
from gradexplorer.analysis.watch import Cancelled, Tell, ignore
from gradexplorer.analysis.window import Batch, MeasuredWindow, measured_window
from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.engine.parameters import Array
from gradexplorer.errors import InputError

KINDS = ("lag", "matrix", "truncation", "dynamics", "units")
"""What can be asked for: each the name of a field of `Analysis`."""

_SWEPT = ("lag", "matrix", "truncation")


@dataclass(frozen=True, eq=False)
class Analysis:
    """What was measured; ``None`` for what was not asked for. It can be pickled.

    Attributes
    ----------
    updates : int
        How many the weights had seen.
    batch : Batch
        On which data; its text says it for a person.
    loss : float
        Of that batch.
    batch_after : int
        The batch is that of the update after so many.
    lag : LagProfile or None
    matrix : FlowMatrix or None
    truncation : TruncationLens or None
    dynamics : Dynamics or None
    units : Units or None
    """

    updates: int
    batch: Batch
    loss: float
    batch_after: int
    lag: LagProfile | None = None
    matrix: FlowMatrix | None = None
    truncation: TruncationLens | None = None
    dynamics: Dynamics | None = None
    units: Units | None = None

    def has(self, kinds: Collection[str]) -> bool:
        """Tell whether all of these were measured."""
        return all(getattr(self, kind) is not None for kind in kinds)

    def joined_with(self, earlier: Analysis | None) -> Analysis:
        """Return this with what was measured earlier of the same weights on the same batch."""
        if earlier is None or (earlier.updates, earlier.batch) != (self.updates, self.batch):
            return self
        missing = [kind for kind in KINDS if not self.has((kind,))]
        return replace(self, **{kind: getattr(earlier, kind) for kind in missing})


@dataclass(frozen=True, eq=False)
class Request:
    """What to measure.

    Parameters
    ----------
    config : ExperimentConfig
    weights : mapping of str to ndarray
        With PyTorch's names and shapes, such as ``WindowTrace.weights``.
    kinds : collection of str
        Of `KINDS`.
    updates : int
        How many these weights have seen: the batch is that of the update after.
    batch_after : int or None
        The batch is that of the update after so many instead: runs compare on the same data.
    k1 : int or None
        Of the truncation lens; ``None`` follows K.
    chosen_bias : float
        Likewise.
    layer : int
        Of the dynamics.
    """

    config: ExperimentConfig
    weights: Mapping[str, Array]
    kinds: Collection[str]
    updates: int = 0
    batch_after: int | None = None
    k1: int | None = 1
    chosen_bias: float = BIAS
    layer: int = -1


def analyze(
    request: Request,
    progress: Tell = ignore,
    cancelled: Callable[[], bool] = lambda: False,
) -> Analysis:
    """Measure what is asked for.

    Parameters
    ----------
    request : Request
    progress : callable
        Called with the fraction that is done, ascending from 0 to 1.
    cancelled : callable
        Asked many times a second; once it is true the measurement ends.

    Raises
    ------
    gradexplorer.analysis.watch.Cancelled
    InputError
        There is no such kind, or the weights do not fit.
    """
    unknown = [kind for kind in request.kinds if kind not in KINDS]
    if unknown:
        raise InputError(f"There is no measurement {unknown[0]!r}; choose from {', '.join(KINDS)}.")

    def tell(fraction: float) -> None:
        if cancelled():
            raise Cancelled
        progress(fraction)

    with np.errstate(over="ignore", invalid="ignore"):  # of a run that diverged: NaN says it
        return _measure(request, tell)


def _measure(request: Request, tell: Tell) -> Analysis:
    stages = _stages(request)
    batch_after = request.updates if request.batch_after is None else request.batch_after
    tell(0.0)
    measured = measured_window(request.config, request.weights, batch_after, _part(tell, 0, stages))
    found: dict[str, Any] = {}
    if any(kind in request.kinds for kind in _SWEPT):
        found |= _sweep(measured, request, _part(tell, 1, stages))
    if _needs_passes(request):
        found["truncation"] = truncation_lens(
            measured, request.k1, request.chosen_bias, _part(tell, 2, stages)
        )
    if "dynamics" in request.kinds:
        found["dynamics"] = dynamics(measured, request.layer, _part(tell, 3, stages))
    if "units" in request.kinds:
        found["units"] = measure_units(measured)
    tell(1.0)
    return Analysis(request.updates, measured.batch, measured.loss.value, batch_after, **found)


def _sweep(measured: MeasuredWindow, request: Request, tell: Tell) -> dict[str, Any]:
    """Measure all that one sweep over the lags gives."""
    profile = LagRecord(measured)
    matrix = FlowRecord(measured) if "matrix" in request.kinds else None
    bias = TruncationRecord(measured) if _needs_truncation(request) else None
    for lag in lags(measured, tell):
        for record in (profile, matrix, bias):
            if record is not None:
                record.add(lag)
    found: dict[str, Any] = {"lag": profile.result()}
    if bias is not None:
        found["truncation"] = bias.result(found["lag"], request.k1, request.chosen_bias)
    if matrix is not None:
        found["matrix"] = matrix.result()
    return {kind: result for kind, result in found.items() if kind in request.kinds}


def _needs_truncation(request: Request) -> bool:
    return "truncation" in request.kinds and request.k1 == 1


def _needs_passes(request: Request) -> bool:
    return "truncation" in request.kinds and request.k1 != 1


def _stages(request: Request) -> tuple[float, ...]:
    """Return where each stage ends, from about how long they take beside each other."""
    swept = any(kind in request.kinds for kind in _SWEPT)
    lengths = (1.0, 3.0 * swept, 5.0 * _needs_passes(request), 10.0 * ("dynamics" in request.kinds))
    ends = tuple(accumulate(lengths))
    return tuple(end / ends[-1] for end in ends)


def _part(tell: Tell, stage: int, stages: tuple[float, ...]) -> Tell:
    """Return what tells a stage's own progress as that of the whole."""
    start = stages[stage - 1] if stage else 0.0
    return lambda fraction: tell(start + fraction * (stages[stage] - start))
