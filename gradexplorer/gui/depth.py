"""The one depth axis: timesteps, shared in position and zoom by every view that has it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from gradexplorer.gui.plot import Plot
from gradexplorer.gui.step_note import StepNote, Tell


class DepthAxis(QObject):
    """Keeps the plots that join it on the same steps, and their cursors on the same step."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._plots: list[Plot] = []
        self._notes: dict[Plot, StepNote] = {}
        self._apart: dict[Plot, int] = {}
        self._steps = 0
        self._following = True

    def join(self, plot: Plot, tell: Tell) -> None:
        """Let a plot share this axis; ``tell`` says in few words what it has at a step."""
        self._plots.append(plot)
        self._notes[plot] = StepNote(plot, tell)
        plot.moved.connect(self._moved)
        plot.followed.connect(self._followed)
        plot.hovered.connect(self._hovered)

    def show_steps(self, steps: int) -> None:
        """Show all of a window's steps, unless it is as long as the last and was moved by hand."""
        if steps != self._steps:
            self._steps, self._following = steps, True
            for plot in self._plots:
                if plot not in self._apart:
                    plot.bottom.set_ends(1.0, float(steps))
        if self._following:
            self._show(*full_range(steps))

    def show_own(self, plot: Plot, steps: int, shared: int) -> None:
        """Show a plot's steps together with the others' or, if it has other ones, apart."""
        if steps == shared:
            self._apart.pop(plot, None)
            self.show_steps(shared)
        elif self._apart.get(plot) != steps:
            self._apart[plot] = steps
            plot.bottom.set_ends(1.0, float(steps))
            plot.set_x_range(*full_range(steps))

    @Slot()
    def _moved(self) -> None:
        plot = self.sender()
        if isinstance(plot, Plot) and plot not in self._apart:
            self._following = False
            self._show(*plot.view.viewRange()[0])

    @Slot()
    def _followed(self) -> None:
        plot = self.sender()
        if isinstance(plot, Plot) and plot in self._apart:
            plot.set_x_range(*full_range(self._apart[plot]))
            return
        self._following = True
        self._show(*full_range(self._steps))

    @Slot(object)
    def _hovered(self, x: float | None) -> None:
        apart = self.sender() in self._apart
        for plot in self._plots:
            if (plot in self._apart) != apart or (apart and plot is not self.sender()):
                continue
            step = None if x is None else round(x)
            plot.show_cursor(None if step is None else float(step))
            self._notes[plot].show_step(None if plot is self.sender() else step)

    def _show(self, low: float, high: float) -> None:
        for plot in self._plots:
            if plot not in self._apart:
                plot.set_x_range(low, high)


def full_range(steps: int) -> tuple[float, float]:
    """Return the x range that shows all steps, with room for the edge into the first."""
    return 0.3 - 0.004 * steps, steps + 0.7 + 0.004 * steps
