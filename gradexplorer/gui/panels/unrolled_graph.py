"""The network unrolled over time, with what flows back through it."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QMenu

from gradexplorer.export.tables import Table
from gradexplorer.gui.depth import DepthAxis
from gradexplorer.gui.items.unrolled import Row, Unrolled, UnrolledItem
from gradexplorer.gui.items.unrolled_stepping import Progress
from gradexplorer.gui.items.value_scale import ValueScale
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.panel import Panel
from gradexplorer.gui.panels.step_words import told, weights_read, where
from gradexplorer.gui.panels.stepping import Stepping
from gradexplorer.gui.panels.unrolled_choices import Choices
from gradexplorer.gui.panels.unrolled_entries import inside_entries, value_entries
from gradexplorer.gui.panels.unrolled_hover import Spot, is_at_node, spot_at
from gradexplorer.gui.panels.unrolled_readout import ReadOut
from gradexplorer.gui.panels.unrolled_rows import (
    of_shape,
    of_trace,
    one_sided,
    with_pinned,
    without_ends,
)
from gradexplorer.gui.panels.unrolled_table import table_of
from gradexplorer.gui.passes import Passes
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.text import magnitude, subscript
from gradexplorer.gui.view import (
    RunView,
    depth,
    latest_note,
    magnitudes_shown,
    step_label,
    update_note,
)
from gradexplorer.training.history import History
from gradexplorer.training.inside import CANDIDATES, Detail
from gradexplorer.training.snapshot import WindowTrace, step_letter

_SHORT = {"L": "loss", "y": "output", "h": "hidden", "c": "cell", "x": "input", "s": "plant"}
_SHORT |= dict.fromkeys("iforz", "gate") | dict.fromkeys(CANDIDATES, "cand.")
_OF_CELL = ("h", "c", *"ifgorzn")
_NAME = 12.0  # pixels from one row's name to the next at least


class UnrolledGraphPanel(Panel):
    """Inputs, states, outputs and losses of one window, and the gradients between them."""

    name = "unrolled-graph"
    title = "Unrolled graph"
    shows_magnitudes = True
    help = (
        "Time, or the layers of a feedforward network, runs to the right, gradients run to the "
        "left. The colour and the width of a backward edge, and the colour of a node, are the "
        "gradient's magnitude there. Where a network is small and there is room, nodes show "
        "numbers of the batch's first sequence: the value above, its gradient below. An update "
        "can be stepped through: forward pass, loss, backward pass and the weights' change. A "
        "cell of an LSTM or GRU can be opened (G, or a click on it): its gates stand below it, "
        "each joined to what it feeds and what feeds it, with its mean opening and the norm of "
        "its gradient; below a gate an edge carries dL/da, what is left behind the gate's slope. "
        "V shows forward values, backward gradients or both. The arc around a node, or the bar "
        "above it, is the share of its units that is saturated, dotted where units are 0 in every "
        "sequence."
    )

    def __init__(self, axis: DepthAxis) -> None:
        plot = Plot("timestep t", "")
        super().__init__(plot)
        self.item = UnrolledItem(plot.font_small)
        plot.view.addItem(self.item, ignoreBounds=True)
        plot.view.setMouseEnabled(x=True, y=False)
        plot.grid.hide()
        plot.bottom.counts = True
        axis.join(plot, self.at_step)
        self._axis = axis
        self._data = Unrolled()
        self._letter = "t"
        self._trace: WindowTrace | None = None
        self._history: History | None = None
        self._values: ValueScale | None = None
        self._asked = Detail.NONE
        self.stepping = Stepping(self, plot)
        self.choices = Choices(self)
        self.choices.changed.connect(self._redraw)
        self.controls = self.stepping.buttons
        self.stepping.put_before(self.choices.button)
        plot.scene().sigMouseClicked.connect(self._click)
        self._layout.addWidget(self.stepping.caption)
        self._playhead = self.stepping.playhead
        self._playhead.moved.connect(self._follow_playhead)
        self._playhead.changed.connect(self._show_entries)

    def recolor(self) -> None:
        """Give the graph its colours."""
        self.item.set_colors(self.colors)
        self.stepping.set_colors(self.colors)
        self.choices.set_colors(self.colors)

    def extend_menu(self, menu: QMenu) -> None:
        """Offer to step through the update, and what to show of it."""
        self.stepping.add_to(menu)
        self.choices.add_to(menu)

    @property
    def details(self) -> Detail:
        """What it shows of a trace, while it can be seen."""
        return self.choices.details if self.is_in_sight else Detail.NONE

    @Slot(object)
    def _click(self, event: Any) -> None:
        """Open or close the cell whose node was clicked."""
        if event.double() or event.button() != Qt.MouseButton.LeftButton:
            return
        place = self.plot.view.mapSceneToView(event.scenePos())
        spot = self._spot(place.x(), place.y())
        if spot is None or spot.is_road or spot.link is not None or spot.row.run:
            return
        row, at_node = spot.row, is_at_node(self._data, spot, place, self.plot.view.viewPixelSize())
        if at_node and row.name in _OF_CELL and self.choices.gates.isEnabled():
            self.choices.open(None if self.choices.opened == row.stage else row.stage)

    @Slot(bool)
    def set_in_sight(self, in_sight: bool) -> None:
        """Learn whether a tab is in front of it."""
        super().set_in_sight(in_sight)
        self._playhead.set_in_sight(in_sight=self.is_in_sight)
        self._ask()

    def showEvent(self, event: object) -> None:  # noqa: N802
        """Let what plays go on."""
        super().showEvent(event)
        self._playhead.set_in_sight(in_sight=self.is_in_sight)
        self._ask()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Let what plays wait until it is seen."""
        super().hideEvent(event)
        self._playhead.set_in_sight(in_sight=False)
        self._ask()

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
        model = view.config.model
        self.choices.offer(model.cell, model.layers)
        opened = self.choices.opened
        data = of_shape(view, opened) if trace is None else of_trace(trace, view, opened)
        if not self.choices.ends.isChecked():
            data = without_ends(data)
        self._data = with_pinned(data, view)
        heights = [row.height for row in self._data.rows]
        self.plot.set_y_range(min(heights) - 0.4, max(heights) + 0.4)
        self._name_rows()
        self.plot.set_labels(step_label(view), "")
        self._axis.show_steps(depth(view))
        sides, scale = self.choices.sides, view.scale
        self._values = ValueScale(_values(self._data)) if sides == "values" else None
        self.plot.legend.set_scale(None if sides == "values" else scale)
        self._show_entries()
        self.item.show_data(one_sided(self._data, sides), self._values or scale)
        self._show_progress(view)
        self._ask()

    def _ask(self) -> None:
        """Ask for what is shown now, if that is not what was asked for."""
        if self.details != self._asked:
            self._asked = self.details
            self.details_changed.emit()

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
            Entry("text", colors.text, text)
            for sides, text in (("gradients", "forward →"), ("values", "← gradient"))
            if self.choices.sides != sides
        ]
        if self._trace is None or self._playhead.is_active:
            dots = Qt.PenStyle.DotLine
            entries.append(Entry("ring", colors.zero, "not known yet", dashed=True, dashes=dots))
        if self._playhead.is_active:
            entries.append(Entry("ring", colors.accent, "computed now"))
        if self._trace is not None:
            entries += [Entry("text", colors.muted, text) for text in weights_read(self._trace)]
        if self._values is not None:
            entries += value_entries(colors, self._values)
        entries += inside_entries(colors, self._data)
        drawn = one_sided(self._data, self.choices.sides)
        shown = [row.nodes for row in drawn.rows if row.nodes is not None]
        nodes = np.concatenate(shown) if shown else np.zeros(0)
        if self._values is None and (nodes == 0.0).any():
            entries.append(Entry("ring", colors.zero, "exactly zero"))
        if np.isnan(nodes).any():
            entries.append(Entry("dot", colors.not_a_number, "NaN"))
        if np.isinf(nodes).any():
            entries.append(Entry("dot", colors.infinite, "infinite"))
        if drawn.cuts.any():
            entries.append(Entry("line", colors.limit, "cut", 1.2, dashed=True))
        return tuple(entries)

    def table(self) -> Table:
        """Return magnitudes and values at every step; empty where there is no node or no trace."""
        axis = self.view.shape.axis if self.view is not None else "timestep"
        return table_of(self._data, axis)

    def describe(self, x: float, y: float) -> str:
        """Return the node or the edge under the mouse: values, gradients, shapes."""
        spot = self._spot(x, y)
        if spot is None or self.view is None:
            return ""
        return ReadOut(self._data, self._trace, self.view, self._playhead).of(spot)

    def at_step(self, step: int) -> str:
        """Return the top layer's gradient at a step, where another view shows it."""
        trace = self._trace
        if trace is None or not 1 <= step <= len(trace.dh.mean):
            return ""
        told = f"‖dL/dh{subscript(step)}‖ = {magnitude(trace.dh.mean[step - 1])}"
        return f"{told}, h {magnitude(trace.hidden[step - 1])}"

    def _spot(self, x: float, y: float) -> Spot | None:
        width, height = self.plot.view.viewPixelSize()
        return spot_at(self._data, x, y, 1.0 / width, 1.0 / height)


def _values(data: Unrolled) -> np.ndarray:
    """Return all values that are coloured."""
    found = [row.shown for row in data.rows if row.shown is not None]
    return np.concatenate(found) if found else np.zeros(0)


def _name(row: Row) -> str:
    return f"{row.name}{row.mark}{row.run}"
