"""What a network makes of one held-out sequence, step by step."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np

from gradexplorer.export.tables import Table
from gradexplorer.gui.items.number_sequence import FAINT as FAINT_NUMBER
from gradexplorer.gui.items.number_sequence import Lanes, NumberSequenceItem, ShownNumbers
from gradexplorer.gui.items.symbol_sequence import FAINT as FAINT_SYMBOL
from gradexplorer.gui.items.symbol_sequence import Places, ShownSymbols, SymbolSequenceItem
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.drawing import Drawing, Extent
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.text import magnitude, signed
from gradexplorer.gui.theme import LIGHT, Colors, mix
from gradexplorer.tasks.views import NumberSequences, Sequences, SymbolSequences

_AIR = 0.08  # of the height, above and below
_ROOM = 0.02  # of the steps, right of the last: marks stand out


class SequencesDrawing(Drawing):
    """One of several sequences over time.

    Attributes
    ----------
    index : int
        Which sequence is drawn; taken modulo their number.
    """

    labels: ClassVar[tuple[str, str]] = ("timestep t", "")

    def __init__(self, plot: Plot) -> None:
        super().__init__(plot)
        self.index = 0
        self._colors = LIGHT

    def show(self, view: Sequences) -> tuple[Entry, ...]:
        """Draw the chosen sequence; return what its marks mean."""
        bottom = self.plot.bottom
        bottom.counts = True
        bottom.set_ends(1.0, float(view.inputs.shape[1]))
        bottom.set_last(view.inputs.shape[1])
        return self._show(view, self.chosen(view))

    def clear(self) -> None:
        """Draw nothing, and leave the plot as it was found."""
        bottom = self.plot.bottom
        bottom.counts = False
        bottom.set_ends()
        bottom.set_last(np.inf)
        self._clear()

    def chosen(self, view: Sequences) -> int:
        """Return which of a view's sequences is drawn."""
        return self.index % len(view.inputs)

    def describe(self, view: Sequences, x: float, y: float) -> str:
        """Return what there is at the step under the mouse."""
        step, index = round(x), self.chosen(view)
        if not 1 <= step <= view.inputs.shape[1]:
            return self._describe_beside(view, index, y) if step > 1 else ""
        answers = np.flatnonzero(view.loss_steps == step - 1)
        answer = int(answers[0]) if len(answers) else None
        mark = ", marked" if view.marked[index, step - 1] else ""
        there = self._input(view, index, step - 1)
        told = signed(there) if isinstance(there, float) else there
        lines = [f"t = {step}", f"input {told}{mark}"]
        if answer is not None:
            lines += self._describe_answer(view, index, answer, y)
        return "\n".join(lines)

    def table(self, view: Sequences) -> Table:
        """Return all sequences step by step; targets and outputs where a loss is."""
        count, steps = view.inputs.shape
        inputs = [self._input(view, one, step) for one in range(count) for step in range(steps)]
        return Table(
            {
                "sequence": np.repeat(np.arange(1, count + 1), steps),
                "timestep": np.tile(np.arange(1, steps + 1), count),
                "input": inputs,
                "marked": view.marked.ravel().astype(int),
                **{name: _spread(view, values) for name, values in self._answers(view).items()},
            }
        )

    @abstractmethod
    def _show(self, view: Any, index: int) -> tuple[Entry, ...]:
        """Draw a sequence; return what its marks mean."""

    @abstractmethod
    def _clear(self) -> None:
        """Draw nothing."""

    @abstractmethod
    def _input(self, view: Any, index: int, step: int) -> Any:
        """Return an input as a table has it."""

    @abstractmethod
    def _answers(self, view: Any) -> dict[str, list[list[Any]]]:
        """Return what a table has at the steps that bear a loss, for each sequence."""

    @abstractmethod
    def _describe_answer(self, view: Any, index: int, answer: int, y: float) -> list[str]:
        """Return what is wanted and what is told at a step."""

    def _describe_beside(self, _view: Any, _index: int, _y: float) -> str:
        """Return what is right of the last step."""
        return ""


