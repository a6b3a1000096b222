"""The target over time, the part trained on and the part held out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from gradexplorer.gui.legend import Entry
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.theme import Colors
from gradexplorer.tasks.own_series import Understood

_PIECES = 400


class TargetPlot(Plot):
    """Draws what a network would be trained on."""

    def __init__(self, colors: Colors) -> None:
        super().__init__("", "")
        self._trained = self.add_curve()
        self._held_out = self.add_curve()
        self._boundary = self.add_curve(style=Qt.PenStyle.DashLine)
        self.set_colors(colors)
        self._trained.set_color(colors.smooth)
        self._held_out.set_color(colors.held_out)
        self._boundary.set_color(colors.muted)
        self.setAccessibleName("Target over time")
        self.setMinimumSize(360, 180)
        self._shown: Understood | None = None
        self.describe = self._value_at
        self.followed.connect(self._show_all)

    def show_series(self, understood: Understood) -> None:
        """Draw the target of a series."""
        series, self._shown = understood.series, understood
        self.set_hint("")
        split = understood.held_out_from + 1
        self._trained.show_points(*thinned(series.times[:split], series.target[:split]))
        self._held_out.show_points(*thinned(series.times[split:], series.target[split:]))
        low, high = float(series.target.min()), float(series.target.max())
        edge = series.times[split - 1 : split + 1].mean()
        self._boundary.show_points(
            np.array([edge, edge]), np.array([2.0 * low - high, 2.0 * high - low])
        )
        self.set_labels(series.time_name, series.roles.target.name)
        self.legend.set_entries(
            (
                Entry.of(self._trained, "trained on"),
                Entry.of(self._held_out, "held out"),
            )
        )
        self._show_all()

    def clear_series(self) -> None:
        """Draw nothing."""
        self._shown = None
        self.set_hint("Nothing to train on yet")
        for curve in (self._trained, self._held_out, self._boundary):
            curve.clear()
        self.legend.set_entries(())
        self.set_labels("", "")

    def _show_all(self) -> None:
        if self._shown is not None:
            series = self._shown.series
            self.set_x_range(float(series.times[0]), float(series.times[-1]))
            low, high = float(series.target.min()), float(series.target.max())
            self.set_y_range(low - 0.08 * (high - low), high + 0.08 * (high - low))

    def _value_at(self, x: float, _y: float) -> str:
        if self._shown is None:
            return ""
        series = self._shown.series
        index = int(np.abs(series.times - x).argmin())
        name = series.roles.target.name
        return (
            f"{series.time_name} {series.times[index]:g}\n{name} {magnitude(series.target[index])}"
        )


def thinned(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the lowest and the highest point of each of some hundred pieces, in order."""
    size = -(-len(y) // _PIECES)
    if size <= 2:
        return x, y
    starts = np.arange(0, len(y), size)
    low, high = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    return np.repeat(x[starts], 2), np.column_stack([low, high]).ravel()
