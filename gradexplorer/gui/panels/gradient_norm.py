"""The global gradient norm over updates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from gradexplorer.export.tables import Table
from gradexplorer.gui.decimate import envelope
from gradexplorer.gui.items.rug import RugItem
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.columns import beside
from gradexplorer.gui.panels.series_panel import FAINT, SeriesPanel
from gradexplorer.gui.pinned import amid
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.theme import mix
from gradexplorer.gui.view import RunView

_ENDS = 0.02  # of shares, where tenths of a percent are told; elsewhere they never stand still
# Where the threshold is a norm; a limit on single components has no place on this axis.
_THRESHOLDS = {"norm": "threshold", "parameter": "threshold on each parameter"}


class GradientNormPanel(SeriesPanel):
    """The gradient's global norm before clipping, the threshold, and the clipped updates."""

    name = "gradient-norm"
    title = "Gradient norm before clipping"
    tab = "Gradient norm"
    help = (
        "The L2 norm over all parameters before clipping. Marks along the upper edge are updates "
        "that were clipped; the dashed line is the threshold."
    )

    def __init__(self) -> None:
        super().__init__("‖g‖")
        self.norm = self.plot.add_curve()
        self.smooth = self.plot.add_curve(width=2.0, smooth=True)
        self.threshold = self.plot.add_curve(width=1.5, style=Qt.PenStyle.DashLine)
        self.clipped = RugItem(row=1)
        self.plot.view.addItem(self.clipped, ignoreBounds=True)

    def recolor(self) -> None:
        """Give curves and marks their colours."""
        colors = self.colors
        self.norm.set_color(mix(colors.raw, colors.base, FAINT))
        self.smooth.set_color(colors.smooth)
        self.threshold.set_color(colors.limit)
        self.clipped.set_color(colors.limit)
        self.not_finite.set_color(colors.not_a_number)
        self.pinned.set_colors(colors)

    def draw(self, view: RunView) -> None:
        """Draw what is visible of the history."""
        shown = view.history.buckets(self.follow_updates(view), self.plot.columns())
        norm = envelope(shown, self.heights(shown.norm_low), self.heights(shown.norm_high))
        threshold = self._threshold(view, shown.clip_threshold)
        self.norm.show_points(*norm)
        self.smooth.show_points(*self.average(shown, shown.smoothed_norm))
        self.threshold.show_points(shown.last, threshold)
        clipped = shown.clipped > 0.0
        self.clipped.show_ticks(shown.first[clipped], shown.clipped[clipped])
        self.mark_not_finite(shown.first, shown.norm_not_finite)
        self.follow_values(norm[1], threshold, *self.show_pinned(view, "smoothed_norm"))
        self._set_legend(view, int(shown.clipped.sum()), int(shown.updates.sum()))

    def _threshold(self, view: RunView, thresholds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the threshold's heights; a limit on single components is none on the norm."""
        if view.config.clipping.method == "value":
            return np.full(len(thresholds), np.nan)
        return self.heights(thresholds)

    def _set_legend(self, view: RunView, clipped: int, updates: int) -> None:
        clipping = view.config.clipping
        entries = [Entry.of(self.norm, "each update"), Entry.of(self.smooth, "smoothed")]
        if clipping.method in _THRESHOLDS:
            entries.append(Entry.of(self.threshold, _THRESHOLDS[clipping.method]))
        if clipping.method != "off" or clipped:
            of = f" (components > {clipping.threshold:g})" if clipping.method == "value" else ""
            share = f", {_percent(clipped / updates)} of those shown" if updates else ""
            entries.append(Entry("tick", self.colors.limit, f"clipped{of}{share}"))
        others = self.pinned.entries(view.pinned, view.config)
        entries += self.common_entries(view)
        self.plot.legend.set_entries(amid(entries, others, first=2))

    def table(self) -> Table:
        """Return every update's norm, threshold and clip scale."""
        if self.view is None:
            return Table({})
        rows = self.view.history.metrics
        others = ((run, run.history.metrics) for run in self.view.pinned)
        return beside(
            "iteration",
            rows["iteration"],
            _columns(rows),
            ((run, theirs["iteration"], _columns(theirs)) for run, theirs in others),
        )

    def describe(self, x: float, _y: float) -> str:
        """Return the norm at the update under the mouse."""
        return self.described(x, "grad_norm", self._told(x))

    def _told(self, x: float) -> list[str]:
        found = self.row_at(x)
        if found is None:
            return []
        row, smoothed = found
        lines = [
            f"norm before clipping {magnitude(row['grad_norm'])}",
            f"smoothed {magnitude(smoothed['grad_norm'])}",
        ]
        if np.isnan(row["clip_scale"]):
            lines.append("not applied: the run diverged")
        elif row["clip_scale"] < 1.0:
            lines.append(f"clipped to {magnitude(row['grad_norm'] * row['clip_scale'])}")
        return lines


def _columns(rows: NDArray[np.void]) -> dict[str, NDArray[np.float64]]:
    return {name: rows[name] for name in ("grad_norm", "clip_threshold", "clip_scale")}


def _percent(share: float) -> str:
    return f"{share:.0%}" if _ENDS <= share <= 1.0 - _ENDS else f"{share:.1%}"
