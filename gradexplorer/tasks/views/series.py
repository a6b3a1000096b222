"""Views of tasks that forecast a series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradexplorer.tasks.views.view import View


class Score(NamedTuple):
    """What a forecaster's errors are, as root mean squares in the unit that is shown.

    Attributes
    ----------
    name : str
    one_step : float
        Over the whole part held out.
    free_running : float
        Over the horizon, from all starts.
    """

    name: str
    one_step: float
    free_running: float


@dataclass(frozen=True, eq=False)
class Forecast(View):
    """A series' end, and what is forecast of it; all values are in the unit that is shown.

    Attributes
    ----------
    times, truth, one_step : ndarray, shape (N,)
        A truth that was not measured is NaN.
    held_out_from : int
        The first index of those that is held out; earlier ones lead up to it.
    free_running, persistence, seasonal_naive : ndarray, shape (H,)
        From there on, none of them told anything later.
    scores : tuple of Score
        Of the network, persistence and seasonal naive, in this order.
    starts : int
        From so many places of the part held out the horizon's errors were measured.
    time, quantity, unit : str
        What times and values are; the unit may be empty.
    """

    times: NDArray[np.floating]
    truth: NDArray[np.floating]
    one_step: NDArray[np.floating]
    held_out_from: int
    free_running: NDArray[np.floating]
    persistence: NDArray[np.floating]
    seasonal_naive: NDArray[np.floating]
    scores: tuple[Score, ...]
    starts: int
    time: str
    quantity: str
    unit: str
