"""The loss over updates."""

from __future__ import annotations

import numpy as np

from gradexplorer.export.tables import Table
from gradexplorer.gui.decimate import envelope, last_of_each
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.series_panel import FAINT, SeriesPanel
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.theme import mix
from gradexplorer.gui.view import RunView


class LossPanel(SeriesPanel):
    """Training loss, raw and smoothed, and the held-out loss."""

    name = "loss"
    title = "Loss"
    help = (
        "The training loss of each update, faint, behind its moving average, and the loss on "
        "held-out data where it was measured."
    )

    def __init__(self) -> None:
        super().__init__("loss")
        self.raw = self.plot.add_curve()
        self.smooth = self.plot.add_curve(width=2.0, smooth=True)
        self.held_out = self.plot.add_curve(smooth=True, dots=3.0)

    def recolor(self) -> None:
        """Give the curves their colours."""
        colors = self.colors
        self.raw.set_color(mix(colors.raw, colors.base, FAINT))
        self.smooth.set_color(colors.smooth)
        self.held_out.set_color(colors.held_out, rim=colors.base)
        self.not_finite.set_color(colors.not_a_number)
        self.pinned.set_colors(colors)

    def draw(self, view: RunView) -> None:
        """Draw what is visible of the history."""
        columns = self.plot.columns()
        shown = view.history.buckets(self.follow_updates(view), columns)
        raw = envelope(shown, self.heights(shown.loss_low), self.heights(shown.loss_high))
        self.raw.show_points(*raw)
        self.smooth.show_points(*self.average(shown, shown.smoothed_loss))
        measured = np.isfinite(shown.held_out_loss)
        held_out = self.heights(shown.held_out_loss[measured])
        self.held_out.show_points(
            *last_of_each(shown.held_out_at[measured], held_out, columns // 24)
        )
        self.mark_not_finite(shown.first, shown.loss_not_finite)
        self.follow_values(raw[1], held_out, *self.show_pinned(view, "smoothed_loss"))
        self._set_legend(view, held_out=bool(measured.any()))

    def _set_legend(self, view: RunView, *, held_out: bool) -> None:
        entries = [Entry.of(self.raw, "each update"), Entry.of(self.smooth, "smoothed")]
        if held_out:
            entries.append(Entry("dot", self.colors.held_out, "held out"))
        others = self.pinned.entries(view.pinned, view.config)
        self.plot.legend.set_entries((*entries, *self.common_entries(view), *others))

    def table(self) -> Table:
        """Return every update's loss; the held-out loss is empty where it was not measured."""
        if self.view is None:
            return Table({})
        rows = self.view.history.metrics
        return Table(
            {
                "iteration": rows["iteration"],
                "loss": rows["loss"],
                "smoothed_loss": self.view.history.smoothed_loss,
                "held_out_loss": np.ma.masked_invalid(rows["held_out_loss"]),
            }
        )

    def describe(self, x: float, _y: float) -> str:
        """Return the losses at the update under the mouse."""
        found = self.row_at(x)
        if found is None:
            return ""
        row, smoothed = found
        lines = [
            f"update {row['iteration']:,}",
            f"loss {magnitude(row['loss'])}",
            f"smoothed {magnitude(smoothed['loss'])}",
        ]
        if np.isfinite(row["held_out_loss"]):
            lines.append(f"held out {magnitude(row['held_out_loss'])}")
        return "\n".join(lines)
