"""The recurrent weights' eigenvalues beside the unit circle."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt

from gradexplorer.analysis.dynamics import Dynamics
from gradexplorer.analysis.spectra import WeightSpectrum
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
_NEAR = 12.0  # pixels
_STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DotLine)


class EigenvaluesPanel(MeasuredPanel):
    """Eigenvalues of W_hh in the complex plane, of each gate, and of a closed loop's last step."""

    name = "eigenvalues"
    title = "Eigenvalues"
    kind = "dynamics"
    depends_on_data = False
    help = (
        "The eigenvalues of the recurrent weights in the complex plane. Inside the unit circle a "
        "direction shrinks from step to step, outside it grows; the dotted circle has the largest "
        "singular value as radius, the most that one step can stretch anything; the marks on the "
        "real axis are all singular values. Of a closed loop also the last step's own eigenvalues."
    )

    def __init__(self) -> None:
        plot = Plot("real", "imaginary")
        super().__init__(plot)
        plot.view.setAspectLocked(lock=True)
        self.unit = plot.add_curve(width=1.5, smooth=True)
        self.stretch = plot.add_curve(width=1.5, smooth=True, style=Qt.PenStyle.DotLine)
        self.singular = plot.add_curve(style=Qt.PenStyle.NoPen, dots=2.0)
        self.loop = plot.add_curve(style=Qt.PenStyle.NoPen, dots=4.0)
        self.pinned = PinnedPoints(plot)
        self.dots = [
            plot.add_curve(style=Qt.PenStyle.NoPen, dots=radius) for radius in (3.5, 3.0, 2.5, 2.0)
        ]

    def recolor(self) -> None:
        """Give circles and dots their colours."""
        colors = self.colors
        self.unit.set_color(colors.muted)
        self.stretch.set_color(colors.text)
        self.singular.set_color(colors.text)
        self.loop.set_color(colors.text, rim=colors.base)
        shades = colors.accent, colors.held_out, colors.raw, colors.muted
        for dots, color in zip(self.dots, shades, strict=True):
            dots.set_color(color, rim=colors.base)
        self.pinned.set_colors(colors)

    def clear(self) -> None:
        """Draw nothing."""
        for curve in (self.unit, self.stretch, self.singular, self.loop, *self.dots):
            curve.clear()

    def why_not(self, result: Dynamics) -> str:
        """Return that weights that are not square have none."""
        return "" if _with_eigenvalues(result) else "no square weights"

    def show_result(self, result: Dynamics, view: RunView, *, news: bool) -> None:  # noqa: ARG002
        """Draw the eigenvalues; the gate with the largest singular value gives the circle."""
        square = _square(result)
        widest = max(square, key=lambda part: part.singular_values[0], default=None)
        _show_complex(self.unit, _CIRCLE)
        entries = [Entry.of(self.unit, "|λ| = 1")]
        self.stretch.clear()
        self.singular.clear()
        largest = 1.0
        if widest is not None:
            largest = float(widest.singular_values[0])
            _show_complex(self.stretch, largest * _CIRCLE)
            _show_complex(self.singular, widest.singular_values.astype(np.complex128))
            entries.append(Entry.of(self.stretch, f"σ ≤ {largest:.3g}"))
        for index, dots in enumerate(self.dots):
            dots.clear()
            if index < len(square):
                _show_complex(dots, square[index].eigenvalues)
                text = f"{_name(square[index])}: |λ| ≤ {magnitude(square[index].radius)}"
                entries.append(Entry("dot", dots.pen.color().name(), text))
        self.loop.clear()
        radii = [part.radius for part in _parts(result)]
        if result.loop is not None:
            _show_complex(self.loop, result.loop.eigenvalues)
            text = f"loop: |λ| ≤ {magnitude(result.loop.radius)}"
            entries.append(Entry("dot", self.loop.pen.color().name(), text))
        for run, theirs in self.others:
            parts = _with_eigenvalues(theirs)
            _show_complex(self.pinned.of(run), np.concatenate([p.eigenvalues for p in parts]))
            radii += [part.radius for part in parts]
        if self.plot.following:
            reach = _AIR * max([1.0, largest, *filter(np.isfinite, radii)])
            self.plot.view.setRange(xRange=(-reach, reach), yRange=(-reach, reach), padding=0)
        self.plot.legend.set_entries(amid(entries, self.other_entries(view)))

    def table_of(self, result: Dynamics) -> Table:
        """Return eigenvalues and singular values of every gate's recurrent weights, run by run."""
        names = ("run", "gate", "index", "real", "imaginary", "singular_value")
        columns: dict[str, list[object]] = {name: [] for name in names}
        parts = [("present", part) for part in _parts(result)]
        parts += [(run.sign, part) for run, theirs in self.others for part in _parts(theirs)]
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
        parts = [("", part) for part in _parts(result)]
        parts += [(f"{run.sign} ", part) for run, theirs in self.others for part in _parts(theirs)]
        found = [
            (abs(value - complex(x, y)), f"{sign}{_name(part)}", value)
            for sign, part in parts
            for value in part.eigenvalues
        ]
        apart, name, value = min(found, key=lambda one: one[0], default=(np.inf, "", 0j))
        if apart > _NEAR * wide:
            return ""
        sign = "+" if value.imag >= 0.0 else "−"
        place = f"{value.real:.4g} {sign} {abs(value.imag):.4g} i"
        return f"{name}: λ = {place}\n|λ| = {abs(value):.4g}"


def _parts(result: Dynamics) -> tuple[WeightSpectrum, ...]:
    """Return the spectra of the gates, and that of a closed loop."""
    return result.weights if result.loop is None else (*result.weights, result.loop)


def _with_eigenvalues(result: Dynamics) -> list[WeightSpectrum]:
    """Return those of the parts that have eigenvalues."""
    return [part for part in _parts(result) if len(part.eigenvalues)]


def _name(part: WeightSpectrum) -> str:
    return part.gate if part.gate == "loop" else f"W{part.gate}"


def _square(result: Dynamics) -> list[WeightSpectrum]:
    """Return the weights that have eigenvalues."""
    return [part for part in result.weights if len(part.eigenvalues)]


def _show_complex(curve: CurveItem | ShapesItem, values: np.ndarray) -> None:
    curve.show_points(values.real, values.imag)
