"""How fast neighbouring states part or meet."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt

from gradexplorer.analysis.dynamics import Dynamics
from gradexplorer.export.tables import Table
from gradexplorer.gui.items.band import BandItem
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.columns import beside
from gradexplorer.gui.panels.measured_panel import MeasuredPanel
from gradexplorer.gui.pinned import PinnedCurves
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.text import magnitude, signed
from gradexplorer.gui.view import RunView

_LOWEST = -6.0  # a factor of 0.0025 a step: what lies below is as good as gone


class LyapunovPanel(MeasuredPanel):
    """The spectrum of Lyapunov exponents, largest first."""

    name = "lyapunov"
    title = "Lyapunov exponents"
    tab = "Lyapunov"
    kind = "dynamics"
    help = (
        "By how much, in natural logarithm a step, a small difference between two states grows "
        "along the sequence: below 0 it is forgotten, and gradients vanish; above 0 the network "
        "is chaotic, gradients explode, and after ln 2 ÷ λ₁ steps a difference has doubled."
    )

    def __init__(self) -> None:
        plot = Plot("exponent", "λ a step")
        super().__init__(plot)
        plot.bottom.counts = True
        self.band = BandItem()
        plot.view.addItem(self.band, ignoreBounds=True)
        self.zero = plot.add_curve(style=Qt.PenStyle.DashLine)
        self.pinned = PinnedCurves(plot)
        self.exponents = plot.add_curve(width=1.5, smooth=True, dots=2.5)

    def recolor(self) -> None:
        """Give the curves their colours."""
        self.band.set_color(self.colors.band)
        self.zero.set_color(self.colors.limit)
        self.exponents.set_color(self.colors.smooth, rim=self.colors.base)
        self.pinned.set_colors(self.colors)

    def clear(self) -> None:
        """Draw nothing."""
        self.band.clear()
        self.zero.clear()
        self.exponents.clear()

    def hint(self, view: RunView) -> str:
        """Return what to do to see something, or why there is nothing."""
        result = self.result(view)
        if result is not None and result.lyapunov is None:
            return "A feedforward network has no states to follow over time"
        return super().hint(view)

    def why_not(self, result: Dynamics) -> str:
        """Return that a feedforward network has none."""
        return "feedforward: no exponents" if result.lyapunov is None else ""

    def show_result(self, result: Dynamics, view: RunView, *, news: bool) -> None:  # noqa: ARG002
        """Draw the spectrum."""
        found = result.lyapunov
        if found is None:
            self.clear()
            self.pinned.clear_others()
            self.plot.legend.set_entries(())
            self.plot.legend.set_note("")
            return
        count = len(found.exponents)
        numbers = np.arange(1, count + 1)
        lowest = 2.0 * _LOWEST  # out of sight; minus infinity has no place
        spectra = [other.result.lyapunov.exponents for other in self.others]
        for (run, _), theirs in zip(self.others, spectra, strict=True):
            places = np.arange(1, len(theirs) + 1)
            self.pinned.of(run).show_points(places, np.maximum(theirs, lowest))
        count = max([count, *map(len, spectra)])
        self.exponents.show_points(numbers, np.maximum(found.exponents, lowest))
        low, high = np.percentile(np.maximum(found.by_sequence, lowest), (10, 90), axis=0)
        self.band.show_band(numbers, low, high)
        self.zero.show_points(np.array([0.0, count + 1.0]), np.zeros(2))
        if self.plot.following:
            every = np.concatenate([found.exponents, *spectra])
            finite = every[np.isfinite(every)]
            bottom = max(float(finite.min(initial=-0.1)), _LOWEST)
            top = max(float(finite.max(initial=0.1)), 0.1)
            self.plot.set_x_range(0.0, count + 1.0)
            self.plot.set_y_range(bottom - 0.1 * (top - bottom), top + 0.1 * (top - bottom))
        self.plot.legend.set_entries(
            (
                Entry("dot", self.colors.smooth, "mean over sequences"),
                *self.other_entries(view),
                Entry("band", self.colors.band, "10–90%"),
                Entry.of(self.zero, "0"),
            )
        )
        horizon = (
            f", horizon {magnitude(found.horizon)} steps" if np.isfinite(found.horizon) else ""
        )
        self.plot.legend.set_note(f"λ₁ = {signed(float(found.exponents[0]))}{horizon}")

    def table_of(self, result: Dynamics) -> Table:
        """Return the exponents."""
        if result.lyapunov is None:
            return Table({"index": [], "exponent": []})
        spectra = ((run, theirs.lyapunov.exponents) for run, theirs in self.others)
        others = (
            (run, range(1, len(spectrum) + 1), {"exponent": spectrum}) for run, spectrum in spectra
        )
        exponents = result.lyapunov.exponents
        return beside("index", range(1, len(exponents) + 1), {"exponent": exponents}, others)

    def describe(self, x: float, _y: float) -> str:
        """Return the exponent under the mouse."""
        result, number = self.result(self.view), round(x)
        if result is None or result.lyapunov is None or number < 1:
            return ""
        spectra = {"": result.lyapunov.exponents}
        spectra |= {f"{run.sign} ": theirs.lyapunov.exponents for run, theirs in self.others}
        lines = [
            f"{sign}λ = {spectrum[number - 1]:.4g} a step, "
            f"a factor of {np.exp(spectrum[number - 1]):.4g}"
            for sign, spectrum in spectra.items()
            if number <= len(spectrum)
        ]
        return "\n".join([f"exponent {number:,}", *lines]) if lines else ""
