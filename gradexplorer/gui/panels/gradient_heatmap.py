"""The gradient's magnitude at each timestep of each update."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gradexplorer.export.tables import Table
from gradexplorer.gui.depth import DepthAxis
from gradexplorer.gui.items.heatmap import (
    INFINITE_CODE,
    NAN_CODE,
    ZERO_CODE,
    Codes,
    Heatmap,
    HeatmapItem,
    codes_of,
)
from gradexplorer.gui.items.moment_line import MomentLine
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.panel import Panel, begin_hint
from gradexplorer.gui.panels.series_panel import room_for
from gradexplorer.gui.panels.strips import Strips, stacked
from gradexplorer.gui.pinned import MOST_PINNED, names
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.scale import MagnitudeScale
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.view import RunView, depth, step_label
from gradexplorer.training.history import History
from gradexplorer.training.moments import Profile
from gradexplorer.training.snapshot import step_letter

_ROOM = 20.0  # updates, at first


class GradientHeatmapPanel(Panel):
    """||dL/dh_t|| as colours, steps to the right and updates upwards."""

    name = "gradient-heatmap"
    title = "Gradient over the run"
    tab = "Heatmap"
    shows_magnitudes = True
    help = (
        "The mean over the batch of the L2 norm of dL/dh, before clipping: a row for each recorded "
        "update, the latest on top, and a column for each timestep or layer. Of a long run evenly "
        "spread updates are kept. Exact zeros and infinities are striped, each in its colour, NaN "
        "is checked. Pinned runs stand below it, each in a strip of as many updates."
    )

    def __init__(self, axis: DepthAxis) -> None:
        plot = Plot("timestep t", "update")
        super().__init__(plot)
        self.item, self.line = HeatmapItem(), MomentLine(upright=False)
        for item in (self.item, self.line):
            plot.view.addItem(item, ignoreBounds=True)
        plot.grid.hide()
        plot.bottom.counts = plot.left.counts = True
        plot.set_y_range(0.0, _ROOM)
        axis.join(plot, self.at_step)
        self._axis = axis
        self._coded = [CodedRows() for _ in range(1 + MOST_PINNED)]
        self._strips = Strips(1, _ROOM)
        self._stacked: tuple[tuple[object, ...], Heatmap] = ((), Heatmap())

    def recolor(self) -> None:
        """Give the heatmap its colours."""
        self.item.set_colors(self.colors)
        self.line.set_color(self.colors.text, self.colors.base)

    def hint(self, view: RunView) -> str:
        """Return why there is nothing to see yet."""
        return "" if len(view.history.profiles) else begin_hint(view)

    def draw(self, view: RunView) -> None:
        """Draw every row that is kept."""
        self._axis.show_steps(depth(view))
        self._follow(view)
        strips, several = self._strips, self._strips.runs > 1
        label = f"update, to {strips.room:,.0f} each" if several else "update"
        self.plot.set_labels(step_label(view), label)
        signs = ["this run", *(run.sign for run in view.pinned)] if several else []
        self.plot.left.set_names({strips.middle(at): sign for at, sign in enumerate(signs)})
        heatmap = self._heatmap(view)
        self.item.show_value(heatmap)
        moment = view.moment
        self.line.show_at(None if moment is None else float(strips.y(0, moment.iteration)))
        self.plot.legend.set_scale(view.scale)
        held = view.moment is not None
        others = names(view.pinned, view.config) if len(view.pinned) == 1 else []  # else strips say
        self.plot.legend.set_entries(self._entries(heatmap.codes, others, held=held))

    def _follow(self, view: RunView) -> None:
        """Give every strip room for the longest run."""
        count = 1 + len(view.pinned)
        if (count > 1) != (self._strips.runs > 1):  # the y axis is another
            self.plot.following = True
        longest = max(map(len, _histories(view)))
        budget = max(view.config.training.iterations, longest)
        room = room_for(longest, budget, [0.0, self._strips.room])
        if self.plot.following or count != self._strips.runs:
            self._strips = Strips(count, self._strips.room if room is None else room)
        if self.plot.following:
            self.plot.set_y_range(0.0, self._strips.top)

    def _heatmap(self, view: RunView) -> Heatmap:
        """Return all runs as one heatmap; the same one if nothing has changed."""
        coded = [self._coded[0], *(self._coded[1 + run.place] for run in view.pinned)]
        heatmaps = [
            rows.heatmap(history.profiles.items, view.scale)
            for rows, history in zip(coded, _histories(view), strict=True)
        ]
        key = (self._strips, *map(id, heatmaps))
        if key != self._stacked[0]:
            self._stacked = key, stacked(heatmaps, self._strips)
        return self._stacked[1]

    def _entries(self, codes: Codes, others: list[str], *, held: bool) -> tuple[Entry, ...]:
        colors = self.colors
        marks = (
            (ZERO_CODE, Entry("band", colors.zero, "exactly zero")),
            (NAN_CODE, Entry("dot", colors.not_a_number, "NaN")),
            (INFINITE_CODE, Entry("dot", colors.infinite, "infinite")),
        )
        entries = [Entry("text", colors.text, "mean before clipping")]
        entries += [Entry("text", colors.text, name) for name in others]
        entries += [entry for code, entry in marks if (codes == code).any()]
        if held:
            entries.append(Entry("line", colors.text, "shown", 1.5))
        return tuple(entries)

    def table(self) -> Table:
        """Return a row an update that is kept, run by run; empty where there is no such step."""
        signs = [] if self.view is None else ["present", *(run.sign for run in self.view.pinned)]
        histories = [] if self.view is None else _histories(self.view)
        letter = "t" if self.view is None else step_letter(self.view.shape.axis)
        kept = [history.profiles.items for history in histories]
        profiles = [profile for items in kept for profile in items]
        of_run = [sign for sign, items in zip(signs, kept, strict=True) for _ in items]
        steps = max((len(profile.dh) for profile in profiles), default=0)
        values = np.full((len(profiles), steps), np.nan)
        absent = np.ones(values.shape, np.bool_)
        for row, profile in enumerate(profiles):
            values[row, : len(profile.dh)] = profile.dh
            absent[row, : len(profile.dh)] = False
        columns = np.ma.masked_array(values, absent).T
        return Table(
            {
                **({"run": of_run} if len(signs) > 1 else {}),
                "iteration": [profile.iteration for profile in profiles],
                **{f"{letter}{step}": column for step, column in enumerate(columns, 1)},
            }
        )

    def at_step(self, step: int) -> str:
        """Return the latest recorded magnitude at a step."""
        profiles = [] if self.view is None else self.view.history.profiles.items
        if not profiles or not 1 <= step <= len(profiles[-1].dh):
            return ""
        last = profiles[-1]
        return f"update {last.iteration:,}: {magnitude(float(last.dh[step - 1]))}"

    def describe(self, x: float, y: float) -> str:
        """Return the magnitude at the step and the recorded update nearest the mouse."""
        step, view, place = round(x), self.view, self._strips.at(y)
        if view is None or place is None or place[0] > len(view.pinned):
            return ""
        strip, update = place
        history, run = _histories(view)[strip], view.pinned[strip - 1] if strip else None
        profile = history.profiles.nearest(round(update))
        if profile is None or not 0.0 <= update <= len(history) + 1.0:
            return ""
        if not 1 <= step <= len(profile.dh):
            return ""
        letter = step_letter(view.shape.axis if run is None else run.shape.axis)
        value = magnitude(float(profile.dh[step - 1]))
        sign = f"{run.sign} " if run is not None else ""
        return f"{sign}update {profile.iteration:,}\n{letter} = {step}\n‖dL/dh‖ = {value}"


def _histories(view: RunView) -> list[History]:
    return [view.history, *(run.history for run in view.pinned)]


class CodedRows:
    """Profiles as codes, each translated once for as long as the scale stays as it is."""

    def __init__(self) -> None:
        self._span = (0.0, 0.0)
        self._codes: dict[int, tuple[Profile, Codes]] = {}
        self._shown: list[Profile] = []
        self._heatmap = Heatmap()

    def heatmap(self, profiles: Sequence[Profile], scale: MagnitudeScale) -> Heatmap:
        """Return these as a heatmap; the same one if nothing has changed."""
        span = (scale.low, scale.high)
        if span != self._span:
            self._span, self._codes, self._shown = span, {}, []
        if len(profiles) != len(self._shown) or any(map(_differ, profiles, self._shown)):
            self._shown = list(profiles)
            self._codes = {profile.iteration: self._code(profile, scale) for profile in profiles}
            rows = [codes for _, codes in self._codes.values()]
            self._heatmap = Heatmap(_stacked(rows), _edges([p.iteration for p in profiles]))
        return self._heatmap

    def _code(self, profile: Profile, scale: MagnitudeScale) -> tuple[Profile, Codes]:
        known = self._codes.get(profile.iteration)
        if known is not None and known[0] is profile:
            return known
        return profile, codes_of(scale.kinds(profile.dh))


def _differ(one: Profile, other: Profile) -> bool:
    return one is not other


def _stacked(rows: list[Codes]) -> Codes:
    if len(set(map(len, rows))) == 1:
        return np.concatenate(rows).reshape(len(rows), -1)
    stacked = np.zeros((len(rows), max(map(len, rows), default=0)), np.uint8)
    for row, codes in enumerate(rows):
        stacked[row, : len(codes)] = codes
    return stacked


def _edges(iterations: list[int]) -> NDArray[np.float64]:
    """Return where rows border on each other: halfway between their updates."""
    if not iterations:
        return np.zeros(1)
    at = np.array(iterations, np.float64)
    between = (at[1:] + at[:-1]) / 2.0
    last = at[-1] - between[-1] if len(between) else 0.5
    return np.concatenate([[min(at[0] - 0.5, 1.0)], between, [at[-1] + last]])
