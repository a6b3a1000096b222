"""What the output panel draws instead of outputs over truth, where a task has more to show."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.export.tables import Table
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.pinned import PinnedRun
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.text import signed
from gradexplorer.gui.theme import Colors

Extent = tuple[float, float, float, float]


class Other(NamedTuple):
    """A pinned run, and the view of it that is drawn beside another's."""

    run: PinnedRun
    view: Any


class Drawing(ABC):
    """One kind of view, drawn on a panel's plot.

    Attributes
    ----------
    labels : tuple of str
        Of the x and the y axis.
    title : str
        What the panel is called meanwhile; empty: as ever.
    overlays : bool
        Whether pinned runs are drawn on the same axes; else one run is shown at a time.
    own : int
        Entries of the legend before those of pinned runs.
    others : tuple of Other
        The pinned runs that are drawn so.
    """

    labels: ClassVar[tuple[str, str]]
    title: ClassVar[str] = ""
    overlays: ClassVar[bool] = False
    own: ClassVar[int] = 2

    def __init__(self, plot: Plot) -> None:
        self.plot = plot
        self.others: tuple[Other, ...] = ()

    @abstractmethod
    def recolor(self, colors: Colors) -> None:
        """Draw in these colours."""

    @abstractmethod
    def show(self, view: Any) -> tuple[Entry, ...]:
        """Draw a view; return what its marks mean."""

    def show_others(
        self,
        others: Sequence[Other],  # noqa: ARG002
        config: ExperimentConfig,  # noqa: ARG002
    ) -> tuple[Entry, ...]:
        """Draw pinned runs beside what is shown, before that; return what their marks mean."""
        return ()

    def axes(self, _view: Any) -> tuple[str, str]:
        """Return the labels of the x and the y axis, where they depend on the view."""
        return self.labels

    @staticmethod
    def note(figures: dict[str, float]) -> str:
        """Return what the task measured, as it stands at the legend's right end."""
        return ", ".join(f"{name} {signed(value)}" for name, value in figures.items())

    @abstractmethod
    def clear(self) -> None:
        """Draw nothing, and leave the plot as it was found."""

    @abstractmethod
    def extent(self, view: Any) -> Extent:
        """Return left, right, bottom and top of what there is to see."""

    def fit(self, view: Any) -> None:
        """Show all there is to see."""
        left, right, bottom, top = self.extent(view)
        self.plot.set_x_range(left, right)
        self.plot.set_y_range(bottom, top)

    @abstractmethod
    def table(self, view: Any) -> Table:
        """Return what is drawn."""

    @abstractmethod
    def describe(self, view: Any, x: float, y: float) -> str:
        """Return what is at a place."""
