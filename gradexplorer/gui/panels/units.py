"""Gates and states of every unit over the steps."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradexplorer.analysis.units import LayerUnits, Units
from gradexplorer.export.tables import Table
from gradexplorer.gui.depth import DepthAxis
from gradexplorer.gui.items.cell_map import CellMap, CellMapItem
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.choosing_panel import ChoosingPanel
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.view import RunView, depth, step_label

_GATES = {"i": "input gate", "f": "forget gate", "o": "output gate", "r": "reset gate",
          "z": "update gate"}  # fmt: skip


class _Choice(NamedTuple):
    text: str
    values: NDArray[np.float64]
    signed: bool


class UnitsPanel(ChoosingPanel):
    """Hidden states, cell states or a gate of one layer as a map of units over steps."""

    name = "units"
    title = "Gates and units"
    kind = "units"
    help = (
        "A row for each unit, of the batch's first sequence: hidden states and cell states from "
        "negative over white to positive, gates from shut to open. The ⋯ menu chooses which. The "
        "note tells how many units of all are saturated or dead. Of several runs, all in the same "
        "colours, the buttons in the header choose which."
    )

    def __init__(self, axis: DepthAxis) -> None:
        plot = Plot("timestep t", "unit")
        super().__init__(plot)
        self.item = CellMapItem()
        plot.view.addItem(self.item, ignoreBounds=True)
        plot.view.setMouseEnabled(x=True, y=False)
        plot.grid.hide()
        plot.bottom.counts = True
        axis.join(plot, self.at_step)
        self.let_choose_run()
        self._axis = axis

    def choices(self) -> tuple[str, ...]:
        """Return what can be shown."""
        return tuple(choice.text for choice in self._all(self.result(self.view)))

    def _all(self, result: Units | None) -> list[_Choice]:
        if result is None:
            return []
        if result.axis == "layer":
            return [_Choice("hidden h", _side_by_side(result.layers), signed=True)]
        found = []
        for number, layer in reversed(list(enumerate(result.layers, start=1))):
            of = f", layer {number}" if len(result.layers) > 1 else ""
            found.append(_Choice(f"hidden h{of}", layer.hidden, signed=True))
            if layer.cell is not None:
                found.append(_Choice(f"cell c{of}", layer.cell, signed=True))
            for gate in layer.gates:
                text = f"{_GATES[gate.name]} {gate.name}{of}"
                found.append(_Choice(text, gate.values, signed=False))
        return found

    def _chosen(self, result: Units | None) -> _Choice | None:
        named = (part for part in self._all(result) if part.text == self.choice)
        return next(named, None)

    def _limit(self, view: RunView) -> float:
        """Return the value of the last colour, the same whichever run is shown."""
        analyses = [view.analysis, *(run.analysis for run in view.pinned)]
        results = [analysis.units for analysis in analyses if analysis is not None]
        chosen = [part for part in map(self._chosen, results) if part is not None]
        return max(map(_limit, chosen))

    def recolor(self) -> None:
        """Give the cells their colours."""
        self.item.set_colors(self.colors)

    def clear(self) -> None:
        """Draw nothing."""
        self.item.show_value(None)

    def show_result(self, result: Units, view: RunView, *, news: bool) -> None:  # noqa: ARG002
        """Draw the map that was chosen."""
        chosen = self._chosen(result)
        if chosen is None:
            self.clear()
            return
        steps, units = chosen.values.shape
        self.plot.set_labels(step_label(self.shown(view)), "unit")
        self._axis.show_own(self.plot, max(steps, depth(view)), depth(view))
        limit = self._limit(view)
        self.item.show_value(CellMap(chosen.values.T, limit, signed=chosen.signed))
        if self.plot.following:
            self.plot.set_y_range(-units - 0.5, -0.5)
        self.plot.left.set_names({-float(unit): str(unit) for unit in range(1, units + 1)})
        ends = (f"−{limit:.3g}", f"{limit:.3g}") if chosen.signed else ("0 shut", "1 open")
        self.plot.legend.set_entries(
            (
                Entry("text", self.colors.text, chosen.text),
                Entry("dot", self.item.color(0.0), ends[0]),
                Entry("dot", self.item.color(1.0), ends[1]),
            )
        )
        self.plot.legend.set_note(_note(result, chosen))

    def table_of(self, result: Units) -> Table:
        """Return the map that is shown, a column a unit."""
        chosen = self._chosen(result)
        if chosen is None:
            return Table({})
        steps = np.arange(1, len(chosen.values) + 1)
        columns = {f"unit_{index + 1}": column for index, column in enumerate(chosen.values.T)}
        return Table({result.axis: steps, **columns})

    def at_step(self, step: int) -> str:
        """Return the mean over units at a step, or of signed values their root mean square."""
        chosen = self._chosen(self.result(self.view))
        if chosen is None or not 1 <= step <= len(chosen.values):
            return ""
        values = chosen.values[step - 1]
        if chosen.signed:
            return f"{chosen.text}: rms {np.sqrt(np.nanmean(values**2)):.3g}"
        return f"{chosen.text}: mean {np.nanmean(values):.3g}"

    def describe(self, x: float, y: float) -> str:
        """Return the value of the unit under the mouse."""
        chosen = self._chosen(self.result(self.view))
        step, unit = round(x), round(-y)
        if chosen is None:
            return ""
        steps, units = chosen.values.shape
        if not (1 <= step <= steps and 1 <= unit <= units):
            return ""
        return (
            f"{chosen.text}\nunit {unit:,}, step {step:,}: {chosen.values[step - 1, unit - 1]:.4g}"
        )


def _side_by_side(layers: tuple[LayerUnits, ...]) -> NDArray[np.float64]:
    """Return a feedforward network's layers as steps, NaN where one has fewer units."""
    widest = max(layer.hidden.shape[1] for layer in layers)
    values = np.full((len(layers), widest), np.nan)
    for row, layer in zip(values, layers, strict=True):
        row[: layer.hidden.shape[1]] = layer.hidden[0]
    return values


def _limit(chosen: _Choice) -> float:
    finite = np.abs(chosen.values[np.isfinite(chosen.values)])
    return max(float(finite.max(initial=0.0)), 1e-12) if chosen.signed else 1.0


def _note(result: Units, chosen: _Choice) -> str:
    parts = [f"saturated {result.saturated:.0%}"]
    if result.dead > 0.0:
        parts.append(f"dead {result.dead:.0%}")
    if not chosen.signed:
        parts.append(f"mean {float(np.nanmean(chosen.values)):.2f}")
    return ", ".join(parts)
