"""What panels of measurements on request share."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from gradexplorer.analysis.dynamics import Dynamics
from gradexplorer.export.tables import Table
from gradexplorer.gui.panels.panel import Panel
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.view import RunView

PRESS_MEASURE = "Press Measure (M) to look inside"
_NOTHING_YET = "Make an update first (S), then Measure (M)"


class MeasuredPanel(Panel):
    """A view of one kind of measurement.

    Attributes
    ----------
    kind : str
        Of `gradexplorer.analysis.request.KINDS`: what it shows.
    """

    kind: ClassVar[str]

    def __init__(self, plot: Plot) -> None:
        super().__init__(plot)
        self._shown: Any = None

    def result(self, view: RunView | None) -> Any:
        """Return what there is to show, or ``None``."""
        return None if view is None else getattr(view.analysis, self.kind, None)

    def hint(self, view: RunView) -> str:
        """Return what to do to see something, or why there is nothing."""
        if self.result(view) is not None:
            return ""
        if view.measuring is not None:
            return f"Measuring: {view.measuring:.0%}"
        if view.problem:
            return view.problem
        return PRESS_MEASURE if view.history.trace is not None else _NOTHING_YET

    def note(self, view: RunView) -> str:
        """Return which update was measured."""
        if self.result(view) is None or view.analysis is None:
            return "not measured yet"
        note = f"after update {view.analysis.updates:,}"
        stack, found = view.config.model.layers, self.result(view)
        if isinstance(found, Dynamics) and stack > 1 and found.axis == "timestep":
            note += f", layer {found.layer + 1} of {stack}"
        return note

    def drawn_of(self, view: RunView) -> tuple[object, ...]:
        """Return the result, and what stands in its place."""
        return (self.result(view), self.hint(view), view.config)

    def draw(self, view: RunView) -> None:
        """Draw the result there is."""
        found = self.result(view)
        if found is None:
            self._shown = None
            self.clear()
            self.plot.legend.set_entries(())
            self.plot.legend.set_note("")
            return
        news = found is not self._shown
        self._shown = found
        self.show_result(found, view, news=news)

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
