"""What panels over updates share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from gradexplorer.gui.decimate import Points, last_of_each
from gradexplorer.gui.items.moment_line import MomentLine
from gradexplorer.gui.items.rug import RugItem
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.decades import log_heights
from gradexplorer.gui.panels.panel import Panel
from gradexplorer.gui.pinned import PinnedCurves
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.view import RunView
from gradexplorer.training.buckets import Buckets

FAINT = 0.65  # of a curve's own colour, behind its average
_SHORTEST = 20.0


class SeriesPanel(Panel):
    """A panel whose x axis counts updates; its y axis is logarithmic unless switched to linear."""

    def __init__(self, y_label: str) -> None:
        plot = Plot("update", y_label, log_y=True)
        super().__init__(plot)
        plot.bottom.counts = True
        self.pinned = PinnedCurves(plot)
        self.not_finite, self.line = RugItem(), MomentLine(upright=True)
        for item in (self.not_finite, self.line):
            plot.view.addItem(item, ignoreBounds=True)
        plot.set_x_range(0.0, _SHORTEST)
        plot.set_y_range(-2.0, 0.0)

    @property
    def logarithmic(self) -> bool:
        """Whether the y axis is logarithmic."""
        return self.plot.left.logarithmic

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Switch the y axis between logarithmic and linear."""
        self.plot.set_logarithmic(logarithmic)
        self.plot.following = True
        self.plot.view.setYRange(0.0, 1e-9, padding=0)  # nothing fits: the next frame chooses
        self._redraw()

    def extend_menu(self, menu: QMenu) -> None:
        """Offer the choice of axis."""
        logarithmic = QAction("Logarithmic", menu, checkable=True, checked=self.logarithmic)
        logarithmic.toggled.connect(self.set_logarithmic)
        menu.addAction(logarithmic)

    def heights(self, values: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return where values stand on the y axis; NaN where they cannot."""
        if self.logarithmic:
            return log_heights(values)
        return np.where(np.isfinite(values), values.astype(np.float64), np.nan)

    def average(self, shown: Buckets, smoothed: NDArray[np.float64]) -> Points:
        """Return a moving average's line: few points do, and a wide smooth pen is slow."""
        return last_of_each(shown.last, self.heights(smoothed), self.plot.columns() // 6)

    def follow_updates(self, view: RunView) -> slice:
        """Show all updates so far, with room to grow; return the rows that are visible."""
        done = len(view.history)
        self.line.set_color(self.colors.text, self.colors.base)
        self.line.show_at(None if view.moment is None else float(view.moment.iteration))
        if self.plot.following:
            longest = max([done, *(len(run.history) for run in view.pinned)])
            shown, budget = self.plot.view.viewRange()[0], view.config.training.iterations
            room = room_for(longest, max(budget, longest), shown)
            if room is not None:
                self.plot.set_x_range(0.0, room)
        low, high = self.plot.view.viewRange()[0]
        return slice(max(0, int(low) - 2), max(0, min(done, int(high) + 2)))

    def show_pinned(self, view: RunView, name: str) -> tuple[NDArray[np.float64], ...]:
        """Draw a smoothed column of each pinned run's history; return the heights drawn."""
        self.pinned.clear_others(view.pinned)
        heights = []
        low, high = self.plot.view.viewRange()[0]
        for run in view.pinned:
            stop = max(0, min(len(run.history), int(high) + 2))
            visible = slice(min(max(0, int(low) - 2), stop), stop)
            shown = run.history.buckets(visible, self.plot.columns())
            points = self.average(shown, getattr(shown, name))
            self.pinned.of(run).show_points(*points)
            heights.append(points[1])
        return tuple(heights)

    def follow_values(self, *heights: NDArray[np.float64]) -> None:
        """Let the y range hold the finite ones among these heights."""
        if not self.plot.following:
            return
        finite = np.concatenate([part[np.isfinite(part)] for part in heights])
        if len(finite):
            self.plot.follow_y(float(finite.min()), float(finite.max()))

    def common_entries(self, view: RunView) -> tuple[Entry, ...]:
        """Return what the legend says of updates that are not finite and of the one shown."""
        entries = []
        if not self.not_finite.is_empty():
            entries.append(Entry("tick", self.colors.not_a_number, "not finite"))
        if view.moment is not None:
            entries.append(Entry("tick", self.colors.text, "shown"))
        return tuple(entries)

    def mark_not_finite(self, first: NDArray[np.float64], counts: NDArray[np.float64]) -> None:
        """Mark updates whose value is NaN or infinite, rather than leave them out."""
        some = counts > 0.0
        self.not_finite.show_ticks(first[some], counts[some])

    def told_of_pinned(self, x: float, name: str) -> list[str]:
        """Return what is smoothed of each pinned run at a place of the x axis."""
        if self.view is None:
            return []
        rows = ((run, run.history.row(round(x) - 1)) for run in self.view.pinned)
        return [
            f"{run.sign} smoothed {magnitude(row[1][name])}" for run, row in rows if row is not None
        ]

    def described(self, x: float, name: str, own: list[str]) -> str:
        """Return the read-out at a place: what is told of the run, then of the pinned ones."""
        lines = [*own, *self.told_of_pinned(x, name)]
        return "\n".join([f"update {round(x):,}", *lines]) if lines else ""

    def row_at(self, x: float) -> tuple[np.void, np.void] | None:
        """Return the metrics, and what is smoothed, of the update at a place of the x axis."""
        return None if self.view is None else self.view.history.row(round(x) - 1)


def room_for(done: int, budget: int, shown: list[float]) -> float | None:
    """Return up to where an axis of updates should reach; ``None``: it is well as it is.

    It has room to grow, so that it seldom changes.

    Parameters
    ----------
    done, budget : int
        Updates made so far and in the end.
    shown : list of float
        What the axis spans.
    """
    fits = shown[0] == 0.0 and done <= shown[1] <= 2.0 * max(done, _SHORTEST)
    if fits and done != budget:
        return None
    room = float(done) if done == budget else max(_SHORTEST, 1.5 * done)
    return min(room, max(float(budget), 1.0))
