"""The unrolled graph as one painted item."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QFont, QPainter

from gradexplorer.gui.items.marks import Marks
from gradexplorer.gui.items.painted import PaintedItem
from gradexplorer.gui.items.unrolled_painter import UnrolledPainter
from gradexplorer.gui.items.unrolled_stepping import Progress, SteppingPainter
from gradexplorer.gui.items.unrolled_style import Style
from gradexplorer.gui.items.value_scale import ValueScale
from gradexplorer.gui.scale import MagnitudeScale
from gradexplorer.gui.theme import Colors

Numbers = NDArray[np.floating]
FOOT = 0.4  # lines
Sides = Literal["both", "values", "gradients"]


@dataclass(frozen=True, eq=False)
class Row:
    """A row of nodes.

    Attributes
    ----------
    name : str
    height : float
    steps : ndarray of int
        Where there are nodes, counted from 1.
    nodes : ndarray or None
        The gradient's magnitude at each node; ``None``: not known.
    is_road : bool
        Whether each node is joined to the next step's.
    arriving : ndarray or None
        On a road: what arrived at each node from the next step.
    has_gradient : bool
        Whether its nodes have magnitudes at all; the loss has none.
    run : str
        The sign of the pinned run that it is of; empty for the present one.
    stage : int
        The layer with which it is computed, from 0 at the bottom, or `LOSS` or `ELSEWHERE`.
    mark : str
        What tells its layer from the others of a stack, behind its name.
    values, gradients : ndarray, shape (N, units), or None
        Each unit's number and its gradient at each node, where they can be read.
    shown : ndarray or None
        The value at each node as one number, signed where it is one unit's.
    aside : float
        How far right of its step it stands, in columns; gates share a column.
    is_gate : bool
    passed_on : ndarray or None
        Of a gate: the gradient's magnitude behind its slope.
    saturated, dead, silent : ndarray or None
        The share of units at each node that is; silent: 0, in whichever sequence.
    """

    name: str
    height: float
    steps: NDArray[np.intp]
    nodes: Numbers | None = None
    is_road: bool = False
    arriving: Numbers | None = None
    has_gradient: bool = True
    run: str = ""
    stage: int = 0
    mark: str = ""
    values: Numbers | None = None
    gradients: Numbers | None = None
    shown: Numbers | None = None
    aside: float = 0.0
    is_gate: bool = False
    passed_on: Numbers | None = None
    saturated: Numbers | None = None
    dead: Numbers | None = None
    silent: Numbers | None = None

    @property
    def key(self) -> str:
        """What tells it from all other rows of its run."""
        return f"{self.name}{self.stage}"

    @property
    def lines(self) -> float:
        """How many lines its numbers take in a node; a foot in the gradient's colour is 0.4."""
        if self.values is None:
            return 1.0
        units = float(self.values.shape[1])
        if self.gradients is not None:
            return units + self.gradients.shape[1]
        return units + (FOOT if self.has_gradient else 0.0)


@dataclass(frozen=True, eq=False)
class Link:
    """Edges from one row to another at the same steps, with what flows back along them.

    Attributes
    ----------
    low, high : Row
        What feeds, and what is fed.
    steps : ndarray of int
    magnitudes : ndarray or None
    is_recurrent : bool
        Whether what feeds stands a step earlier; drawn where there is room for it.
    """

    low: Row
    high: Row
    steps: NDArray[np.intp]
    magnitudes: Numbers | None = None
    is_recurrent: bool = False

    @property
    def is_of_gate(self) -> bool:
        """Whether one of its ends is a gate."""
        return self.low.is_gate or self.high.is_gate


@dataclass(frozen=True, eq=False)
class Unrolled:
    """A network unrolled over ``steps`` steps; ``cuts`` and ``cut_off`` as in `WindowTrace`.

    ``cut_off_label`` says why nothing reaches the steps that are cut off; ``layers`` are stacked.
    ``sides`` tells what of it is drawn.
    """

    steps: int = 0
    rows: tuple[Row, ...] = ()
    links: tuple[Link, ...] = ()
    cuts: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    cut_off: int = 0
    cut_off_label: str = ""
    layers: int = 1
    sides: Sides = "both"

    @property
    def has_numbers(self) -> bool:
        """Whether there are numbers to be read in the nodes."""
        return any(row.values is not None for row in self.rows)


class UnrolledItem(PaintedItem):
    """Shows an `Unrolled` in as much detail as its columns are wide."""

    def __init__(self, font: QFont) -> None:
        super().__init__()
        self._data = Unrolled()
        self._scale: MagnitudeScale | ValueScale = MagnitudeScale()
        self._font = font
        self._marks, self._gate_marks = Marks(), Marks()  # discs of two sizes
        self._styles: dict[bool, Style] = {}
        self._progress: Progress | None = None

    def set_colors(self, colors: Colors) -> None:
        """Draw in these colours."""
        self._styles = {
            of_values: Style(colors, self._font, of_values=of_values) for of_values in (False, True)
        }
        self.update()

    def show_data(self, data: Unrolled, scale: MagnitudeScale | ValueScale) -> None:
        """Draw another network, or other magnitudes or values."""
        self._data, self._scale = data, scale
        self.update()

    def show_progress(self, progress: Progress | None) -> None:
        """Draw only what is computed by then; ``None``: all of it."""
        if progress != self._progress:
            self._progress = progress
            self.update()

    def draw(self, painter: QPainter, view: Any) -> None:
        """Draw the graph in pixels, so that sizes and widths are the same at every zoom."""
        if not self._styles or not self._data.steps:
            return
        style, marks = self._styles[self._data.sides == "values"], (self._marks, self._gate_marks)
        width, height = view.viewPixelSize()
        painter.scale(width, -height)
        visible = view.viewRange()[0]
        given = painter, marks, style, self._scale, 1.0 / width, 1.0 / height, visible
        if self._progress is None and not self._data.has_numbers:
            UnrolledPainter(*given).paint(self._data)
        else:
            SteppingPainter(*given, self._progress).paint(self._data)
