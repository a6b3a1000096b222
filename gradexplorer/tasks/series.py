"""What the forecasts of recorded series share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from gradexplorer.tasks.task import (
    Baseline,
    Display,
    Numbers,
    Report,
    Runner,
    Stream,
    StreamTask,
    Values,
)
from gradexplorer.tasks.views import Forecast, Score

STARTS = 32


@dataclass(frozen=True)
class Record:
    """A series as it was recorded.

    Attributes
    ----------
    times, values : ndarray, shape (N,)
        Equally spaced; a value that was not measured is NaN. The first is measured.
    """

    times: Values
    values: Values

    def carried(self) -> Values:
        """Return the values, the last measured one in the place of each that is missing."""
        last = np.maximum.accumulate(np.where(np.isnan(self.values), 0, np.arange(len(self))))
        return self.values[last]

    def __len__(self) -> int:
        return len(self.values)


class SeriesTask(StreamTask):
    """Forecast a series one step ahead, from its present value and the carried state.

    What the network reads and puts out is standardized: the distance from a level, less its mean
    and over its deviation in the part trained on. The level is 0, or for a series that keeps
    rising the mean of the past values, the present one included; both forecasts know no more
    than that.

    A missing value has no target: no loss counts it. As an input the last measured value
    stands for it (a line drawn to the next one would tell what is to be forecast), and where any
    is missing a second input marks what is measured with 1, what is carried on with 0.

    From the start of the held-out part the network also runs freely, fed with its own outputs as
    if they were measured. Its error is measured from up to 32 starts, spread evenly over the
    part held out, beside what two forecasts without a network reach from there:
    *persistence*, the last value for ever, and *seasonal naive*, the last season over and over.

    Parameters
    ----------
    record : Record
    held_out : float
        Share of the steps, the latest, that is not trained on.
    horizon : int
        Steps of the free run, at most those held out.

    Attributes
    ----------
    quantity, unit, time : str
        What the values and the times are.
    season : int
        Steps after which the series about repeats itself.
    past : int
        Values of which the level is the mean; 0: the level is 0.
    """

    output_size = 1
    quantity: ClassVar[str]
    unit: ClassVar[str] = ""
    time: ClassVar[str]
    season: int
    past: int = 0

    def __init__(self, record: Record, held_out: float, horizon: int) -> None:
        self.record, self._carried = record, record.carried()
        # The input of step i is the value of index i + _offset, its target the next one.
        self._offset = max(0, self.past - 1)
        steps = len(record) - 1 - self._offset
        self.held_out_from = round(steps * (1.0 - held_out))
        self.horizon = min(horizon, steps - self.held_out_from)
        self.times = record.times[self._offset + 1 :]
        self._truth = record.values[self._offset + 1 :]
        self._levels = self._level(_windows(record.values, max(1, self.past)).T)
        trained_on = slice(self.held_out_from + 1)
        distances = (record.values[self._offset :] - self._levels)[trained_on]
        self._mean = float(np.nanmean(distances))
        self._deviation = float(np.nanstd(distances))
        self._set_stream()
        self.baselines = self._one_step_baselines()

    def _set_stream(self) -> None:
        inputs = self._standardized(self._carried[self._offset :], self._levels)[:-1, None]
        targets = self._standardized(self._truth, self._levels[:-1])[:, None]
        measured = np.isfinite(self.record.values)
        self.loss = "mean_squared_error"
        if not measured.all():
            marks = measured[self._offset : -1, None]
            inputs = np.concatenate([inputs, marks], axis=1)
            self.loss = "masked_mean_squared_error"
        self.input_size = inputs.shape[1]
        self.series = Stream(inputs, targets)
        name = f"{self.quantity}, {self.unit}" if self.unit else self.quantity
        if self.past:
            name = f"{name} above the mean of the past"
        self.display = Display(name, self.time, self._deviation, self._mean)

    def _level(self, past: Values) -> Values:
        """Return the level that values (P, ...), the latest last, give: the mean of those there."""
        if not self.past:
            return np.zeros(past.shape[1:])
        there = ~np.isnan(past)
        level: Values = np.where(there, past, 0.0).sum(axis=0) / np.maximum(there.sum(axis=0), 1)
        return level

    def _standardized(self, values: Values, levels: Values) -> Values:
        return (values - levels - self._mean) / self._deviation

    def _shown(self, outputs: Numbers, levels: Values) -> Values:
        return levels + self._mean + self._deviation * np.asarray(outputs, np.float64)

    def _one_step_baselines(self) -> tuple[Baseline, ...]:
        truth = self._truth[self.held_out_from :]
        return tuple(
            Baseline(name, (_rmse(told, truth) / self._deviation) ** 2)
            for name, told in self._naive_one_step().items()
        )

    def _naive_one_step(self) -> dict[str, Values]:
        """Return what the forecasts without a network tell of the held-out part."""
        index = np.arange(self.held_out_from, len(self._truth)) + self._offset + 1
        return {
            "persistence": self._carried[index - 1],
            "seasonal naive": self._carried[index - self.season],
        }

    def report(self, first: int, outputs: Numbers, runner: Runner) -> Report:
        """Return one-step and free-running forecasts, and the errors of both."""
        held_out, starts = self.held_out_from - first, self.starts()
        one_step = self._shown(outputs[:, 0], self._levels[first:-1])
        near = {"network": one_step[held_out:], **self._naive_one_step()}
        free = {
            "network": self._free_running(starts, held_out, runner),
            **self._naive_forecasts(starts),
        }
        tail = self._truth[self.held_out_from :]
        truth = self._truth[starts + np.arange(self.horizon)[:, None]]
        scores = [Score(name, _rmse(near[name], tail), _rmse(free[name], truth)) for name in free]
        view = Forecast(
            times=np.array(self.times[first:], np.float64),
            truth=self._truth[first:].copy(),
            one_step=one_step,
            held_out_from=held_out,
            free_running=free["network"][:, 0].copy(),
            persistence=free["persistence"][:, 0].copy(),
            seasonal_naive=free["seasonal naive"][:, 0].copy(),
            scores=tuple(scores),
            starts=len(starts),
            time=self.time,
            quantity=self.quantity,
            unit=self.unit,
        )
        figures = _figures(scores, self.unit)
        return Report(view, figures | self._more_figures(free["network"], truth))

    def _more_figures(self, _free: Values, _truth: Values) -> dict[str, float]:
        """Return what else is measured of the free runs (H, P) against the truth (H, P)."""
        return {}

    def starts(self) -> NDArray[np.intp]:
        """Return the indices of the first targets of the free runs."""
        last = len(self._truth) - self.horizon
        count = min(STARTS, last - self.held_out_from + 1)
        return np.linspace(self.held_out_from, last, count).round().astype(np.intp)

    def _naive_forecasts(self, starts: NDArray[np.intp]) -> dict[str, Values]:
        """Return (H, P) for each forecast without a network."""
        latest = starts + self._offset
        ahead = np.arange(self.horizon)[:, None]
        return {
            "persistence": np.tile(self._carried[latest], (self.horizon, 1)),
            "seasonal naive": self._carried[latest + 1 - self.season + ahead % self.season],
        }

    def _free_running(self, starts: NDArray[np.intp], lead: int, runner: Runner) -> Values:
        """Return (H, P): the network's forecasts from its own, after ``lead`` steps of truth."""
        inputs = np.asarray(self.series.inputs, np.float64)
        leads = [inputs[start - lead : start + 1] for start in starts]
        runner.restart()
        outputs = runner.run(np.stack(leads, axis=1))[-1]
        width = max(1, self.past)
        past = _windows(self.record.values, width)[starts + self._offset + 1 - width].T
        forecasts = np.empty((self.horizon, len(leads)))
        for step in range(self.horizon):
            if step:
                outputs = runner.run(self._inputs(past)[None])[-1]
            forecasts[step] = self._shown(outputs[:, 0], self._level(past))
            past = np.concatenate([past[1:], forecasts[step, None]])
        return forecasts

    def _inputs(self, past: Values) -> Values:
        """Return (P, D) for values (W, P) that all count as measured."""
        value = self._standardized(past[-1], self._level(past))
        return np.stack([value, *[np.ones_like(value)] * (self.input_size - 1)], axis=1)


def _windows(values: Values, width: int) -> Values:
    """Return (N - W + 1, W): the values from each on."""
    return np.lib.stride_tricks.sliding_window_view(values, width)


def _rmse(told: Values, truth: Values) -> float:
    """Return the root mean square of the errors wherever there was a truth."""
    there = ~np.isnan(truth)
    return float(np.sqrt(np.square(told[there] - truth[there]).mean()))


def _figures(scores: Sequence[Score], unit: str) -> dict[str, float]:
    suffix = f", {unit}" if unit else ""
    one_step = {f"one-step RMSE, {score.name}{suffix}": score.one_step for score in scores}
    free = {f"free-running RMSE, {score.name}{suffix}": score.free_running for score in scores}
    return one_step | free
