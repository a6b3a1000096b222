"""The global gradient norm over updates."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg

from gradexplorer.export.tables import Table
from gradexplorer.gui.decimate import envelope, last_of_each
from gradexplorer.gui.items.rug import RugItem
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.series_panel import SeriesPanel
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.theme import mix
from gradexplorer.gui.view import RunView

_THRESHOLDS = {
    "norm": "threshold",
    "parameter": "threshold on each parameter",
    "value": "threshold on components",
}


class GradientNormPanel(SeriesPanel):
    """The gradient's global norm before clipping, the threshold, and the clipped updates."""

    name = "gradient-norm"
    title = "Gradient norm before clipping"
    help = (
        "The L2 norm over all parameters before clipping. Marks along the upper edge are updates "
        "that were clipped; the dashed line is the threshold."
    )

    def __init__(self) -> None:
        super().__init__("‖g‖")
        self.norm = self.curve()
        self.threshold = self.curve()
        self.clipped = RugItem(row=1)
        self.plot.view.addItem(self.clipped, ignoreBounds=True)

    def recolor(self) -> None:
        """Give curves and marks their colours."""
        colors = self.colors
        self.norm.setPen(pg.mkPen(mix(colors.smooth, colors.base, 0.7), width=1))
        self.threshold.setPen(pg.mkPen(colors.limit, width=1.5, dash=[5, 4]))
        self.clipped.set_color(colors.limit)
        self.not_finite.set_color(colors.not_a_number)

    def draw(self, view: RunView) -> None:
        """Draw what is visible of the history."""
        visible = self.follow_updates(view)
        rows = view.history.metrics[visible]
        columns, updates = self.plot.columns(), rows["iteration"]
        norm = envelope(updates, self.heights(rows["grad_norm"]), columns)
        threshold = last_of_each(updates, self.heights(rows["clip_threshold"]), columns)
        self.norm.setData(*norm)
        self.threshold.setData(*threshold)
        clipped = rows["clip_scale"] < 1.0
        self.clipped.show_ticks(updates[clipped])
        self.mark_not_finite(rows, "grad_norm")
        self.follow_values(norm[1], threshold[1])
        self._set_legend(view, int(np.count_nonzero(clipped)), len(rows))

    def _set_legend(self, view: RunView, clipped: int, updates: int) -> None:
        colors, method = self.colors, view.config.clipping.method
        entries = [Entry("faint", mix(colors.smooth, colors.base, 0.7), "each update")]
        if method != "off":
            kind = _THRESHOLDS[method]
            share = f"clipped, {clipped / updates:.1%} of those shown" if updates else "clipped"
            entries += [Entry("dash", colors.limit, kind), Entry("tick", colors.limit, share)]
        entries.append(Entry("tick", colors.not_a_number, "not finite"))
        self.plot.legend.set_entries(tuple(entries))

    def table(self) -> Table:
        """Return every update's norm, threshold and clip scale."""
        if self.view is None:
            return Table({})
        rows = self.view.history.metrics
        names = ("iteration", "grad_norm", "clip_threshold", "clip_scale")
        return Table({name: rows[name] for name in names})

    def describe(self, x: float, _y: float) -> str:
        """Return the norm at the update under the mouse."""
        history = self.view.history if self.view is not None else None
        index = round(x) - 1
        if history is None or not 0 <= index < len(history):
            return ""
        row = history.metrics[index]
        lines = [f"update {index + 1:,}", f"norm before clipping {magnitude(row['grad_norm'])}"]
        if np.isnan(row["clip_scale"]):
            lines.append("not applied: the run diverged")
        elif row["clip_scale"] < 1.0:
            lines.append(f"clipped to {magnitude(row['grad_norm'] * row['clip_scale'])}")
        return "\n".join(lines)
