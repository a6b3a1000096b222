"""What each truncation length would leave of the gradient."""

from __future__ import annotations

from functools import partial

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QMenu

from gradexplorer.analysis.truncation import BIAS, TruncationLens
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

_BIASES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
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
        "and the cosine between both gradients. The mark is the smallest K within the bias that "
        "the dotted line chooses; drag it, or choose one in the ⋯ menu. Drag the dashed line to "
        "read off another K, with the time and the memory that an update of so many steps takes."
    )

    def __init__(self, reach: Reach) -> None:
        plot = Plot("truncation length K", "bias", log_y=True)
        super().__init__(plot)
        plot.bottom.counts = True
        self.tolerance = pg.InfiniteLine(angle=0, movable=True, pos=np.log10(BIAS))
        self.tolerance.setZValue(40)
        self.tolerance.hide()
        plot.view.addItem(self.tolerance, ignoreBounds=True)
        self.tolerance.sigPositionChanged.connect(self._dragged)
        self.estimate = plot.add_curve(width=1.0, smooth=True)
        self.cosine = plot.add_curve(width=1.5, smooth=True)
        self.pinned = PinnedCurves(plot)
        self.bias = plot.add_curve(width=2.0, smooth=True)
        self.smallest = plot.add_curve(style=Qt.PenStyle.NoPen, dots=5.0)
        self._bias: float | None = None  # what the measurement was asked for, until chosen here
        self._is_placing = False
        self._reach, self.handle = reach, ReachCursor(plot, reach)
        reach.changed.connect(self._say)

    def recolor(self) -> None:
        """Give the curves their colours."""
        colors = self.colors
        self.bias.set_color(colors.smooth)
        self.estimate.set_color(colors.muted)
        self.cosine.set_color(colors.held_out)
        self.pinned.set_colors(colors)
        self.tolerance.setPen(pg.mkPen(colors.muted, width=2, style=Qt.PenStyle.DotLine))
        self.tolerance.setHoverPen(pg.mkPen(colors.muted, width=4))
        self.smallest.set_color(colors.held_out, rim=colors.base)
        self.handle.set_colors(colors)

    def clear(self) -> None:
        """Draw nothing."""
        for curve in (self.bias, self.estimate, self.cosine, self.smallest):
            curve.clear()
        self.handle.line.hide()
        self.tolerance.hide()

    def extend_menu(self, menu: QMenu) -> None:
        """Offer some biases to look for."""
        choices = menu.addMenu("Bias looked for")
        for bias in _BIASES:
            choices.addAction(f"{bias:.0%}").triggered.connect(partial(self.choose_bias, bias))

    def choose_bias(self, bias: float, _checked: bool = False) -> None:
        """Look for the smallest K within another bias."""
        self._bias = bias
        self._redraw()

    @Slot()
    def _dragged(self) -> None:
        """Take over a bias of two digits, at most 1, and put the line where that is."""
        if not self._is_placing:
            place = min(max(self.tolerance.value(), _SMALLEST), 0.0)
            self.choose_bias(float(f"{10.0**place:.2g}"))

    def _place_tolerance(self, level: float) -> None:
        self._is_placing = True
        self.tolerance.setValue(level)
        self._is_placing = False
        self.tolerance.show()

    def show_result(self, result: TruncationLens, view: RunView, *, news: bool) -> None:
        """Draw the biases."""
        result = result if self._bias is None else result.with_bias(self._bias)
        lengths, longest = result.lengths, int(result.lengths[-1])
        bias = log_heights(result.bias)
        self.bias.show_points(lengths, bias)
        self.cosine.show_points(lengths, log_heights(result.cosine))
        level = np.log10(result.chosen_bias)
        self._place_tolerance(level)
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
        return f"K = {result.smallest_k:,} for {100.0 * result.chosen_bias:.3g}%"

    def _say(self, steps: int) -> None:
        """Tell the bias at K, and in the header what so many steps take."""
        result = self.result(self.view)
        if result is not None and self.view is not None and steps <= len(result.lengths):
            self.plot.legend.set_note(f"K = {steps:,}: bias {_share(result.bias[steps - 1])}")
            self._tell_headline(self.view)

    def note(self, view: RunView) -> str:
        """Return which update was measured, and what an update of K steps takes."""
        result, steps = self.result(view), self._reach.steps
        cost = [] if result is None or steps > len(result.lengths) else _cost(result, steps)
        return super().note(view) + (f"; K = {steps:,} takes {', '.join(cost)}" if cost else "")

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
    cost = _cost(result, row + 1)
    if cost:
        lines.append(f"an update of so many steps: {', '.join(cost)}")
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


def _cost(result: TruncationLens, length: int) -> list[str]:
    """Return time and memory of an update of so many steps, where that is known."""
    seconds, memory = result.seconds[length - 1], result.bytes[length - 1] / 1e6
    if not np.isfinite(seconds):
        return []
    return [f"{1e3 * seconds:.2g} ms", f"{memory:.2g} MB"]


def _share(value: float) -> str:
    return f"{value:.2%}" if 1e-4 <= value < 10.0 else magnitude(value)
