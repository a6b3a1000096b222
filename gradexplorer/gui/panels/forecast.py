"""A series' held-out end, with what is forecast of it in one step and in a free run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np
from PySide6.QtCore import Qt

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.export.tables import Table
from gradexplorer.gui.items.curve import CurveItem
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.columns import beside
from gradexplorer.gui.panels.drawing import Drawing, Extent, Other
from gradexplorer.gui.pinned import PinnedCurves
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.theme import LIGHT, Colors
from gradexplorer.tasks.views import Forecast

_LEAD = 0.1  # of the horizon, shown before it
_HORIZONS = 2  # shown from the start of the part held out on
_AIR = 0.08  # of the truth's range, above and below
_RING, _HOLE = 4.0, 2.2  # pixels, radius


class ForecastDrawing(Drawing):
    """Truth, one-step and free-running forecast, and the forecasts to be held against them.

    At first the free run is in sight and as long a time behind it; the rest is there to be moved
    to. Where nothing was measured the truth has a gap, and a ring stands on the network's
    one-step forecast.
    """

    labels: ClassVar[tuple[str, str]] = ("time", "value")
    overlays: ClassVar[bool] = True
    own: ClassVar[int] = 3

    def __init__(self, plot: Plot) -> None:
        super().__init__(plot)
        style = Qt.PenStyle
        self.boundary = plot.add_curve(style=style.DashDotLine)
        self.persistence = plot.add_curve(width=1.4, style=style.DotLine, smooth=True)
        self.seasonal_naive = plot.add_curve(width=1.2, style=style.DashLine, smooth=True)
        self.pinned = PinnedCurves(plot)
        self.one_step = plot.add_curve(width=2.2, smooth=True)
        self.free_running = plot.add_curve(width=2.2, smooth=True)
        self.truth = plot.add_curve(smooth=True)
        self.rings = plot.add_curve(style=style.NoPen, dots=_RING)
        self.holes = plot.add_curve(style=style.NoPen, dots=_HOLE)
        self._colors = LIGHT

    def recolor(self, colors: Colors) -> None:
        """Draw in these colours."""
        self._colors = colors
        self.boundary.set_color(colors.muted)
        self.persistence.set_color(colors.muted)
        self.seasonal_naive.set_color(colors.muted)
        self.one_step.set_color(colors.accent)
        self.truth.set_color(colors.text)
        self.free_running.set_color(colors.held_out)
        self.rings.set_color(colors.not_a_number, rim=colors.base)
        self.holes.set_color(colors.base, rim=colors.base)
        self.pinned.set_colors(colors)

    def _curves(self) -> tuple[CurveItem, ...]:
        lines = self.persistence, self.seasonal_naive, self.one_step, self.truth, self.free_running
        return (self.boundary, *lines, self.rings, self.holes)

    def axes(self, view: Forecast) -> tuple[str, str]:
        """Return what times and values are."""
        return view.time, f"{view.quantity}, {view.unit}" if view.unit else view.quantity

    @staticmethod
    def note(_figures: dict[str, float]) -> str:
        """Return nothing: the figures stand beside what they are of."""
        return ""

    def show(self, view: Forecast) -> tuple[Entry, ...]:
        """Draw a forecast; return what its marks mean, with the errors."""
        self.truth.show_points(view.times, view.truth)
        self.one_step.show_points(view.times, _finite(view.one_step))
        ahead = _ahead(view)
        self.free_running.show_points(ahead, _finite(view.free_running))
        self.persistence.show_points(ahead, view.persistence)
        self.seasonal_naive.show_points(ahead, view.seasonal_naive)
        missing = np.isnan(view.truth)
        for marks in (self.rings, self.holes):
            marks.show_points(view.times[missing], view.one_step[missing])
        bottom, top = _range(view)
        start = np.full(2, view.times[view.held_out_from])
        self.boundary.show_points(start, np.array([2.0 * bottom - top, 2.0 * top - bottom]))
        return tuple(self._entries(view, missing=bool(missing.any())))

    def show_others(self, others: Sequence[Other], config: ExperimentConfig) -> tuple[Entry, ...]:
        """Draw pinned runs' free runs; return what the curves mean, with the errors."""
        self.others = tuple(others)
        runs = [run for run, _ in others]
        self.pinned.clear_others(runs)
        errors = []
        for run, view in others:
            self.pinned.of(run).show_points(_ahead(view), _finite(view.free_running))
            network = view.scores[0]
            errors.append(f" {magnitude(network.one_step)}, {magnitude(network.free_running)}")
        return self.pinned.entries(runs, config, errors)

    def _entries(self, view: Forecast, *, missing: bool) -> Iterator[Entry]:
        network, persistence, seasonal_naive = view.scores
        yield Entry.of(self.truth, "truth")
        yield Entry.of(self.one_step, f"one step, RMSE {magnitude(network.one_step)}")
        yield Entry.of(self.free_running, f"free run {magnitude(network.free_running)}")
        for curve, score in (
            (self.persistence, persistence),
            (self.seasonal_naive, seasonal_naive),
        ):
            errors = f"{magnitude(score.one_step)}, {magnitude(score.free_running)}"
            yield Entry.of(curve, f"{score.name} {errors}")
        if missing:
            yield Entry("ring", self._colors.not_a_number, "not measured")
        yield Entry.of(self.boundary, "held out from here")

    def clear(self) -> None:
        """Draw nothing."""
        self.others = ()
        self.pinned.clear_others()
        for curve in self._curves():
            curve.clear()

    def extent(self, view: Forecast) -> Extent:
        """Return the range of the free run and of as long a time behind it."""
        start, stop = view.held_out_from, len(view.times) - 1
        horizon = len(view.free_running)
        left = view.times[max(0, start - max(1, round(_LEAD * horizon)))]
        right = view.times[min(stop, start + _HORIZONS * horizon)]
        return float(left), float(right), *_range(view)

    def table(self, view: Forecast) -> Table:
        """Return everything over time; empty where nothing was measured or forecast."""
        index = np.arange(len(view.times))
        held_out = index >= view.held_out_from

        own = {
            "held_out": held_out.astype(int),
            "truth": np.ma.masked_invalid(view.truth),
            "one_step": view.one_step,
            "free_running": _spread(view, view.free_running),
            "persistence": _spread(view, view.persistence),
            "seasonal_naive": _spread(view, view.seasonal_naive),
        }
        others = (
            (
                run,
                other.times,
                {
                    "one_step": other.one_step,
                    "free_running": _spread(other, other.free_running),
                },
            )
            for run, other in self.others
        )
        return beside(view.time, view.times, own, others)

    def describe(self, view: Forecast, x: float, _y: float) -> str:
        """Return all that is known of the time under the mouse."""
        index = int(np.argmin(np.abs(view.times - x)))
        truth, ahead = view.truth[index], index - view.held_out_from
        part = "held out" if ahead >= 0 else "trained on"
        known = "not measured" if np.isnan(truth) else _value(truth, view)
        lines = [
            f"{view.time} {view.times[index]:.2f}, {part}",
            f"truth: {known}",
            f"one step: {_value(view.one_step[index], view)}",
        ]
        if 0 <= ahead < len(view.free_running):
            lines += [
                f"free run, {ahead + 1:,} ahead: {_value(view.free_running[ahead], view)}",
                f"persistence: {_value(view.persistence[ahead], view)}",
                f"seasonal naive: {_value(view.seasonal_naive[ahead], view)}",
            ]
        for run, other in self.others:
            lines += [f"{run.sign} {told}" for told in _told(other, view.times[index])]
        return "\n".join(lines)


