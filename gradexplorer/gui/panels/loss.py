"""The loss over updates."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg

from gradexplorer.export.tables import Table
from gradexplorer.gui.decimate import envelope, last_of_each
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.series_panel import SeriesPanel
from gradexplorer.gui.text import magnitude
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
        self.raw = self.curve()
        self.smooth = self.curve(smooth=True)
        self.held_out = pg.PlotDataItem(connect="finite", symbol="o", symbolSize=6, pxMode=True)
        self.plot.view.addItem(self.held_out, ignoreBounds=True)

    def recolor(self) -> None:
        """Give the curves their colours."""
        colors = self.colors
        self.raw.setPen(pg.mkPen(colors.raw, width=1))
        self.smooth.setPen(pg.mkPen(colors.smooth, width=2))
        self.held_out.setPen(pg.mkPen(colors.held_out, width=1))
        self.held_out.setSymbolBrush(pg.mkBrush(colors.held_out))
        self.held_out.setSymbolPen(pg.mkPen(colors.base, width=0.5))
        self.not_finite.set_color(colors.not_a_number)
        self.plot.legend.set_entries(
            (
                Entry("faint", colors.raw, "each update"),
                Entry("line", colors.smooth, "smoothed"),
                Entry("dot", colors.held_out, "held out"),
                Entry("tick", colors.not_a_number, "not finite"),
            )
        )

    def draw(self, view: RunView) -> None:
        """Draw what is visible of the history."""
        columns = self.plot.columns()
        shown = view.history.buckets(self.follow_updates(view), columns)
        raw = envelope(shown, self.heights(shown.loss_low), self.heights(shown.loss_high))
        self.raw.setData(*raw)
        self.smooth.setData(shown.last, self.heights(shown.smoothed_loss))
        measured = np.isfinite(shown.held_out_loss)
        held_out = self.heights(shown.held_out_loss[measured])
        self.held_out.setData(*last_of_each(shown.held_out_at[measured], held_out, columns // 24))
        self.mark_not_finite(shown.first, shown.loss_not_finite)
        self.follow_values(raw[1], held_out)

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
            f"smoothed {magnitude(smoothed)}",
        ]
        if np.isfinite(row["held_out_loss"]):
            lines.append(f"held out {magnitude(row['held_out_loss'])}")
        return "\n".join(lines)
