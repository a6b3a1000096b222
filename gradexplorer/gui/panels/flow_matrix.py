"""How much of each loss arrives at each step."""

from __future__ import annotations

import numpy as np

from gradexplorer.analysis.flow import FlowMatrix
from gradexplorer.export.tables import Table
from gradexplorer.gui.depth import DepthAxis
from gradexplorer.gui.items.flow import Flow, FlowItem
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.measured_panel import MeasuredPanel
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.reach import Reach
from gradexplorer.gui.text import magnitude, subscript
from gradexplorer.gui.view import RunView, depth, step_label
from gradexplorer.training.snapshot import step_letter


class FlowMatrixPanel(MeasuredPanel):
    """M[s, t], losses down, steps across, with the band that a truncation length keeps."""

    name = "flow-matrix"
    title = "Flow matrix"
    kind = "matrix"
    shows_magnitudes = True
    help = (
        "How large the gradient of the loss at step s still is at the hidden state of step t: a "
        "row for each loss, without truncation. A truncation to K drops what lies "
        "left of the dashed edge, more than K steps back; drag the edge. Of several runs the "
        "buttons in the header choose which."
    )

    def __init__(self, axis: DepthAxis, reach: Reach) -> None:
        plot = Plot("timestep t", "loss s")
        super().__init__(plot)
        self.item = FlowItem(reach)
        plot.view.addItem(self.item, ignoreBounds=True)
        plot.grid.hide()
        plot.bottom.counts = True
        axis.join(plot, self.at_step)
        self.let_choose_run()
        self._axis, self._reach = axis, reach
        reach.changed.connect(self._say)

    def recolor(self) -> None:
        """Give the cells their colours."""
        self.item.set_colors(self.colors)

    def clear(self) -> None:
        """Draw nothing."""
        self.item.show_value(None)
        self.plot.left.set_names({})
        if self.plot.following:
            self.plot.set_y_range(0.0, 1.0)  # rows stand below 0, where no names say of which loss

    def drawn_of(self, view: RunView) -> tuple[object, ...]:
        """Return the matrix and the range of its colours."""
        return (*super().drawn_of(view), view.scale.low, view.scale.high)

    def show_result(self, result: FlowMatrix, view: RunView, *, news: bool) -> None:
        """Draw the matrix on the scale of all magnitudes."""
        losses, steps = result.norms.shape
        self.plot.set_labels(step_label(self.shown(view)), "loss s")
        self._axis.show_own(self.plot, max(steps, depth(view)), depth(view))
        if news:
            names = {-float(row + 1): str(step + 1) for row, step in enumerate(result.loss_steps)}
            self.plot.left.set_names(names)
            self.item.show_value(Flow(result.norms, result.loss_steps + 1))
            if self.chosen_run(view) is None:  # K stays that of this run
                self._reach.set_most(steps, view.config.bptt.k2 or steps)
        self.item.scale = view.scale
        self.item.update()
        if self.plot.following:
            self.plot.set_y_range(-losses - 0.5, -0.5)
        self.plot.legend.set_scale(view.scale)
        self.plot.legend.set_entries((Entry("line", self.colors.limit, "K", 2.0, dashed=True),))
        self._say(self._reach.steps)

    def _say(self, steps: int) -> None:
        """Tell how much of the gradient's norm, summed over losses and steps, the band holds."""
        result = self.result(self.view)
        if result is None or steps > result.norms.shape[1]:
            return
        kept = result.shares_kept()[steps - 1]
        told = f" keeps {kept:.1%}, drops {abs(1.0 - kept):.1%}"
        self.plot.legend.set_note(f"K = {steps:,}{': not finite' if np.isnan(kept) else told}")

    def table_of(self, result: FlowMatrix) -> Table:
        """Return a row for each loss and each step that it can reach."""
        row, step = np.nonzero(result.kept(result.norms.shape[1]))
        columns = {
            "loss_step": result.loss_steps[row] + 1,
            result.axis: step + 1,
            "norm": result.norms[row, step],
        }
        if result.cell_norms is not None:
            columns["cell_norm"] = result.cell_norms[row, step]
        if result.plant_norms is not None:
            columns["plant_norm"] = result.plant_norms[row, step]
        return Table(columns)

    def at_step(self, step: int) -> str:
        """Return how much of the last loss arrives at a step."""
        result = self.result(self.view)
        if result is None or not 1 <= step <= result.loss_steps[-1] + 1:
            return ""
        last = subscript(int(result.loss_steps[-1]) + 1)
        return f"‖dL{last}/dh{subscript(step)}‖ = {magnitude(result.norms[-1, step - 1])}"

    def describe(self, x: float, y: float) -> str:
        """Return what is in the cell under the mouse."""
        result = self.result(self.view)
        row, step = round(-y) - 1, round(x)
        if result is None or not (
            0 <= row < len(result.loss_steps) and 1 <= step <= result.loss_steps[row] + 1
        ):
            return ""
        letter, loss = step_letter(result.axis), result.loss_steps[row] + 1
        lines = [
            f"loss s = {loss:,} at {letter} = {step:,}, {loss - step:,} back",
            f"‖dLₛ/dh‖ = {magnitude(result.norms[row, step - 1])}",
        ]
        if result.cell_norms is not None:
            lines.append(f"‖dLₛ/dc‖ = {magnitude(result.cell_norms[row, step - 1])}")
        if result.plant_norms is not None:
            lines.append(f"‖dLₛ/ds‖ = {magnitude(result.plant_norms[row, step - 1])}, plant")
        return "\n".join(lines)