class NumbersDrawing(SequencesDrawing):
    """Numbers, and what is made of them; see `Lanes` for where they stand."""

    def __init__(self, plot: Plot) -> None:
        super().__init__(plot)
        self.item = NumberSequenceItem()
        plot.view.addItem(self.item, ignoreBounds=True)

    def recolor(self, colors: Colors) -> None:
        """Draw in these colours."""
        self._colors = colors
        self.item.set_colors(colors)

    def _show(self, view: NumberSequences, index: int) -> tuple[Entry, ...]:
        self.item.show_value(ShownNumbers(view, index))
        colors, lanes = self._colors, Lanes.of(view, index)
        self.plot.left.set_names({lanes.inputs: "input", 0.0: "output"} if lanes.inputs else {})
        self.plot.grid.setVisible(not lanes.inputs)
        lost = np.count_nonzero(~np.isfinite(view.outputs[index]))
        entries = [
            Entry("tick", mix(colors.muted, colors.base, FAINT_NUMBER), "input"),
            Entry("tick", colors.text, "marked"),
            Entry("ring", colors.muted, "target"),
            Entry("dot", colors.accent, "output"),
        ]
        if lost:
            entries.insert(0, Entry("text", colors.not_a_number, f"{lost:,} not finite"))
        return tuple(entries)

    def _clear(self) -> None:
        self.item.show_value(None)
        self.plot.left.set_names({})
        self.plot.grid.show()

    def extent(self, view: NumberSequences) -> Extent:
        """Return all steps, and the heights of all sequences and of the outputs of this one."""
        lanes, steps = Lanes.of(view, self.chosen(view)), view.inputs.shape[1]
        right = steps + max(0.5, _ROOM * steps)
        if lanes.inputs:
            return 0.5, right, -0.5 - _AIR, lanes.inputs + 0.5 + _AIR
        outputs = view.outputs[self.chosen(view)]
        finite = outputs[np.isfinite(outputs)]
        values = np.concatenate([view.inputs.ravel(), view.targets.ravel(), finite, [0.0]])
        low, high = float(values.min()), float(values.max())
        air = _AIR * (high - low)
        return 0.5, right, low - air, high + air

    def _input(self, view: NumberSequences, index: int, step: int) -> Any:
        return float(f"{view.inputs[index, step]:.6g}")

    def _answers(self, view: NumberSequences) -> dict[str, list[list[Any]]]:
        return {"target": view.targets.tolist(), "output": view.outputs.tolist()}

    def _describe_answer(
        self, view: NumberSequences, index: int, answer: int, _y: float
    ) -> list[str]:
        target, output = view.targets[index, answer], view.outputs[index, answer]
        return [f"target {signed(target)}", f"output {signed(output)}"]


class SymbolsDrawing(SequencesDrawing):
    """Symbols in rows over time, and the probabilities of the classes below or beside them."""

    def __init__(self, plot: Plot) -> None:
        super().__init__(plot)
        self.item = SymbolSequenceItem(plot.font_small)
        plot.view.addItem(self.item, ignoreBounds=True)

    def recolor(self, colors: Colors) -> None:
        """Draw in these colours."""
        self._colors = colors
        self.item.set_colors(colors)

    def _show(self, view: SymbolSequences, index: int) -> tuple[Entry, ...]:
        self.item.show_value(ShownSymbols(view, index))
        places, colors = Places.of(view), self._colors
        names = {-float(row): name for row, name in enumerate(view.symbols)}
        if not places.beside:
            for number, name in enumerate(view.classes):
                top, high = places.class_row(number)
                names[top - 0.5 * high] = name
        self.plot.left.set_names(names)
        self.plot.grid.hide()
        how = "bar: probability" if places.beside else "shade: probability"
        return (
            Entry("dot", mix(colors.muted, colors.base, FAINT_SYMBOL), "input"),
            Entry("dot", colors.text, "marked"),
            Entry("dot", colors.accent, how),
            Entry("ring", colors.text, "target"),
        )

    def _clear(self) -> None:
        self.item.show_value(None)
        self.plot.left.set_names({})
        self.plot.grid.show()

    def extent(self, view: SymbolSequences) -> Extent:
        """Return left, right, bottom and top of all blocks."""
        places = Places.of(view)
        return 0.5, places.right, places.bottom - 0.3, places.top

    def _input(self, view: SymbolSequences, index: int, step: int) -> Any:
        return view.symbols[view.inputs[index, step]]

    def _answers(self, view: SymbolSequences) -> dict[str, list[list[Any]]]:
        def named(classes: np.ndarray) -> list[list[Any]]:
            return [[view.classes[one] for one in row] for row in classes]

        of_target = np.take_along_axis(view.probabilities, view.targets[..., None], axis=2)[..., 0]
        return {
            "target": named(view.targets),
            "output": named(view.probabilities.argmax(axis=2)),
            "probability_of_target": of_target.tolist(),
        }

    def _describe_answer(
        self, view: SymbolSequences, index: int, answer: int, y: float
    ) -> list[str]:
        probabilities = view.probabilities[index, answer]
        found = None if len(view.loss_steps) == 1 else Places.of(view).class_at(y)
        likeliest = int(probabilities.argmax()) if found is None else found
        return [
            f"target {view.classes[view.targets[index, answer]]}",
            f"output {view.classes[likeliest]}: {magnitude(probabilities[likeliest])}",
        ]

    def _describe_beside(self, view: SymbolSequences, index: int, y: float) -> str:
        found = Places.of(view).class_at(y)
        if found is None or len(view.loss_steps) != 1:
            return ""
        probability = magnitude(view.probabilities[index, 0, found])
        target = view.classes[view.targets[index, 0]]
        return f"output {view.classes[found]}: {probability}\ntarget {target}"


def _spread(view: Sequences, values: list[list[Any]]) -> list[Any]:
    """Return a value for every step of every sequence, ``None`` where there is no loss."""
    count, steps = view.inputs.shape
    spread: list[Any] = [None] * (count * steps)
    for one, row in enumerate(values):
        for step, value in zip(view.loss_steps.tolist(), row, strict=True):
            spread[one * steps + step] = value
    return spread
