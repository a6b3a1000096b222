"""Runs that are kept to be compared with the ones after them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import Qt

from gradexplorer.analysis.request import Analysis
from gradexplorer.config.experiment import ExperimentConfig, differences
from gradexplorer.gui.items.curve import CurveItem
from gradexplorer.gui.items.shapes import SHAPES, ShapesItem
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.theme import Colors
from gradexplorer.training.full_window import WindowShape
from gradexplorer.training.history import History

MOST_PINNED = 4
_CIRCLED = "①②③④⑤⑥⑦⑧⑨"
STYLES = (
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DashDotLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotDotLine,
)
_LONGEST = 40  # characters of what a legend says of a run


@dataclass(frozen=True, eq=False)
class PinnedRun:
    """A run that later ones are compared with.

    Attributes
    ----------
    place : int
        Which of the `MOST_PINNED` looks it has, from 0.
    config : ExperimentConfig
        With the live changes made to it.
    shape : WindowShape
        Of its windows.
    history : History
    analysis : Analysis or None
        What was measured of it.
    """

    place: int
    config: ExperimentConfig
    shape: WindowShape
    history: History
    analysis: Analysis | None = None
    _told: list[Any] = field(default_factory=list, init=False, repr=False)

    @property
    def sign(self) -> str:
        """Its number, as it stands wherever the run is drawn."""
        return sign_of(self.place)

    def differs(self, other: ExperimentConfig) -> str:
        """Return what its experiment has instead of another's; empty where they are the same."""
        if not self._told or self._told[0] is not other:  # many views ask it in every frame
            found = differences(other, self.config, live=True, telling=True)
            self._told[:] = [other, ", ".join(f"{title} {mine}" for title, _, mine in found)]
        told: str = self._told[1]
        return told


def sign_of(place: int) -> str:
    """Return the number of the run in a place."""
    return _CIRCLED[place]


def names(runs: Sequence[PinnedRun], other: ExperimentConfig) -> list[str]:
    """Return what legends call runs: a sign, of one alone also what it has instead of another.

    Where that is much, its title stands for it.
    """
    if len(runs) != 1:
        return [run.sign for run in runs]
    differs = runs[0].differs(other) or "same settings"
    return [f"{runs[0].sign} {differs if len(differs) <= _LONGEST else runs[0].config.title}"]


def amid(entries: Sequence[Entry], others: Sequence[Entry], first: int = 1) -> tuple[Entry, ...]:
    """Return a legend in which pinned runs stand behind the first entries: the last may be cut."""
    return (*entries[:first], *others, *entries[first:])


def left_out(reasons: Iterable[tuple[PinnedRun, str]], color: str) -> tuple[Entry, ...]:
    """Return what a legend says of pinned runs that are not drawn, those of one reason together."""
    signs: dict[str, str] = {}
    for run, reason in reasons:
        signs[reason] = signs.get(reason, "") + run.sign
    return tuple(Entry("text", color, f"{which} {reason}") for reason, which in signs.items())


class Drawn(Protocol):
    """An item that can draw nothing."""

    def clear(self) -> None:
        """Draw nothing."""


Item = TypeVar("Item", bound=Drawn)


class PinnedItems(ABC, Generic[Item]):
    """One item for each pinned run.

    Parameters
    ----------
    items : iterable
        One for each of the `MOST_PINNED` places.
    """

    def __init__(self, items: Iterable[Item]) -> None:
        self._items = tuple(items)

    def __bool__(self) -> bool:
        return bool(self._items)

    @abstractmethod
    def set_colors(self, colors: Colors) -> None:
        """Draw in these colours."""

    @abstractmethod
    def _entry(self, item: Item, text: str) -> Entry:
        """Return the legend's entry of an item."""

    def entries(
        self,
        runs: Sequence[PinnedRun],
        other: ExperimentConfig,
        more: Sequence[str] = (),
    ) -> tuple[Entry, ...]:
        """Return what a legend says of them; see `names`.

        Parameters
        ----------
        runs : sequence of PinnedRun
        other : ExperimentConfig
        more : sequence of str
            What else there is to say of each; none: nothing.
        """
        tails = more or [""] * len(runs)
        return tuple(
            self._entry(self.of(run), f"{name}{tail}")
            for run, name, tail in zip(runs, names(runs, other), tails, strict=True)
        )

    def of(self, run: PinnedRun) -> Item:
        """Return a run's item."""
        return self._items[run.place]

    def clear_others(self, runs: Iterable[PinnedRun] = ()) -> None:
        """Clear the items of all but these runs."""
        places = {run.place for run in runs}
        for place, item in enumerate(self._items):
            if place not in places:
                item.clear()


class NoItems(PinnedItems[Drawn]):
    """What stands in where no pinned run is drawn."""

    def __init__(self) -> None:
        super().__init__(())

    def set_colors(self, _colors: Colors) -> None:
        """Do nothing."""

    def _entry(self, item: Drawn, text: str) -> Entry:
        raise NotImplementedError


class PinnedCurves(PinnedItems[CurveItem]):
    """One curve for each pinned run, told apart by colour and by pattern.

    Parameters
    ----------
    plot : Plot
    width : float
        In pixels.
    """

    def __init__(self, plot: Plot, width: float = 2.0) -> None:
        super().__init__(plot.add_curve(width=width, smooth=True, style=s) for s in STYLES)

    def set_colors(self, colors: Colors) -> None:
        """Draw in these colours."""
        for curve, color in zip(self._items, colors.pinned, strict=True):
            curve.set_color(color)

    def _entry(self, item: CurveItem, text: str) -> Entry:
        return Entry.of(item, text)


class PinnedPoints(PinnedItems[ShapesItem]):
    """Points for each pinned run, told apart by colour and by shape.

    Parameters
    ----------
    plot : Plot
    """

    def __init__(self, plot: Plot) -> None:
        super().__init__(ShapesItem(shape) for shape in SHAPES)
        for item in self._items:
            plot.view.addItem(item, ignoreBounds=True)

    def set_colors(self, colors: Colors) -> None:
        """Draw in these colours."""
        for item, color in zip(self._items, colors.pinned, strict=True):
            item.set_color(color)

    def _entry(self, item: ShapesItem, text: str) -> Entry:
        return Entry("shape", item.color.name(), text, shape=item.outline)
