"""What the network puts out on held-out data, against what is true."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QMenu

from gradexplorer.export.tables import Table
from gradexplorer.gui.items.curve import CurveItem
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.confusion import ConfusionDrawing
from gradexplorer.gui.panels.control import PendulumDrawing, PlantResponseDrawing
from gradexplorer.gui.panels.decision_surface import SurfaceDrawing
from gradexplorer.gui.panels.drawing import Drawing
from gradexplorer.gui.panels.forecast import ForecastDrawing
from gradexplorer.gui.panels.panel import Panel, begin_hint
from gradexplorer.gui.panels.sequence_choice import SequenceChoice
from gradexplorer.gui.panels.sequences import NumbersDrawing, SequencesDrawing, SymbolsDrawing
from gradexplorer.gui.panels.utterance import UtteranceDrawing
from gradexplorer.gui.panels.written import WrittenDrawing
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.view import RunView
from gradexplorer.tasks.views import (
    Confusion,
    DecisionSurface,
    Forecast,
    GeneratedText,
    NumberSequences,
    PendulumTrial,
    PlantResponse,
    SymbolSequences,
    Utterance,
)
from gradexplorer.training.snapshot import Evaluation

_LEAD = 0.06
_DOT, _LARGEST_DOT = 3.0, 20.0  # pixels, radius
_DOTS = "held out; a dot's area is their number"


class OutputPanel(Panel):
    """A stream's forecast over time, each held-out sequence's output over its target, or a view.

    A view is what a task has to show instead; for each kind there is a `Drawing`.
    """

    name = "output"
    title = "Output against truth"
    tab = "Output"
    help = (
        "On data that is not trained on: a stream's one-step forecast with the truth behind it, or "
        "for each sequence the output over the target, on the diagonal where it is right; for some "
        "tasks a view of their own, such as a confusion matrix, a decision surface, or one "
        "sequence step by step. Its menu chooses which sequence, and all of them as dots instead. "
        "For a series also a free run, the network fed with its own outputs, and two forecasts "
        "without a network: persistence, the last value again, and seasonal naive, the last season "
        "again; behind each name its root mean square error, one step ahead and then of free runs. "
        "Of a text: an excerpt in which each character before the boxed one is shaded by the "
        "gradient of that one's loss, and what the network writes; a click or the arrow keys box "
        "another."
    )

    def __init__(self) -> None:
        plot = Plot("", "")
        super().__init__(plot)
        self.boundary = plot.add_curve(style=Qt.PenStyle.DashLine)
        self.output = plot.add_curve(width=2.0, smooth=True)
        self.truth = plot.add_curve(smooth=True)
        self.dots = plot.add_curve(style=Qt.PenStyle.NoPen, dots=3.0)
        self.drawings: dict[type, Drawing] = {
            Confusion: ConfusionDrawing(plot),
            DecisionSurface: SurfaceDrawing(plot),
            NumberSequences: NumbersDrawing(plot),
            SymbolSequences: SymbolsDrawing(plot),
            GeneratedText: WrittenDrawing(plot),
            PlantResponse: PlantResponseDrawing(plot),
            PendulumTrial: PendulumDrawing(plot),
            Utterance: UtteranceDrawing(plot),
            Forecast: ForecastDrawing(plot),
        }
        self.choice = SequenceChoice(self)
        self.choice.changed.connect(self._draw_anew)
        self._evaluation: Evaluation | None = None

    def extend_menu(self, menu: QMenu) -> None:
        """Offer the choice of a sequence."""
        self.choice.add_to(menu)

    def note(self, view: RunView) -> str:
        """Return which sequence is shown."""
        evaluation = view.evaluation
        return "" if evaluation is None else self.choice.note(evaluation.view)

    def recolor(self) -> None:
        """Give curves and dots their colours."""
        colors = self.colors
        self.truth.set_color(colors.text)
        self.output.set_color(colors.accent)
        self.boundary.set_color(colors.muted)
        self.dots.set_color(colors.accent, rim=colors.base)
        for drawing in self.drawings.values():
            drawing.recolor(colors)
        self._evaluation = None

    def hint(self, view: RunView) -> str:
        """Return when there will be something to see."""
        if view.evaluation is not None:
            return ""
        if not len(view.history):
            return begin_hint(view)
        if view.moment is not None:
            return "Nothing was measured by then"
        if not view.is_running:
            return "The run ended before the first held-out measurement"
        return f"Appears after update {view.config.training.evaluate_every:,}"

    def heading(self, view: RunView) -> str:
        """Return the title that suits what is drawn."""
        evaluation = view.evaluation
        drawing = None if evaluation is None else self._drawing(evaluation)
        return (drawing and drawing.title) or self.title

    def draw(self, view: RunView) -> None:
        """Draw the latest evaluation."""
        evaluation = view.evaluation
        self.choice.offer(None if evaluation is None else evaluation.view)
        if evaluation is None:
            self._clear()
        else:
            if evaluation is not self._evaluation:
                self._draw(evaluation)
            if self.plot.following:
                self._show_all(evaluation)
        self._evaluation = evaluation

    def _clear(self) -> None:
        for curve in self._curves():
            curve.clear()
        for drawing in self.drawings.values():
            drawing.clear()
        self.plot.set_labels("", "")
        self.plot.set_x_range(0.0, 1.0)
        self.plot.set_y_range(0.0, 1.0)
        self.plot.legend.set_entries(())
        self.plot.legend.set_note("")

    def _curves(self) -> tuple[CurveItem, ...]:
        return self.truth, self.output, self.boundary, self.dots

    def _drawing(self, evaluation: Evaluation) -> Drawing | None:
        if self.choice.hides(evaluation.view):
            return None
        return self.drawings.get(type(evaluation.view))

    @Slot()
    def _draw_anew(self) -> None:
        for drawing in self.drawings.values():
            if isinstance(drawing, SequencesDrawing):
                drawing.index = self.choice.index
        self._evaluation = None
        self.plot.following = True
        self._redraw()

    def _draw(self, evaluation: Evaluation) -> None:
        drawing = self._drawing(evaluation)
        note = Drawing.note if drawing is None else drawing.note
        self.plot.legend.set_note(note(evaluation.figures))
        for other in self.drawings.values():
            if other is not drawing:
                other.clear()
        if drawing is None:
            self._draw_truth_and_output(evaluation)
            return
        for curve in self._curves():
            curve.clear()
        self.plot.legend.set_entries(drawing.show(evaluation.view))
        self.plot.set_labels(*drawing.axes(evaluation.view))

    def _draw_truth_and_output(self, evaluation: Evaluation) -> None:
        finite = np.isfinite(evaluation.output)
        if evaluation.times is None:
            entries = self._draw_dots(evaluation, finite)
        else:
            entries = self._draw_forecast(evaluation, evaluation.times, finite)
        if not finite.all():
            lost = f"{np.count_nonzero(~finite):,} not finite"
            entries = (Entry("text", self.colors.not_a_number, lost), *entries)
        self.plot.legend.set_entries(entries)

    def _draw_forecast(
        self, evaluation: Evaluation, times: np.ndarray, finite: np.ndarray
    ) -> tuple[Entry, ...]:
        self.dots.clear()
        self.truth.show_points(times, evaluation.truth)
        self.output.show_points(times, np.where(finite, evaluation.output, np.nan))
        start = times[evaluation.held_out_from]
        low, high = _extent(evaluation)
        self.boundary.show_points(
            np.array([start, start]), np.array([2.0 * low - high, 2.0 * high - low])
        )
        self.plot.set_labels(evaluation.time_name, evaluation.output_name)
        return (
            Entry.of(self.truth, "truth"),
            Entry.of(self.output, "forecast, one step"),
            Entry.of(self.boundary, "held out from here"),
        )

    def _draw_dots(self, evaluation: Evaluation, finite: np.ndarray) -> tuple[Entry, ...]:
        self.truth.clear()
        self.output.clear()
        pairs = np.stack([evaluation.truth, evaluation.output], axis=1)[finite]
        places, counts = np.unique(pairs, axis=0, return_counts=True)
        repeated = len(places) < len(pairs)  # classes: many sequences on one place
        radii = np.minimum(_DOT * np.sqrt(counts), _LARGEST_DOT)
        self.dots.show_points(places[:, 0], places[:, 1], radii)
        ends = np.array([evaluation.truth.min(), evaluation.truth.max()])
        self.boundary.show_points(ends, ends)
        self.plot.set_labels("target", "output")
        return (
            Entry("dot", self.colors.accent, _DOTS if repeated else "a held-out sequence"),
            Entry.of(self.boundary, "right"),
        )

    def _show_all(self, evaluation: Evaluation) -> None:
        drawing = self._drawing(evaluation)
        if drawing is not None:
            left, right, bottom, top = drawing.extent(evaluation.view)
            self.plot.set_x_range(left, right)
            self.plot.set_y_range(bottom, top)
            return
        if evaluation.times is None:
            low, high = evaluation.truth.min(), evaluation.truth.max()
            before = after = 0.08 * (high - low)
        else:  # a little of what leads up to the part that counts
            low, high = evaluation.times[evaluation.held_out_from], evaluation.times[-1]
            before, after = _LEAD * (high - low), 0.0
        self.plot.set_x_range(low - before, high + after)
        self.plot.follow_y(*_extent(evaluation))

    def table(self) -> Table:
        """Return truth and output, over time where there is one, or what a view shows."""
        evaluation = self.view.evaluation if self.view is not None else None
        if evaluation is None:
            return Table({"truth": [], "output": []})
        if (drawing := self._drawing(evaluation)) is not None:
            return drawing.table(evaluation.view)
        columns = {"truth": evaluation.truth, "output": evaluation.output}
        if evaluation.times is None:
            return Table(columns)
        held_out = np.arange(len(evaluation.times)) >= evaluation.held_out_from
        return Table(
            {evaluation.time_name: evaluation.times, "held_out": held_out.astype(int), **columns}
        )

    def describe(self, x: float, y: float) -> str:
        """Return truth and output nearest the mouse, or what a view has there."""
        evaluation = self._evaluation
        if evaluation is None:
            return ""
        if (drawing := self._drawing(evaluation)) is not None:
            return drawing.describe(evaluation.view, x, y)
        if evaluation.times is not None:
            index = int(np.argmin(np.abs(evaluation.times - x)))
            place = f"{evaluation.time_name} {evaluation.times[index]:.2f}"
        else:
            wide, high = self.plot.view.viewPixelSize()
            output = np.where(np.isfinite(evaluation.output), evaluation.output, np.inf)
            apart = np.hypot((evaluation.truth - x) / wide, (output - y) / high)
            index = int(np.argmin(apart))
            if apart[index] > 12.0:
                return ""
            place = f"sequence {index + 1}"
            same = (evaluation.truth == evaluation.truth[index]) & (output == output[index])
            if (count := np.count_nonzero(same)) > 1:
                place = f"{count:,} of {len(same):,} held out"
        truth, output = evaluation.truth[index], evaluation.output[index]
        return f"{place}\ntruth {magnitude(truth)}\noutput {magnitude(output)}"


def _extent(evaluation: Evaluation) -> tuple[float, float]:
    """Return the lowest and the highest value of truth and finite output."""
    truth, output = evaluation.truth, evaluation.output[np.isfinite(evaluation.output)]
    return float(output.min(initial=truth.min())), float(output.max(initial=truth.max()))
