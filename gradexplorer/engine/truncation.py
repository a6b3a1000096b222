"""Which losses reach which timesteps: truncated BPTT as a plan of backward passes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray


class Cut(IntEnum):
    """What truncation does to the edge along which gradient flows from step t to t - 1."""

    NONE = 0
    PARTIAL = 1  # some of the losses behind it are cut off here, others pass
    FULL = 2  # nothing passes


@dataclass(frozen=True)
class Span:
    """One chunk's way back: losses enter at ``[loss_from, stop)`` and flow to ``start``.

    The last of them is at ``stop - 1``.
    """

    start: int
    loss_from: int
    stop: int

    def below(self) -> Span:
        """Return the span of a layer below, into which gradient comes down at every step."""
        return Span(self.start, self.start, self.stop)


@dataclass(frozen=True, eq=False)
class BackwardPlan:
    """A truncated backward pass over ``steps`` timesteps.

    Attributes
    ----------
    steps : int
        T.
    loss_row : tuple of int
        For each step its row among the loss-bearing steps, or -1.
    passes : tuple of tuple of Span
        The spans of a pass do not overlap and are ordered from the last to the first.
        Overlapping chunks (k1 < k2) are in different passes, whose gradients add up.
    cuts : ndarray of uint8, shape (T,)
        For each t the `Cut` on the edge from t to t - 1.
    """

    steps: int
    loss_row: tuple[int, ...]
    passes: tuple[tuple[Span, ...], ...]
    cuts: NDArray[np.uint8]


def backward_plan(
    steps: int, loss_steps: Iterable[int], k1: int | None = None, k2: int | None = None
) -> BackwardPlan:
    """Plan truncated BPTT (k1, k2) after Williams & Peng (1990).

    The steps are cut into chunks of ``k1``. The losses of a chunk are carried back
    together to ``k2`` steps before the chunk's end, so the loss at step s reaches
    step t exactly when ``t > e(s) - k2``, with e(s) the last step of its chunk.

    Parameters
    ----------
    steps : int
        T, the length of the window.
    loss_steps : iterable of int
        The steps that bear a loss, ascending.
    k1 : int, optional
        Chunk length; ``None``: the same as ``k2``.
    k2 : int, optional
        How far back a chunk's losses are carried; ``None``, or T and more: full BPTT.

    Raises
    ------
    ValueError
        ``k1`` is greater than ``k2``, or one of them is below 1.

    References
    ----------
    Williams & Peng (1990), An efficient gradient-based algorithm for on-line
    training of recurrent network trajectories. Neural Computation 2(4).
    """
    ascending = [k for k in (1, k1, k2) if k is not None]
    if ascending != sorted(ascending):
        raise ValueError(f"truncation needs 1 <= k1 <= k2, got k1={k1}, k2={k2}")
    losses = loss_steps if isinstance(loss_steps, range) else tuple(loss_steps)
    return _plan(steps, losses, k1, k2)


@lru_cache(maxsize=16)
def _plan(
    steps: int, losses: range | tuple[int, ...], k1: int | None, k2: int | None
) -> BackwardPlan:
    reach = steps if k2 is None else min(k2, steps)
    chunk = steps if reach == steps else (k1 or reach)
    row = [-1] * steps
    for index, step in enumerate(losses):
        row[step] = index
    starts = range(chunk * ((steps - 1) // chunk), -1, -chunk)
    spans = []
    for start in starts:
        stop = min(start + chunk, steps)
        bearing = [step for step in range(start, stop) if row[step] >= 0]
        if bearing:
            spans.append(Span(max(0, stop - reach), start, bearing[-1] + 1))
    return BackwardPlan(steps, tuple(row), _passes(spans), _cuts(steps, spans))


def _passes(spans: list[Span]) -> tuple[tuple[Span, ...], ...]:
    """Deal spans, last first, to as few passes as keep each free of overlaps."""
    passes: list[list[Span]] = []
    for span in spans:
        free = next((one for one in passes if one[-1].start >= span.stop), None)
        if free is None:
            passes.append([span])
        else:
            free.append(span)
    return tuple(map(tuple, passes))


def _cuts(steps: int, spans: list[Span]) -> NDArray[np.uint8]:
    cuts = np.zeros(steps, np.uint8)
    passing = np.zeros(steps, bool)
    for span in spans:
        passing[span.start + 1 : span.stop] = True
    for span in spans:
        if span.start > 0:
            cuts[span.start] = Cut.PARTIAL if passing[span.start] else Cut.FULL
    cuts.flags.writeable = False
    return cuts
