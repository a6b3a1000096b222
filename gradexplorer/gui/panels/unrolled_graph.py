"""The network unrolled over time, with what flows back through it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QMenu

from gradexplorer.engine.truncation import Cut
from gradexplorer.export.tables import Table
from gradexplorer.gui.depth import DepthAxis
from gradexplorer.gui.items.unrolled import Row, Unrolled, UnrolledItem
from gradexplorer.gui.items.unrolled_stepping import Progress
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.panel import Panel
from gradexplorer.gui.panels.step_words import told, weights_read, where
from gradexplorer.gui.panels.stepping import Stepping
from gradexplorer.gui.panels.unrolled_rows import of_shape, of_trace, with_pinned
from gradexplorer.gui.passes import Passes
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.text import magnitude, signed, subscript
from gradexplorer.gui.view import (
    RunView,
    depth,
    latest_note,
    magnitudes_shown,
    step_label,
    update_note,
)
from gradexplorer.training.history import History
from gradexplorer.training.snapshot import WindowTrace, step_letter

_SHORT = {"L": "loss", "y": "output", "h": "hidden", "c": "cell", "x": "input", "s": "plant"}
_MEANING = {
    "L": "loss",
    "y": "output",
    "h": "hidden state",
    "c": "cell state",
    "x": "input",
    "s": "plant's state",
}
_NAME = 12.0  # pixels from one row's name to the next at least
_REACH = 0.5  # of the mouse, in units of height
_CUT = "nothing passes on to the left: cut"
_CUT_IN_PART = "some losses pass on to the left, others are cut here"


class UnrolledGraphPanel(Panel):
    """Inputs, states, outputs and losses of one window, and the gradients between them."""

    name = "unrolled-graph"
    title = "Unrolled graph"
    shows_magnitudes = True
    help = (
        "Time, or the layers of a feedforward network, runs to the right, gradients run to the "
        "left. The colour and the width of a backward edge, and the colour of a node, are the "
        "gradient's magnitude there. Where a network is small and there is room, nodes show "
        "numbers of the batch's first sequence: the value above, its gradient below. An update can "
        "be stepped through: forward pass, loss, backward pass and the weights' change."
    )

    def __init__(self, axis: DepthAxis) -> None:
        plot = Plot("timestep t", "")
        super().__init__(plot)
        self.item = UnrolledItem(plot.font_small)
        plot.view.addItem(self.item, ignoreBounds=True)
        plot.view.setMouseEnabled(x=True, y=False)
        plot.grid.hide()
        plot.bottom.counts = True
        axis.join(plot)
        self._axis = axis
        self._data = Unrolled()
        self._letter = "t"
        self._trace: WindowTrace | None = None
        self._history: History | None = None
        self.stepping = Stepping(self, plot)
        self.controls = self.stepping.buttons
        self._layout.addWidget(self.stepping.caption)
        self._playhead = self.stepping.playhead
        self._playhead.moved.connect(self._follow_playhead)
        self._playhead.changed.connect(self._show_entries)

    def recolor(self) -> None:
        """Give the graph its colours."""
        self.item.set_colors(self.colors)
        self.stepping.set_colors(self.colors)

    def extend_menu(self, menu: QMenu) -> None:
        """Offer to step through the update."""
        self.stepping.add_to(menu)

    @Slot(bool)
    def set_in_sight(self, in_sight: bool) -> None:
        """Learn whether a tab is in front of it."""
        super().set_in_sight(in_sight)
        self._playhead.set_in_sight(in_sight=self.is_in_sight)

    def showEvent(self, event: object) -> None:  # noqa: N802
        """Let what plays go on."""
        super().showEvent(event)
        self._playhead.set_in_sight(in_sight=self.is_in_sight)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Let what plays wait until it is seen."""
        super().hideEvent(event)
        self._playhead.set_in_sight(in_sight=False)

    def hint(self, _view: RunView) -> str:
        """Return nothing: the network is there before it runs."""
        return ""

    def drawn_of(self, view: RunView) -> tuple[object, ...]:
        """Return the trace, and what else is drawn of it."""
        return (*magnitudes_shown(view), view.is_paused)

    def note(self, view: RunView) -> str:
        """Return which update is shown, and where in it one is."""
        trace = self._trace
        if trace is None:
            return update_note(view)
        note = f"update {trace.iteration:,}"
        if self._playhead.is_active:
            note += f"  ·  {where(self._playhead.place, trace.axis)}"
        return note + latest_note(view)

    def draw(self, view: RunView) -> None:
        """Draw the latest trace, or what a window will look like."""
        trace = self._take_trace(view)
        self._letter = step_letter(view.shape.axis)
        self._data = of_shape(view) if trace is None else of_trace(trace, view)
        self._data = with_pinned(self._data, view)
        heights = [row.height for row in self._data.rows]
        self.plot.set_y_range(min(heights) - 0.4, max(heights) + 0.4)
        self._name_rows()
        self.plot.set_labels(step_label(view), "")
        self._axis.show_steps(depth(view))
        self.plot.legend.set_scale(view.scale)
        self._show_entries()
        self.item.show_data(self._data, view.scale)
        self._show_progress(view)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Name as many rows as there is room for."""
        super().resizeEvent(event)
        self._name_rows()

    def _name_rows(self) -> None:
        low, high = self.plot.view.viewRange()[1]
        apart = _NAME * (high - low) / max(self.plot.view.height(), 1.0)
        named: list[tuple[float, str]] = []
        for row in sorted(self._data.rows, key=lambda row: -row.height):
            if not named or named[-1][0] - row.height >= apart:
                named.append((row.height, f"{_SHORT[row.name]} {_name(row)}"))
        self.plot.left.setTicks([named[::-1]])

    def _take_trace(self, view: RunView) -> WindowTrace | None:
        """Return what to show: while a run goes on, the update that one is stepping through."""
        goes_on = view.is_running and not view.is_paused and view.moment is None
        same_run = view.history is self._history
        if goes_on and same_run and self._playhead.is_active and self._trace is not None:
            return self._trace
        self._history = view.history
        if view.trace is not self._trace:
            self._trace = trace = view.trace
            steps, layers = (0, 1) if trace is None else (len(trace.dh.mean), len(trace.layers))
            self._playhead.set_passes(Passes(steps, layers))
        self.stepping.offer(has_update=self._trace is not None)
        return self._trace

    @Slot()
    def _follow_playhead(self) -> None:
        if self.view is None:
            return
        if self._playhead.is_active:
            self._show_progress(self.view)
        else:  # what came meanwhile
            self.draw(self.view)
        self._tell_headline(self.view)
        self.plot.refresh_readout()

    def _show_progress(self, view: RunView) -> None:
        playhead = self._playhead
        if not playhead.is_active or self._trace is None:
            self.item.show_progress(None)
            self.stepping.say("")
            return
        place = playhead.place
        self.item.show_progress(Progress(playhead.passes, playhead.index, playhead.on_the_way))
        self.stepping.say(told(place, self._trace, view))

    @Slot()
    def _show_entries(self) -> None:
        self.plot.legend.set_entries(self._entries())

    def _entries(self) -> tuple[Entry, ...]:
        """Name the marks that are there."""
        colors = self.colors
        entries = [
            Entry("text", colors.text, "forward →"),
            Entry("text", colors.text, "← gradient"),
        ]
        if self._trace is None or self._playhead.is_active:
            entries.append(Entry("ring", colors.zero, "not known yet"))
        if self._playhead.is_active:
            entries.append(Entry("ring", colors.accent, "computed now"))
        if self._trace is not None:
            entries += [Entry("text", colors.muted, text) for text in weights_read(self._trace)]
        shown = [row.nodes for row in self._data.rows if row.nodes is not None]
        nodes = np.concatenate(shown) if shown else np.zeros(0)
        if (nodes == 0.0).any():
            entries.append(Entry("ring", colors.zero, "exactly zero"))
        if np.isnan(nodes).any():
            entries.append(Entry("dot", colors.not_a_number, "NaN"))
        if np.isinf(nodes).any():
            entries.append(Entry("dot", colors.infinite, "infinite"))
        if self._data.cuts.any():
            entries.append(Entry("line", colors.limit, "cut", 1.2, dashed=True))
        return tuple(entries)

    def table(self) -> Table:
        """Return the magnitudes at every step; empty where there is no node or no trace yet."""
        steps = self._data.steps
        columns: dict[str, list[float | None]] = {}
        for row in self._data.rows:
            layer = f"_l{row.stage}" if row.mark else ""
            name = f"d{row.name}{layer}{row.run}"
            columns[name] = _spread(row.steps, row.nodes, steps)
            if row.is_road:
                columns[f"{name}_from_next_step"] = _spread(row.steps, row.arriving, steps)
        cuts = [Cut(cut).name.lower() for cut in self._data.cuts]
        cuts += [""] * (steps - len(cuts))
        axis = self.view.shape.axis if self.view is not None else "timestep"
        return Table({axis: range(1, steps + 1), **columns, "cut_before": cuts})

    def describe(self, x: float, y: float) -> str:
        """Return the gradient at the node under the mouse."""
        step = round(x)
        if not self._data.rows or not 1 <= step <= self._data.steps:
            return ""
        row = min(self._data.rows, key=lambda row: abs(row.height - y))
        if abs(row.height - y) > _REACH:
            return ""
        index = np.flatnonzero(row.steps == step)
        if not len(index):
            return f"{self._letter} = {step}"
        meaning = _MEANING[row.name]
        if row.mark:
            meaning += f" of layer {row.stage + 1} of {self._data.layers}"
        lines = [f"{_name(row)} at {self._letter} = {step}: {meaning}"]
        lines += self._values_at(row, int(index[0]), step)
        cut = self._data.cuts[step - 1] if step <= len(self._data.cuts) else Cut.NONE
        if row.is_road and not row.run and cut != Cut.NONE:
            lines.append(_CUT if cut == Cut.FULL else _CUT_IN_PART)
        return "\n".join(lines)

    def _values_at(self, row: Row, index: int, step: int) -> list[str]:
        """Return what is known of a node: its numbers, its gradient, what arrived."""
        is_computed, is_reached_back = True, True
        if self._playhead.is_active:
            passes, now, at = self._playhead.passes, self._playhead.index, np.array([step])
            is_computed = bool(passes.forward(row.stage, at)[0] <= now)
            is_reached_back = bool(passes.backward(row.stage, at)[0] <= now)
        name, lines = row.name + row.mark, []
        if row.nodes is not None and row.name != "L" and is_reached_back:
            lines.append(f"‖dL/d{name}‖ = {magnitude(row.nodes[index])}")
        if row.arriving is not None and step < self._data.steps and is_reached_back:
            lines.append(
                f"arriving from {name}{subscript(step + 1)}: {magnitude(row.arriving[index])}"
            )
        if row.values is not None and row.name != "L" and is_computed:
            lines.append(f"first sequence: {name} = {_listed(row.values[index])}")
        if row.name == "L" and row.values is not None and is_computed:
            lines.append(f"mean over the batch: {_listed(row.values[index])}")
        if row.gradients is not None and is_reached_back:
            lines.append(f"first sequence: dL/d{name} = {_listed(row.gradients[index])}")
        return lines


def _spread(steps: np.ndarray, values: np.ndarray | None, length: int) -> list[float | None]:
    spread: list[float | None] = [None] * length
    if values is not None:
        for step, value in zip(steps.tolist(), values.tolist(), strict=True):
            spread[step - 1] = value
    return spread


def _name(row: Row) -> str:
    return f"{row.name}{row.mark}{row.run}"


def _listed(numbers: np.ndarray) -> str:
    return ", ".join(signed(float(number)) for number in numbers)
