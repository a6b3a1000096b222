"""The recurrent weights' eigenvalues beside the unit circle."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt

from gradexplorer.analysis.dynamics import Dynamics, WeightSpectrum
from gradexplorer.export.tables import Table
from gradexplorer.gui.items.curve import CurveItem
from gradexplorer.gui.items.shapes import ShapesItem
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.measured_panel import MeasuredPanel
from gradexplorer.gui.pinned import PinnedPoints, amid
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.view import RunView

_CIRCLE = np.exp(1j * np.linspace(0.0, 2.0 * np.pi, 361))
_AIR = 1.12
_MOST_GATES = 4
_NEAR = 12.0  # pixels
_STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DotLine)


class EigenvaluesPanel(MeasuredPanel):
    """Eigenvalues of W_hh in the complex plane, of each gate where there are gates."""

    name = "eigenvalues"
    title = "Eigenvalues"
    kind = "dynamics"
    depends_on_data = False
    help = (
        "The eigenvalues of the recurrent weights in the complex plane. Inside the unit circle a "
        "direction shrinks from step to step, outside it grows; the dotted circle has the largest "
        "singular value as radius, the most that one step can stretch anything."
    )

    def __init__(self) -> None:
        plot = Plot("real", "imaginary")
        super().__init__(plot)
        plot.view.setAspectLocked(lock=True)
        self.unit = plot.add_curve(width=1.5, smooth=True)
        self.stretch = plot.add_curve(width=1.5, smooth=True, style=Qt.PenStyle.DotLine)
        self.pinned = PinnedPoints(plot)
        self.dots = [
            plot.add_curve(style=Qt.PenStyle.NoPen, dots=radius) for radius in (3.5, 3.0, 2.5, 2.0)
        ]

    def recolor(self) -> None:
        """Give circles and dots their colours."""
        colors = self.colors
        self.unit.set_color(colors.muted)
        self.stretch.set_color(colors.held_out)
        shades = colors.accent, colors.held_out, colors.text, colors.muted
        for dots, color in zip(self.dots, shades, strict=True):
            dots.set_color(color, rim=colors.base)
        self.pinned.set_colors(colors)

    def clear(self) -> None:
        """Draw nothing."""
        for curve in (self.unit, self.stretch, *self.dots):
            curve.clear()

    def why_not(self, result: Dynamics) -> str:
        """Return that weights that are not square have none."""
        return "" if _square(result) else "no square weights"

    def show_result(self, result: Dynamics, view: RunView, *, news: bool) -> None:
        """Draw the eigenvalues; the gate with the largest singular value gives the circle."""
        square = _square(result)
        largest = max((float(part.singular_values[0]) for part in square), default=1.0)
        _show_complex(self.unit, _CIRCLE)
        _show_complex(self.stretch, largest * _CIRCLE)
        entries = [Entry.of(self.unit, "|λ| = 1"), Entry.of(self.stretch, f"σ = {largest:.3g}")]
        for index, dots in enumerate(self.dots):
            dots.clear()
            if index < len(square):
                _show_complex(dots, square[index].eigenvalues)
                text = f"W{square[index].gate}: |λ| ≤ {magnitude(square[index].radius)}"
                entries.append(Entry("dot", dots.pen.color().name(), text))
        every = [(run, _square(theirs)) for run, theirs in self.others]
        for run, parts in every:
            values = [part.eigenvalues for part in parts]
            _show_complex(self.pinned.of(run), np.concatenate(values))
            square = [*square, *parts]
        if self.plot.following and news:
            reach = _AIR * max([1.0, largest, *(part.radius for part in square)])
            self.plot.view.setRange(xRange=(-reach, reach), yRange=(-reach, reach), padding=0)
        self.plot.legend.set_entries(amid(entries, self.other_entries(view)))

    def table_of(self, result: Dynamics) -> Table:
        """Return eigenvalues and singular values of every gate's recurrent weights, run by run."""
        names = ("run", "gate", "index", "real", "imaginary", "singular_value")
        columns: dict[str, list[object]] = {name: [] for name in names}
        parts = [("present", part) for part in result.weights]
        parts += [(run.sign, part) for run, theirs in self.others for part in theirs.weights]
        for sign, part in parts:
            for index, singular in enumerate(part.singular_values):
                has_one = index < len(part.eigenvalues)
                value = complex(part.eigenvalues[index]) if has_one else None
                columns["run"].append(sign)
                columns["gate"].append(part.gate)
                columns["index"].append(index + 1)
                columns["real"].append(None if value is None else value.real)
                columns["imaginary"].append(None if value is None else value.imag)
                columns["singular_value"].append(float(singular))
        return Table(columns)

    def describe(self, x: float, y: float) -> str:
        """Return the eigenvalue under the mouse."""
        result = self.result(self.view)
        if result is None:
            return ""
        wide, _ = self.plot.view.viewPixelSize()
        parts = [("", part) for part in result.weights[:_MOST_GATES]]
        parts += [(f"{run.sign} ", part) for run, theirs in self.others for part in _square(theirs)]
        found = [
            (abs(value - complex(x, y)), f"{sign}W{part.gate}", value)
            for sign, part in parts
            for value in part.eigenvalues
        ]
        apart, weights, value = min(found, key=lambda one: one[0], default=(np.inf, "", 0j))
        if apart > _NEAR * wide:
            return ""
        sign = "+" if value.imag >= 0.0 else "−"
        place = f"{value.real:.4g} {sign} {abs(value.imag):.4g} i"
        return f"{weights}: λ = {place}\n|λ| = {abs(value):.4g}"


def _square(result: Dynamics) -> list[WeightSpectrum]:
    """Return the weights that have eigenvalues."""
    return [part for part in result.weights if len(part.eigenvalues)]


def _show_complex(curve: CurveItem | ShapesItem, values: np.ndarray) -> None:
    curve.show_points(values.real, values.imag)
