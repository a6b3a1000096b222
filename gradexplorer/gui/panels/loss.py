"""The loss over updates."""

from __future__ import annotations

import numpy as np

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
        self.raw = self.plot.add_curve()
        self.smooth = self.plot.add_curve(width=2.0, smooth=True)
        self.held_out = self.plot.add_curve(smooth=True, dots=3.0)

    def recolor(self) -> None:
        """Give the curves their colours."""
        colors = self.colors
        self.raw.set_color(colors.raw)
        self.smooth.set_color(colors.smooth)
        self.held_out.set_color(colors.held_out, rim=colors.base)
        self.not_finite.set_color(colors.not_a_number)

    def draw(self, view: RunView) -> None:
        """Draw what is visible of the history."""
        visible = self.follow_updates(view)
        rows = view.history.metrics[visible]
        columns, updates = self.plot.columns(), rows["iteration"]
        raw = envelope(updates, self.heights(rows["loss"]), columns)
        smoothed = self.heights(view.history.smoothed_loss[visible])
        self.raw.show_points(*raw)
        self.smooth.show_points(*last_of_each(updates, smoothed, columns))
        measured = rows[np.isfinite(rows["held_out_loss"])]
        held_out = self.heights(measured["held_out_loss"])
        self.held_out.show_points(*last_of_each(measured["iteration"], held_out, columns // 24))
        self.mark_not_finite(rows, "loss")
        self.follow_values(raw[1], held_out)
        self._set_legend(held_out=bool(len(measured)))

    def _set_legend(self, *, held_out: bool) -> None:
        entries = [Entry.of(self.raw, "each update"), Entry.of(self.smooth, "smoothed")]
        if held_out:
            entries.append(Entry("dot", self.colors.held_out, "held out"))
        self.plot.legend.set_entries((*entries, *self.not_finite_entry()))

    def table(self) -> Table:
        """Return every update's loss; the held-out loss is empty where it was not measured."""
        if self.view is None:
            return Table({})
        rows = self.view.history.metrics
        measured = np.isfinite(rows["held_out_loss"])
        return Table(
            {
                "iteration": rows["iteration"],
                "loss": rows["loss"],
                "smoothed_loss": self.view.history.smoothed_loss,
                "held_out_loss": [
                    value if known else None
                    for value, known in zip(
                        rows["held_out_loss"].tolist(), measured.tolist(), strict=True
                    )
                ],
            }
        )

    def describe(self, x: float, _y: float) -> str:
        """Return the losses at the update under the mouse."""
        history = self.view.history if self.view is not None else None
        index = round(x) - 1
        if history is None or not 0 <= index < len(history):
            return ""
        row = history.metrics[index]
        lines = [
            f"update {index + 1:,}",
            f"loss {magnitude(row['loss'])}",
            f"smoothed {magnitude(history.smoothed_loss[index])}",
        ]
        if np.isfinite(row["held_out_loss"]):
            lines.append(f"held out {magnitude(row['held_out_loss'])}")
        return "\n".join(lines)
