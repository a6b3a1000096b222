"""Runs that are kept to be compared with the ones after them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt

from gradexplorer.config.experiment import ExperimentConfig, differences
from gradexplorer.gui.items.curve import CurveItem
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.theme import Colors
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
        With the live changes made until it was pinned.
    history : History
    """

    place: int
    config: ExperimentConfig
    history: History

    @property
    def sign(self) -> str:
        """Its number, as it stands wherever the run is drawn."""
        return _CIRCLED[self.place]

    def differs(self, other: ExperimentConfig) -> str:
        """Return what its experiment has instead of another's; empty where they are the same."""
        found = differences(other, self.config, live=True, telling=True)
        return ", ".join(f"{title} {mine}" for title, _, mine in found)


class PinnedCurves:
    """One curve for each pinned run, told apart by colour and by pattern.

    Parameters
    ----------
    plot : Plot
    """

    def __init__(self, plot: Plot) -> None:
        self._curves = tuple(plot.add_curve(width=2.0, smooth=True, style=s) for s in STYLES)

    def set_colors(self, colors: Colors) -> None:
        """Draw in these colours."""
        for curve, color in zip(self._curves, colors.pinned, strict=True):
            curve.set_color(color)

    def entries(self, runs: tuple[PinnedRun, ...], other: ExperimentConfig) -> tuple[Entry, ...]:
        """Return what a legend says of them: of one alone also what it has instead of another.

        Where that is much, its title stands for it.
        """
        alone = ""
        if len(runs) == 1:
            differs = runs[0].differs(other) or "same settings"
            alone = f" {differs if len(differs) <= _LONGEST else runs[0].config.title}"
        return tuple(Entry.of(self.of(run), f"{run.sign}{alone}") for run in runs)

    def of(self, run: PinnedRun) -> CurveItem:
        """Return a run's curve."""
        return self._curves[run.place]

    def clear_others(self, runs: tuple[PinnedRun, ...]) -> None:
        """Clear the curves of all but these runs."""
        places = {run.place for run in runs}
        for place, curve in enumerate(self._curves):
            if place not in places:
                curve.clear()
