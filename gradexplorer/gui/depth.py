"""The one depth axis: timesteps, shared in position and zoom by every view that has it."""

from __future__ import annotations

from collections.abc import Callable

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
        self._listeners: dict[Plot, Callable[[], bool]] = {}
        self._hovered_plot: object = None
        self._steps = 0
        self._following = True

    def join(self, plot: Plot, tell: Tell) -> None:
        """Let a plot share this axis; ``tell`` says in few words what it has at a step."""
        self._plots.append(plot)
        self._notes[plot] = StepNote(plot, tell)
        plot.moved.connect(self._moved)
        plot.followed.connect(self._followed)
        plot.hovered.connect(self._hovered)

    def listen(self, plot: Plot, tell: Tell, has_steps: Callable[[], bool]) -> None:
        """Let a plot share the cursor alone, for as long as ``has_steps`` says that it can."""
        self._listeners[plot] = has_steps
        self._notes[plot] = StepNote(plot, tell)
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
        sender, step = self.sender(), None if x is None else round(x)
        if sender in self._listeners and not self._listeners[sender]():
            return
        if x is None and sender is not self._hovered_plot:
            return  # the mouse left it for the one that it is in by now
        self._hovered_plot = sender
        for plot in (*self._plots, *self._listeners):
            if plot is not sender and not self._is_linked(plot, sender):
                continue
            plot.show_cursor(None if step is None else float(step))
            self._notes[plot].show_step(None if plot is sender else step)

    def _is_linked(self, plot: Plot, sender: object) -> bool:
        """Tell whether a plot's steps are now those of the one that the mouse is in."""
        if plot in self._listeners and not self._listeners[plot]():
            return False
        return plot not in self._apart and sender not in self._apart

    def _show(self, low: float, high: float) -> None:
        for plot in self._plots:
            if plot not in self._apart:
                plot.set_x_range(low, high)


def full_range(steps: int) -> tuple[float, float]:
    """Return the x range that shows all steps, with room for the edge into the first."""
    return 0.3 - 0.004 * steps, steps + 0.7 + 0.004 * steps
