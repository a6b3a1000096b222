"""What clipping does to the gradients, and which threshold would suit them."""

from __future__ import annotations

import time

import numpy as np
from PySide6.QtCore import Qt

from gradexplorer.analysis.clipping import ClippingLens, clipping_lens
from gradexplorer.export.tables import Table
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.panel import Panel
from gradexplorer.gui.pinned import PinnedCurves, PinnedRun, amid
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.view import RunView

LATEST = 20_000  # updates that are looked at
_POINTS = 200
_SECONDS = 0.5  # between two looks
_EMPTY = (-2.0, 1.0)  # decades


class ClippingLensPanel(Panel):
    """The distribution of the gradient's norm before and after clipping."""

    name = "clipping-lens"
    title = "Clipping lens"
    tab = "Clipping"
    help = (
        "The share of updates whose gradient norm is at most the one on the axis, before and after "
        f"clipping, of the latest {LATEST:,}; with the threshold in force and the one that the "
        "run's own norms suggest."
    )

    def __init__(self) -> None:
        plot = Plot("‖g‖", "share of updates")
        super().__init__(plot)
        plot.bottom.set_logarithmic(logarithmic=True)
        self.after = plot.add_curve(width=2.0, smooth=True, style=Qt.PenStyle.DotLine)
        self.pinned = PinnedCurves(plot)
        self.before = plot.add_curve(width=2.0, smooth=True)
        self.threshold = plot.add_curve(width=1.5, style=Qt.PenStyle.DashLine)
        self.suggested = plot.add_curve(width=1.5, style=Qt.PenStyle.DashDotLine)
        self._lens: ClippingLens | None = None
        self._key: tuple[object, ...] = ()
        self._due = 0.0
        self._others: dict[PinnedRun, ClippingLens] = {}
        self._span = _EMPTY

    def recolor(self) -> None:
        """Give the curves their colours."""
        colors = self.colors
        self.before.set_color(colors.smooth)
        self.after.set_color(colors.raw)
        self.threshold.set_color(colors.limit)
        self.suggested.set_color(colors.muted)
        self.pinned.set_colors(colors)
        self._key = ()

    def draw(self, view: RunView) -> None:
        """Draw the distribution, looked at now and then."""
        key = (view.history, len(view.history), view.config.clipping, *view.pinned)
        started_anew = self._key[:1] != key[:1] or self._key[3:] != key[3:]
        if key != self._key and (
            started_anew or not view.is_running or time.monotonic() >= self._due
        ):
            self._key, self._due = key, time.monotonic() + _SECONDS
            self._draw_anew(view)
        if self.plot.following:
            self.plot.set_x_range(*self._span)
            self.plot.set_y_range(0.0, 1.05)

    def _draw_anew(self, view: RunView) -> None:
        self._lens = clipping_lens(view.history.metrics[-LATEST:])
        self._others = {run: self._others.get(run) or _lens_of(run) for run in view.pinned}
        self.pinned.clear_others(view.pinned if len(self._lens.before) else ())
        if not len(self._lens.before):
            self._clear()
            return
        self._show(self._lens, view)

    def _clear(self) -> None:
        for curve in (self.before, self.after, self.threshold, self.suggested):
            curve.clear()
        self._span = _EMPTY
        self.plot.legend.set_entries(())
        self.plot.legend.set_note("")

    def _show(self, lens: ClippingLens, view: RunView) -> None:
        x, share = _distribution(lens.before)
        self.before.show_points(x, share)
        entries = [Entry.of(self.before, "before clipping")]
        ends = [x[0], x[-1]] if len(x) else []
        for curve in (self.after, self.threshold, self.suggested):
            curve.clear()
        if view.config.clipping.method != "off":
            self.after.show_points(*_distribution(lens.after))
            entries.append(Entry.of(self.after, "after"))
        if view.config.clipping.method == "norm":
            ends.append(self._upright(self.threshold, view.config.clipping.threshold))
            entries.append(Entry.of(self.threshold, "threshold"))
        if np.isfinite(lens.suggestion):
            ends.append(self._upright(self.suggested, lens.suggestion))
            entries.append(Entry.of(self.suggested, f"suggested {magnitude(lens.suggestion)}"))
        for run, other in self._others.items():
            places, shares = _distribution(other.before)
            self.pinned.of(run).show_points(places, shares)
            ends += [places[0], places[-1]] if len(places) else []
        self._span = _with_air(ends)
        others = self.pinned.entries(tuple(self._others), view.config)
        self.plot.legend.set_entries(amid(entries, others))
        note = f"clipped {lens.share:.0%}, lately {lens.rolling[-1]:.0%}"
        kept = "" if self._others else f"; length kept {lens.scale:.0%}"  # else there is no room
        self.plot.legend.set_note(note + kept)

    @staticmethod
    def _upright(curve: object, norm: float) -> float:
        place = float(np.log10(norm))
        curve.show_points(np.array([place, place]), np.array([0.0, 1.05]))  # type: ignore[attr-defined]
        return place

    def table(self) -> Table:
        """Return percentiles of the norm, and the rest in rows of their own; a column a run."""
        lens = self._lens
        if lens is None or not len(lens.before):
            return Table({"quantity": [], "value": []})
        rows = _quantities(lens)
        others = {
            f"value{run.sign}": list(_quantities(other).values())
            for run, other in self._others.items()
        }
        return Table({"quantity": list(rows), "value": list(rows.values()), **others})

    def describe(self, x: float, _y: float) -> str:
        """Return how many norms are below the place under the mouse."""
        lens = self._lens
        if lens is None or not len(lens.before):
            return ""
        with np.errstate(over="ignore"):
            norm = float(np.float64(10.0) ** x)
        below = float(np.mean(lens.before <= norm))
        others = [
            f"{run.sign} {float(np.mean(other.before <= norm)):.1%}; clipped {other.share:.1%}"
            for run, other in self._others.items()
            if len(other.before)
        ]
        first = f"‖g‖ ≤ {magnitude(norm)}: {below:.1%} of updates"
        return "\n".join([first, *others, lens.reason])


def _with_air(ends: list[float]) -> tuple[float, float]:
    if not ends:
        return _EMPTY
    low, high = min(ends), max(ends)
    air = 0.05 * max(high - low, 0.2)
    return low - air, high + air


def _lens_of(run: PinnedRun) -> ClippingLens:
    return clipping_lens(run.history.metrics[-LATEST:])


def _quantities(lens: ClippingLens) -> dict[str, float]:
    return {
        "updates": float(len(lens.before)),
        "clipped_share": lens.share,
        "clipped_share_lately": float(lens.rolling[-1]) if len(lens.rolling) else np.nan,
        "mean_clip_scale": lens.scale,
        "mean_norm": lens.mean,
        "suggested_threshold": lens.suggestion,
        **{f"norm_p{percent}": value for percent, value in lens.percentiles.items()},
    }


def _distribution(norms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return log10 of the norms at equal shares, and the shares."""
    share = np.linspace(0.0, 1.0, _POINTS)
    norms = norms[np.isfinite(norms)]
    if not len(norms):
        return np.zeros(0), np.zeros(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        places = np.log10(np.quantile(norms, share))
    finite = np.isfinite(places)
    return places[finite], share[finite]
