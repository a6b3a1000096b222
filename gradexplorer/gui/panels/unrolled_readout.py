"""What the unrolled graph's read-out says of the node or the edge under the mouse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradexplorer.engine.truncation import Cut
from gradexplorer.gui.items.unrolled import Row, Unrolled
from gradexplorer.gui.panels.unrolled_hover import Spot
from gradexplorer.gui.panels.unrolled_words import MEANING, link_of, node_of, road_of, shape_of
from gradexplorer.gui.playhead import Playhead
from gradexplorer.gui.view import RunView
from gradexplorer.training.snapshot import WindowTrace, step_letter

_CUT = "nothing passes on to the left: cut"
_CUT_IN_PART = "some losses pass on to the left, others are cut here"


@dataclass(frozen=True, eq=False)
class ReadOut:
    """Tells of a graph as it is drawn; while one steps through an update, only what is known.

    Parameters
    ----------
    data : Unrolled
    trace : WindowTrace or None
        That it was made of.
    view : RunView
    playhead : Playhead
    """

    data: Unrolled
    trace: WindowTrace | None
    view: RunView
    playhead: Playhead

    def of(self, spot: Spot) -> str:
        """Return what is at a spot: values, gradients, shapes."""
        is_edge = spot.is_road or spot.link is not None
        return "\n".join(self._edge(spot) if is_edge else self._node(spot.row, spot.step))

    def _node(self, row: Row, step: int) -> list[str]:
        letter = step_letter(self.view.shape.axis)
        index = np.flatnonzero(row.steps == step)
        if not len(index):
            return [f"{letter} = {step}"]
        computed, reached = self._is_known(row, step)
        name, steps = f"{row.name}{row.mark}{row.run}", self.data.steps
        lines = [f"{name} at {letter} = {step}: {self._meaning(row, step)}"]
        lines += node_of(row, int(index[0]), step, steps, computed=computed, reached=reached)
        return lines + (self._cut_before(step) if row.is_road and not row.run else [])

    def _edge(self, spot: Spot) -> list[str]:
        row, step = spot.row, spot.step
        _, reached = self._is_known(row, step)
        if spot.link is not None:
            return link_of(spot.link, step, self.trace, self.view, reached=reached)
        trace = None if row.run else self.trace
        lines = road_of(row, step, trace, self.view, reached=reached)
        return lines + self._cut_before(step + 1)

    def _meaning(self, row: Row, step: int) -> str:
        meaning = MEANING[row.name]
        if row.mark:
            meaning += f" of layer {row.stage + 1} of {self.data.layers}"
        if self.trace is not None and not row.run:
            meaning += f", {shape_of(row, step, self.trace, self.view)}"
        return meaning

    def _cut_before(self, step: int) -> list[str]:
        cut = int(self.data.cuts[step - 1]) if step <= len(self.data.cuts) else Cut.NONE
        return {Cut.FULL: [_CUT], Cut.PARTIAL: [_CUT_IN_PART]}.get(Cut(cut), [])

    def _is_known(self, row: Row, step: int) -> tuple[bool, bool]:
        """Tell whether the forward and the backward pass have come to a node."""
        if not self.playhead.is_active or row.run:
            return True, True
        passes, now, at = self.playhead.passes, self.playhead.index, np.array([step])
        forward, backward = passes.forward(row.stage, at)[0], passes.backward(row.stage, at)[0]
        return bool(forward <= now), bool(backward <= now)
