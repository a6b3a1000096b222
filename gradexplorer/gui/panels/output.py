"""What the network puts out on held-out data, against what is true."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QMenu

from gradexplorer.export.tables import Table
from gradexplorer.gui.depth import DepthAxis
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.drawing import Drawing, Other
from gradexplorer.gui.panels.drawings import DRAWINGS
from gradexplorer.gui.panels.panel import Panel, begin_hint
from gradexplorer.gui.panels.plain import DotsDrawing, OverTimeDrawing
from gradexplorer.gui.panels.sequence_choice import SequenceChoice
from gradexplorer.gui.panels.sequences import SequencesDrawing
from gradexplorer.gui.pinned import PinnedRun, amid, left_out
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.view import RunView, latest_note
from gradexplorer.training.snapshot import Evaluation


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
        "another. Pinned runs are drawn on the same axes where these are outputs; where one run "
        "takes all the room, buttons in the header choose which."
    )

    def __init__(self, axis: DepthAxis) -> None:
        plot = Plot("", "")
        super().__init__(plot)
        axis.listen(plot, self.at_step, self._has_steps)
        self.over_time, self.dots = OverTimeDrawing(plot), DotsDrawing(plot)
        self.drawings = {view: drawing(plot) for view, drawing in DRAWINGS.items()}
        self.choice = SequenceChoice(self)
        self.choice.changed.connect(self._draw_anew)
        self.let_choose_run()
        self._evaluation: Evaluation | None = None
        self._pinned: tuple[PinnedRun, ...] = ()

    def extend_menu(self, menu: QMenu) -> None:
        """Offer the choice of a sequence."""
        self.choice.add_to(menu)

    def note(self, view: RunView) -> str:
        """Return which sequence is shown."""
        evaluation = self.shown(view).evaluation
        if evaluation is None:
            return ""
        note = self.choice.note(evaluation.view)
        overlaid = self._drawing_of(evaluation).overlays
        return (note + (latest_note(view) if overlaid else "")).lstrip("; ")

    def choosable(self, view: RunView) -> tuple[PinnedRun, ...]:
        """Return the pinned runs, unless all are drawn on the same axes."""
        evaluation = view.evaluation
        if evaluation is None or self._drawing_of(evaluation).overlays:
            return ()
        return view.pinned

    def recolor(self) -> None:
        """Give curves and dots their colours."""
        for drawing in self._all():
            drawing.recolor(self.colors)
        self._evaluation = None

    def hint(self, view: RunView) -> str:
        """Return when there will be something to see."""
        if self.shown(view).evaluation is not None:
            return ""
        if self.chosen_run(view) is not None:
            return "The run ended before the first held-out measurement"
        if not len(view.history):
            return begin_hint(view)
        if view.moment is not None:
            return "Nothing was measured by then"
        if not view.is_running:
            return "The run ended before the first held-out measurement"
        return f"Appears after update {view.config.training.evaluate_every:,}"

    def heading(self, view: RunView) -> str:
        """Return the title that suits what is drawn."""
        evaluation = self.shown(view).evaluation
        title = "" if evaluation is None else self._drawing_of(evaluation).title
        return title or self.title

    def draw(self, view: RunView) -> None:
        """Draw the latest evaluation of the run that is shown."""
        evaluation = self.shown(view).evaluation
        self.choice.offer(None if evaluation is None else evaluation.view)
        if evaluation is None:
            self._clear()
        else:
            if evaluation is not self._evaluation or view.pinned != self._pinned:
                self._draw(evaluation, view)
            if self.plot.following:
                drawing, shown = self._chosen(evaluation)
                drawing.fit(shown)
        self._evaluation, self._pinned = evaluation, view.pinned

    def _clear(self) -> None:
        for drawing in self._all():
            drawing.clear()
        self.plot.set_labels("", "")
        self.plot.set_x_range(0.0, 1.0)
        self.plot.set_y_range(0.0, 1.0)
        self.plot.legend.set_entries(())
        self.plot.legend.set_note("")

    def _all(self) -> Iterator[Drawing]:
        yield from (self.over_time, self.dots, *self.drawings.values())

    def _chosen(self, evaluation: Evaluation) -> tuple[Drawing, object]:
        """Return what draws an evaluation, and what of it that is given."""
        view = evaluation.view
        drawing = None if view is None else self.drawings.get(type(view))
        if drawing is not None and not self.choice.hides(view):
            return drawing, view
        return self.dots if evaluation.times is None else self.over_time, evaluation

    def _drawing_of(self, evaluation: Evaluation) -> Drawing:
        return self._chosen(evaluation)[0]

    @Slot()
    def _draw_anew(self) -> None:
        for drawing in self.drawings.values():
            if isinstance(drawing, SequencesDrawing):
                drawing.index = self.choice.index
        self._evaluation = None
        self.plot.following = True
        self._redraw()

    def _draw(self, evaluation: Evaluation, view: RunView) -> None:
        drawing, shown = self._chosen(evaluation)
        for other in self._all():
            if other is not drawing:
                other.clear()
        self.plot.legend.set_note(drawing.note(evaluation.figures))
        pinned = self._show_pinned(drawing, evaluation, view) if drawing.overlays else ()
        self.plot.legend.set_entries(amid(drawing.show(shown), pinned, first=drawing.own))
        self.plot.set_labels(*drawing.axes(shown))

    def _show_pinned(
        self, drawing: Drawing, evaluation: Evaluation, view: RunView
    ) -> tuple[Entry, ...]:
        """Draw what can be held against an evaluation; return all that is to be said of runs."""
        others, missing = [], []
        for run in view.pinned:
            theirs = run.history.evaluation
            if theirs is None:
                missing.append((run, "nothing held out was measured"))
            elif run.config.task.name != view.config.task.name or not _are_alike(
                theirs, evaluation
            ):
                missing.append((run, "another task"))
            else:
                others.append(Other(run, self._chosen(theirs)[1]))
        entries = drawing.show_others(others, view.config)
        return (*entries, *left_out(missing, self.colors.muted))

    def table(self) -> Table:
        """Return what is drawn."""
        evaluation = self.shown(self.view).evaluation if self.view is not None else None
        if evaluation is None:
            return Table({"truth": [], "output": []})
        drawing, shown = self._chosen(evaluation)
        return drawing.table(shown)

    def _has_steps(self) -> bool:
        """Tell whether what is drawn has timesteps, as other views have them."""
        evaluation = self._evaluation
        return evaluation is not None and isinstance(self._chosen(evaluation)[0], SequencesDrawing)

    def at_step(self, step: int) -> str:
        """Return what the held-out sequence that is drawn has at a step."""
        if self._evaluation is None or not self._has_steps():
            return ""
        drawing, shown = self._chosen(self._evaluation)
        return ", ".join(drawing.describe(shown, float(step), 0.0).split("\n")[1:])

    def describe(self, x: float, y: float) -> str:
        """Return what is under the mouse."""
        if self._evaluation is None:
            return ""
        drawing, shown = self._chosen(self._evaluation)
        return drawing.describe(shown, x, y)


def _are_alike(one: Evaluation, other: Evaluation) -> bool:
    """Tell whether two evaluations have the same axes."""
    return all(
        mine == theirs
        for mine, theirs in (
            (type(one.view), type(other.view)),
            (one.times is None, other.times is None),
            (one.output_name, other.output_name),
            (one.time_name, other.time_name),
        )
    )
