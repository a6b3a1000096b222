"""The loss over updates."""

from __future__ import annotations

import re

import numpy as np

from gradexplorer.export.tables import Table
from gradexplorer.gui.decimate import envelope, last_of_each
from gradexplorer.gui.items.levels import LevelsItem
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.columns import beside
from gradexplorer.gui.panels.series_panel import FAINT, SeriesPanel
from gradexplorer.gui.pinned import amid
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.theme import mix
from gradexplorer.gui.view import RunView
from gradexplorer.tasks.task import Baseline
from gradexplorer.training.history import History


class LossPanel(SeriesPanel):
    """Training loss, raw and smoothed, the held-out loss, and what is reached without learning."""

    name = "loss"
    title = "Loss"
    help = (
        "The training loss of each update, faint, behind its moving average, and the loss on "
        "held-out data where it was measured. Thin dashed lines: the task's baselines, the losses "
        "that are reached without learning what there is to learn."
    )

    def __init__(self) -> None:
        super().__init__("loss")
        self.raw = self.plot.add_curve()
        self.smooth = self.plot.add_curve(width=2.0, smooth=True)
        self.held_out = self.plot.add_curve(smooth=True, dots=3.0)
        self.baselines = LevelsItem()
        self.plot.view.addItem(self.baselines, ignoreBounds=True)

    def recolor(self) -> None:
        """Give the curves their colours."""
        colors = self.colors
        self.raw.set_color(mix(colors.raw, colors.base, FAINT))
        self.smooth.set_color(colors.smooth)
        self.held_out.set_color(colors.held_out, rim=colors.base)
        self.baselines.set_color(colors.text)
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
        baselines = view.shape.baselines if len(view.history) else ()
        levels = self.heights(np.array([baseline.loss for baseline in baselines]))
        self.baselines.show_levels(levels.tolist())
        pinned = self.show_pinned(view, "smoothed_loss")
        self.follow_values(raw[1], held_out, levels, *pinned)
        self._set_legend(view, baselines, held_out=bool(measured.any()))

    def _set_legend(
        self, view: RunView, baselines: tuple[Baseline, ...], *, held_out: bool
    ) -> None:
        entries = [Entry.of(self.raw, "each update"), Entry.of(self.smooth, "smoothed")]
        if held_out:
            entries.append(Entry("dot", self.colors.held_out, "held out"))
        entries += self.common_entries(view)
        entries += [
            Entry.of_pen(self.baselines.pen(index), f"{baseline.name}: {magnitude(baseline.loss)}")
            for index, baseline in enumerate(baselines)
        ]
        others = self.pinned.entries(view.pinned, view.config)
        self.plot.legend.set_entries(amid(entries, others, first=2))

    def table(self) -> Table:
        """Return every update's losses, the held-out one where it was measured, and baselines."""
        if self.view is None:
            return Table({})
        history = self.view.history
        levels = {
            _column(baseline): np.full(history.kept, baseline.loss)
            for baseline in self.view.shape.baselines
        }
        others = (
            (run, run.history.metrics["iteration"], _columns(run.history))
            for run in self.view.pinned
        )
        own = {**_columns(history), **levels}
        return beside("iteration", history.metrics["iteration"], own, others)

    def describe(self, x: float, _y: float) -> str:
        """Return the losses at the update under the mouse, and how far from each baseline."""
        return self.described(x, "loss", self._told(x))

    def _told(self, x: float) -> list[str]:
        found = self.row_at(x)
        if found is None or self.view is None:
            return []
        row, smoothed = found
        lines = [
            f"loss {magnitude(row['loss'])}",
            f"smoothed {magnitude(smoothed['loss'])}",
        ]
        if np.isfinite(row["held_out_loss"]):
            lines.append(f"held out {magnitude(row['held_out_loss'])}")
        lines += [
            f"smoothed is {magnitude(smoothed['loss'] / baseline.loss)} of the baseline, "
            f"{baseline.name}"
            for baseline in self.view.shape.baselines
        ]
        return lines


def _columns(history: History) -> dict[str, np.ndarray]:
    rows = history.metrics
    return {
        "loss": rows["loss"],
        "smoothed_loss": history.smoothed_loss,
        "held_out_loss": np.ma.masked_invalid(rows["held_out_loss"]),
    }


def _column(baseline: Baseline) -> str:
    """Return what a baseline's column is called, e.g. ``baseline_always_0_5``."""
    return "_".join(["baseline", *re.findall(r"\w+", baseline.name)])
