"""What each truncation length would leave of the gradient."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt

from gradexplorer.analysis.truncation import TruncationLens
from gradexplorer.export.tables import Table
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.columns import beside
from gradexplorer.gui.panels.decades import decades, log_heights
from gradexplorer.gui.panels.measured_panel import MeasuredPanel
from gradexplorer.gui.pinned import PinnedCurves, amid
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.reach import Reach, ReachCursor
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.view import RunView

_SMALLEST = -16.0  # a decade below what rounding leaves


class TruncationLensPanel(MeasuredPanel):
    """Relative bias and cosine of the truncated gradient against the full one, for every K."""

    name = "truncation-lens"
    title = "Truncation lens"
    tab = "Truncation"
    kind = "truncation"
    help = (
        "The relative bias ‖g_K − g‖ ÷ ‖g‖ that truncating after K steps would give the gradient "
        "of this batch, exact and as Aicher (2019) estimates it from the lag profile, "
        "and the cosine between both gradients. The mark is the smallest K within the chosen bias; "
        "drag the dashed line to read off another."
    )

    def __init__(self, reach: Reach) -> None:
        plot = Plot("truncation length K", "bias", log_y=True)
        super().__init__(plot)
        plot.bottom.counts = True
        self.chosen = plot.add_curve(style=Qt.PenStyle.DotLine)
        self.estimate = plot.add_curve(width=1.0, smooth=True)
        self.cosine = plot.add_curve(width=1.5, smooth=True)
        self.pinned = PinnedCurves(plot)
        self.bias = plot.add_curve(width=2.0, smooth=True)
        self.smallest = plot.add_curve(style=Qt.PenStyle.NoPen, dots=5.0)
        self._reach, self.handle = reach, ReachCursor(plot, reach)
        reach.changed.connect(self._say)

    def recolor(self) -> None:
        """Give the curves their colours."""
        colors = self.colors
        self.bias.set_color(colors.smooth)
        self.estimate.set_color(colors.muted)
        self.cosine.set_color(colors.held_out)
        self.pinned.set_colors(colors)
        self.chosen.set_color(colors.muted)
        self.smallest.set_color(colors.held_out, rim=colors.base)
        self.handle.set_colors(colors)

    def clear(self) -> None:
        """Draw nothing."""
        for curve in (self.bias, self.estimate, self.cosine, self.chosen, self.smallest):
            curve.clear()
        self.handle.line.hide()

    def show_result(self, result: TruncationLens, view: RunView, *, news: bool) -> None:
        """Draw the biases."""
        lengths, longest = result.lengths, int(result.lengths[-1])
        bias = log_heights(result.bias)
        self.bias.show_points(lengths, bias)
        self.cosine.show_points(lengths, log_heights(result.cosine))
        level = np.log10(result.chosen_bias)
        self.chosen.show_points(np.array([0.0, longest]), np.array([level, level]))
        index = result.smallest_k - 1
        at = bias[index] if np.isfinite(bias[index]) else _SMALLEST
        self.smallest.show_points(np.array([result.smallest_k]), np.array([at]))
        entries = [
            Entry.of(self.bias, "bias"),
            Entry("dot", self.colors.held_out, self._smallest_text(result)),
            Entry.of(self.cosine, "cosine"),
        ]
        estimate = np.full(len(lengths), np.nan)
        if result.aicher is not None:
            estimate = log_heights(result.aicher.bias)
            entries.insert(2, Entry.of(self.estimate, "Aicher's estimate"))
        self.estimate.show_points(lengths, estimate)
        others = [log_heights(other.result.bias) for other in self.others]
        for (run, theirs), heights in zip(self.others, others, strict=True):
            self.pinned.of(run).show_points(theirs.lengths, heights)
        self.handle.line.show()
        if news:
            self._reach.set_most(longest, view.config.bptt.k2 or longest)
        longest = max([longest, *(len(other.result.lengths) for other in self.others)])
        if self.plot.following:
            self.plot.set_x_range(1.0 - 0.02 * longest, 1.02 * longest)
            low, _ = decades(bias, np.array([0.0, level]), *others)
            self.plot.set_y_range(max(low, _SMALLEST), 1.0)
        self.plot.legend.set_entries(amid(entries, self.other_entries(view)))
        self._say(self._reach.steps)

    def _smallest_text(self, result: TruncationLens) -> str:
        return f"K = {result.smallest_k:,} for {result.chosen_bias:.0%}"

    def _say(self, steps: int) -> None:
        """Tell the bias at K."""
        result = self.result(self.view)
        if result is not None and steps <= len(result.lengths):
            self.plot.legend.set_note(f"K = {steps:,}: bias {_share(result.bias[steps - 1])}")

    def table_of(self, result: TruncationLens) -> Table:
        """Return bias, cosine and cost for every K."""
        others = ((run, theirs.lengths, _columns(theirs)) for run, theirs in self.others)
        return beside("k2", result.lengths, _columns(result), others)

    def describe(self, x: float, _y: float) -> str:
        """Return what the K under the mouse costs and leaves."""
        result, length = self.result(self.view), round(x)
        if result is None or length < 1:
            return ""
        lines = _told(result, length - 1) if length <= len(result.lengths) else []
        lines += [
            f"{run.sign} bias {_share(theirs.bias[length - 1])}"
            for run, theirs in self.others
            if length <= len(theirs.lengths)
        ]
        return "\n".join([f"K = {length:,}", *lines]) if lines else ""


def _told(result: TruncationLens, row: int) -> list[str]:
    lines = [f"bias {_share(result.bias[row])}", f"cosine {result.cosine[row]:.6f}"]
    if result.aicher is not None:
        lines.append(f"Aicher's estimate {_share(result.aicher.bias[row])}")
    if np.isfinite(result.seconds[row]):
        seconds, memory = 1e3 * result.seconds[row], result.bytes[row] / 1e6
        lines.append(f"an update of so many steps: {seconds:.2g} ms, {memory:.2g} MB")
    return lines


def _columns(result: TruncationLens) -> dict[str, np.ndarray]:
    columns = {
        "bias": result.bias,
        "cosine": result.cosine,
        "seconds": result.seconds,
        "bytes": result.bytes,
    }
    if result.aicher is not None:
        columns["aicher_bias"] = result.aicher.bias
    return columns


def _share(value: float) -> str:
    return f"{value:.2%}" if 1e-4 <= value < 10.0 else magnitude(value)