def _told(view: Forecast, time: float) -> list[str]:
    """Return what a pinned run forecasts of a time."""
    found = np.flatnonzero(view.times == time)
    if not len(found):
        return []
    index = int(found[0])
    ahead = index - view.held_out_from
    told = f"one step: {_value(view.one_step[index], view)}"
    if 0 <= ahead < len(view.free_running):
        told += f", free run: {_value(view.free_running[ahead], view)}"
    return [told]


def _ahead(view: Forecast) -> np.ndarray:
    """Return the times of a free run."""
    return view.times[view.held_out_from :][: len(view.free_running)]


def _spread(view: Forecast, values: np.ndarray) -> list[float | None]:
    """Return values of a free run over all times, ``None`` where there is none."""
    before, after = view.held_out_from, len(view.times) - view.held_out_from - len(values)
    return [*[None] * before, *values.tolist(), *[None] * after]


def _value(value: float, view: Forecast) -> str:
    return f"{value:,.4g} {view.unit}".rstrip() if np.isfinite(value) else magnitude(float(value))


def _finite(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), values, np.nan)


def _range(view: Forecast) -> tuple[float, float]:
    """Return what shows the truth in sight and all that is naive; a network may run out of it."""
    horizon = len(view.free_running)
    truth = view.truth[: view.held_out_from + _HORIZONS * horizon]
    shown = truth[view.held_out_from - max(1, round(_LEAD * horizon)) :]
    every = np.concatenate([shown, view.persistence, view.seasonal_naive])
    low, high = float(np.nanmin(every)), float(np.nanmax(every))
    air = _AIR * (high - low)
    return low - air, high + air
