"""One lag of a window: where its losses stand, their gradients there, and what those give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gradexplorer.analysis.steps import Where
from gradexplorer.engine.parameters import Array, Parameters


class Gives(Protocol):
    """What a lag's gradients give to the parameters' gradient."""

    def add(self, lag: Lag, total: Parameters) -> None:
        """Add it."""


@dataclass(frozen=True, eq=False)
class Lag:
    """The losses that reach back over one lag, and their gradients there.

    Gradients are of the mean over batch and loss-bearing steps: L = sum of L_s, so that a step's
    total gradient is the sum of these. They are valid until the next lag is asked for.

    In a closed loop every gradient is the total derivative by way of plant and controller alike:
    dL_s/dh_t counts what h_t does to L_s through the commands y_t, y_{t+1}, ... and the plant's
    states after them, and through h_{t+1}. At lag 0 that is the part of the loss that judges the
    command itself.

    Attributes
    ----------
    lag : int
        k.
    rows : slice
        The R losses, among the loss-bearing steps, that lie at least k after the first step.
    steps : slice or ndarray of int, shape (R,)
        The step t = s - k at which each is.
    dh : tuple of ndarray, shape (R, B, H)
        dL_s/dh_t, for each layer from the bottom to the top. For a feedforward network, of the
        one layer at this lag; for a closed loop, of the controller's (last) layer.
    dc : tuple of ndarray, shape (R, B, H), or None
        dL_s/dc_t likewise.
    ds : ndarray, shape (R, B, N), or None
        Of a closed loop, dL_s/ds_t: s_t the plant's state that the controller sees at step t.
    """

    lag: int
    rows: slice
    steps: Where
    dh: tuple[Array, ...]
    dc: tuple[Array, ...] | None
    _gradient: Gives
    ds: Array | None = None

    def add_gradient(self, total: Parameters) -> None:
        """Add what the losses give to the parameters' gradient at this lag."""
        self._gradient.add(self, total)


class Rows:
    """Which losses still reach back, lag after lag.

    Parameters
    ----------
    losses : ndarray of int, shape (S,)
        The loss-bearing steps, ascending.
    """

    def __init__(self, losses: NDArray[np.intp]) -> None:
        self._losses, self._first = losses, 0
        self.last = int(losses[-1])
        self._work = np.cumsum([np.count_nonzero(losses >= lag) for lag in range(self.last + 1)])

    def at(self, lag: int) -> tuple[int, slice, Where]:
        """Return how many losses passed the first step since the lag before, and who is left.

        Of those, the slice among the losses, and their steps t = s - k.
        """
        dropped = int(np.searchsorted(self._losses, lag)) - self._first
        self._first += dropped
        return (
            dropped,
            slice(self._first, len(self._losses)),
            _where(self._losses[self._first :] - lag),
        )

    def one_begins(self, lag: int) -> bool:
        """Tell whether the first of those at this lag stands at the window's first step."""
        return int(self._losses[self._first]) == lag

    def done(self, lag: int) -> float:
        """Return the fraction of the work that is done after a lag."""
        return float(self._work[lag] / self._work[-1])


def _where(steps: NDArray[np.intp]) -> Where:
    """Return what picks these steps: a view where they follow one another."""
    if steps[-1] - steps[0] == len(steps) - 1:
        return slice(int(steps[0]), int(steps[-1]) + 1)
    return steps
