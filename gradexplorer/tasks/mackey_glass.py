"""The Mackey-Glass series."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from gradexplorer.tasks.series import Record, SeriesTask
from gradexplorer.tasks.task import Values

STEP = 0.1
TRANSIENT = 1000
PUBLISHED_HORIZON = 84
_GAIN, _DECAY, _POWER = 0.2, 0.1, 10


class MackeyGlass(SeriesTask):
    """Forecast the next value of a chaotic series from the present one and the carried state.

    The series solves dx/dt = 0.2 x(t - tau) / (1 + x(t - tau)^10) - 0.1 x(t). Up to tau = 16.8
    it settles on a cycle, above, as at 17, it is chaotic. Its season is measured on the part
    trained on; for tau = 17 it is about 50.

    Where the horizon reaches 84, the root mean square error there over the deviation is told as
    NRMSE84, from 32 starts (in the literature often 100).

    Parameters
    ----------
    tau : int
        The delay.
    spacing : int
        Time between two values.
    length : int
        Number of values.
    history_seed : int
        Of the constant that x was before time 0.
    held_out : float
        Share of the values, the latest, that is not trained on.
    horizon : int
        Values of the free run.

    References
    ----------
    Mackey & Glass (1977), Oscillation and chaos in physiological control systems; as a
    benchmark Farmer & Sidorowich (1987), Predicting chaotic time series; NRMSE84 as in Jaeger &
    Haas (2004), Harnessing nonlinearity.
    """

    quantity = "x(t)"
    time = "time t"

    def __init__(
        self,
        tau: int = 17,
        spacing: int = 6,
        length: int = 3000,
        history_seed: int = 0,
        held_out: float = 0.2,
        horizon: int = 100,
    ) -> None:
        self.spacing = spacing
        before = np.random.default_rng(history_seed).uniform(0.5, 1.5)
        every = round(spacing / STEP)
        skipped = round(TRANSIENT / STEP)
        values = solve(tau, before, skipped + length * every)[skipped::every][:length]
        self.season = season(values[: round(length * (1.0 - held_out))])
        super().__init__(
            Record(spacing * np.arange(length, dtype=float), values), held_out, horizon
        )

    def _more_figures(self, free: Values, truth: Values) -> dict[str, float]:
        ahead, rest = divmod(PUBLISHED_HORIZON, self.spacing)
        if rest or ahead > len(free):
            return {}
        errors = free[ahead - 1] - truth[ahead - 1]
        return {"NRMSE84": float(np.sqrt(np.mean(errors**2)) / self._deviation)}


@lru_cache(4)
def solve(tau: int, before: float, steps: int, step: float = STEP) -> Values:
    """Integrate the equation by Runge-Kutta's method of fourth order.

    Delayed values between two steps are interpolated by cubic polynomials, which keeps the order.

    Parameters
    ----------
    tau : int
        The delay, a multiple of the step.
    before : float
        x up to time 0.
    steps : int
        Values to return.
    step : float

    Returns
    -------
    ndarray, shape (steps,)
        x at times 0, step, 2 step, ...; read-only.
    """
    delay = round(tau / step)
    x = np.full(delay + steps, before)
    last = len(x) - 1
    for start in range(delay, last, delay):
        stop = min(start + delay, last)
        delayed = x[start - delay : start + 1]
        grown = _production(delayed), _production(_halfway(delayed))
        x[start + 1 : stop + 1] = _runge_kutta(x[start], *grown, step)[: stop - start]
    x = x[delay:]
    x.flags.writeable = False
    return x


def _halfway(values: Values) -> Values:
    """Return what lies between each two values, by cubic polynomials through the nearest four.

    None of them reaches beyond the ends, where the series or its derivatives have kinks.
    """
    inner = (9.0 * (values[1:-2] + values[2:-1]) - values[:-3] - values[3:]) / 16.0
    edge = np.array([5.0, 15.0, -5.0, 1.0]) / 16.0
    return np.concatenate([[edge @ values[:4]], inner, [edge @ values[:-5:-1]]])


def season(values: Values) -> int:
    """Return the lag of the autocorrelation's first maximum behind its first negative values."""
    distances = values - values.mean()
    power = np.abs(np.fft.rfft(distances, 2 * len(values))) ** 2
    correlation = np.fft.irfft(power)[: len(values)]
    below = correlation < 0.0
    start = int(np.argmax(below))
    rise = start + int(np.argmax(~below[start:]))
    fall = rise + int(np.argmax(below[rise:]))
    return rise + int(np.argmax(correlation[rise:fall]))


def _production(delayed: Values) -> Values:
    return _GAIN * delayed / (1.0 + delayed**_POWER)


def _runge_kutta(x: float, at: Values, between: Values, step: float) -> list[float]:
    """Return x after each step of dx/dt = g - 0.1 x, for g at the steps and between them."""
    found, half = [], 0.5 * step
    for g, middle, following in zip(
        at[:-1].tolist(), between.tolist(), at[1:].tolist(), strict=True
    ):
        k1 = g - _DECAY * x
        k2 = middle - _DECAY * (x + half * k1)
        k3 = middle - _DECAY * (x + half * k2)
        k4 = following - _DECAY * (x + step * k3)
        x += step / 6.0 * (k1 + 2.0 * (k2 + k3) + k4)
        found.append(x)
    return found


TASK = MackeyGlass
