"""What panels of measurements on request share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

from gradexplorer.analysis.dynamics import Dynamics
from gradexplorer.config.model import stacked_layers
from gradexplorer.export.tables import Table
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.panel import Panel
from gradexplorer.gui.pinned import NoItems, PinnedItems, PinnedRun, left_out
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.view import RunView

PRESS_MEASURE = "Press Measure (M) to look inside"
_NOTHING_YET = "Make an update first (S), then Measure (M)"


class Other(NamedTuple):
    """A pinned run, and what was measured of it."""

    run: PinnedRun
    result: Any


class MeasuredPanel(Panel):
    """A view of one kind of measurement.

    Attributes
    ----------
    kind : str
        Of `gradexplorer.analysis.request.KINDS`: what it shows.
    depends_on_data : bool
        Whether what it shows is another on another batch.
    pinned : PinnedItems
        What draws pinned runs on the same axes, unless it is empty.
    others : tuple of Other
        The pinned runs that are drawn.
    """

    kind: ClassVar[str]
    depends_on_data: ClassVar[bool] = True

    def __init__(self, plot: Plot) -> None:
        super().__init__(plot)
        self.pinned: PinnedItems[Any] = NoItems()
        self.others: tuple[Other, ...] = ()
        self._shown: tuple[Any, ...] = ()

    def result(self, view: RunView | None) -> Any:
        """Return what there is to show, or ``None``."""
        return None if view is None else getattr(self.shown(view).analysis, self.kind, None)

    def hint(self, view: RunView) -> str:
        """Return what to do to see something, or why there is nothing."""
        if self.result(view) is not None:
            return ""
        if view.measuring is not None:
            return f"Measuring: {view.measuring:.0%}"
        run = self.chosen_run(view)
        if run is not None:
            return f"Run {run.sign} is not measured yet: press Measure (M)"
        if view.problem:
            return view.problem
        return PRESS_MEASURE if view.history.trace is not None else _NOTHING_YET

    def note(self, view: RunView) -> str:
        """Return which update was measured, and of pinned runs where it is another."""
        analysis = self.shown(view).analysis
        if self.result(view) is None or analysis is None:
            return "not measured yet"
        signs: dict[int, str] = {}
        for run, _ in self._comparable(view):
            if run.analysis is not None and run.analysis.updates != analysis.updates:
                signs[run.analysis.updates] = signs.get(run.analysis.updates, "") + run.sign
        others = [f"; {which} {updates:,}" for updates, which in signs.items()]
        moment = None if self.chosen_run(view) is not None else view.moment
        if moment is not None and moment.iteration != analysis.updates:
            others.insert(0, f", not {moment.iteration:,}")
        note = f"after update {analysis.updates:,}" + "".join(others)
        stack, found = stacked_layers(self.shown(view).config.model), self.result(view)
        if isinstance(found, Dynamics) and stack > 1 and found.axis == "timestep":
            note += f", layer {found.layer + 1} of {stack}"
        return note

    def drawn_of(self, view: RunView) -> tuple[object, ...]:
        """Return the result, what stands in its place, and the pinned runs."""
        moment = None if view.moment is None else view.moment.iteration
        return (self.result(view), self.hint(view), view.config, moment, *view.pinned)

    def draw(self, view: RunView) -> None:
        """Draw the result there is."""
        found = self.result(view)
        self.others = () if found is None else tuple(self._comparable(view))
        self.pinned.clear_others(run for run, _ in self.others)
        if found is None:
            self._shown = ()
            self.clear()
            self.plot.legend.set_entries(())
            self.plot.legend.set_note("")
            return
        shown = found, *(result for _, result in self.others)
        news = len(shown) != len(self._shown) or any(map(_differ, shown, self._shown))
        self._shown = shown
        self.show_result(found, view, news=news)

    def _comparable(self, view: RunView) -> Iterator[Other]:
        """Return the pinned runs that can be drawn."""
        for run in view.pinned if self.pinned else ():
            result = getattr(run.analysis, self.kind, None)
            if result is not None and not self.why_not(result):
                yield Other(run, result)

    def why_not(self, _result: Any) -> str:
        """Return why a pinned run's result is not drawn beside another; empty: it is."""
        return ""

    def other_entries(self, view: RunView) -> tuple[Entry, ...]:
        """Return what a legend says of pinned runs, of those that are not drawn too."""
        if not self.pinned:
            return ()
        runs = [run for run, _ in self.others]
        tails = [", other data" if self._differs_in_data(run, view) else "" for run in runs]
        missing = ((run, self._missing(run)) for run in view.pinned if run not in runs)
        return (
            *self.pinned.entries(runs, view.config, tails),
            *left_out(missing, self.colors.muted),
        )

    def _differs_in_data(self, run: PinnedRun, view: RunView) -> bool:
        mine, theirs = view.analysis, run.analysis
        if mine is None or theirs is None:
            return False
        other_batch = mine.batch != theirs.batch or run.config.task != view.config.task
        return self.depends_on_data and other_batch

    def _missing(self, run: PinnedRun) -> str:
        result = getattr(run.analysis, self.kind, None)
        return "not measured yet" if result is None else self.why_not(result)

    @abstractmethod
    def clear(self) -> None:
        """Draw nothing."""

    @abstractmethod
    def show_result(self, result: Any, view: RunView, *, news: bool) -> None:
        """Draw a result; ``news``: it is another than the last."""

    @abstractmethod
    def table_of(self, result: Any) -> Table:
        """Return a result as a table."""

    def table(self) -> Table:
        """Return the data that is drawn."""
        found = self.result(self.view)
        return Table({}) if found is None else self.table_of(found)


def _differ(one: object, other: object) -> bool:
    return one is not other
