"""A plant that is told from outside, and a pendulum that is steered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.export.tables import Table
from gradexplorer.gui.animation import Animation
from gradexplorer.gui.items import pendulum, plant_response
from gradexplorer.gui.items.lanes import BOTTOM, TOP, Lane
from gradexplorer.gui.items.pendulum import PendulumItem
from gradexplorer.gui.items.pictured import PicturedItem
from gradexplorer.gui.items.plant_response import PlantResponseItem
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.columns import beside
from gradexplorer.gui.panels.drawing import Drawing, Extent, Other
from gradexplorer.gui.pinned import PinnedCurves
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.theme import LIGHT, Colors
from gradexplorer.tasks.views import PendulumTrial, PlantResponse

_REST = 20  # frames that the pendulum stands still after a trial


class LaneDrawing(Drawing):
    """What both have: two lanes, whose values the y axis labels."""

    def __init__(self, plot: Plot, item: PicturedItem[Any]) -> None:
        super().__init__(plot)
        self.item = item
        plot.view.addItem(item, ignoreBounds=True)
        self._colors = LIGHT

    def recolor(self, colors: Colors) -> None:
        """Draw in these colours."""
        self._colors = colors
        self.item.set_colors(colors)

    def clear(self) -> None:
        """Draw nothing, and leave the plot as it was found."""
        self.item.show_value(None)
        self.plot.left.set_names({})
        self.plot.bottom.set_names({})
        self.plot.grid.show()

    def _prepare(self, lanes: tuple[Lane, Lane]) -> None:
        high, low = lanes
        self.plot.left.set_names({**high.names(), **low.names()})
        self.plot.grid.hide()


class PlantResponseDrawing(LaneDrawing):
    """A plant's output, what the network says it is, and the input, over time."""

    labels: ClassVar[tuple[str, str]] = ("step k of the test signal", "")
    overlays: ClassVar[bool] = True

    def __init__(self, plot: Plot) -> None:
        self._response = PlantResponseItem(plot.font_small)
        super().__init__(plot, self._response)
        self.pinned = PinnedCurves(plot)

    def recolor(self, colors: Colors) -> None:
        """Draw in these colours."""
        super().recolor(colors)
        self.pinned.set_colors(colors)

    def show_others(self, others: Sequence[Other], config: ExperimentConfig) -> tuple[Entry, ...]:
        """Take other networks, which are drawn with the next response; return their marks."""
        self.others = tuple(others)
        runs = [run for run, _ in others]
        self.pinned.clear_others(runs)
        return self.pinned.entries(runs, config)

    def clear(self) -> None:
        """Draw nothing, and leave the plot as it was found."""
        super().clear()
        self.others = ()
        self.pinned.clear_others()

    def show(self, view: PlantResponse) -> tuple[Entry, ...]:
        """Draw a response; return what its marks mean."""
        views = [other for _, other in self.others]
        self._response.leave_room_for(views)
        self.item.show_value(view)
        lanes = plant_response.lanes(view, views)
        self._prepare(lanes)
        for run, other in self.others:
            self.pinned.of(run).show_points(other.times, lanes[0].y(other.output))
        pens = plant_response.pens(self._colors)
        return _entries(pens, ("plant", "network", "input"))

    def extent(self, view: PlantResponse) -> Extent:
        """Return left, right, bottom and top of both lanes."""
        first, last = float(view.times[0]), float(view.times[-1])
        return first, max(last, first + 1.0), BOTTOM, TOP

    def table(self, view: PlantResponse) -> Table:
        """Return the signal and both answers."""
        own = {"input": view.inputs, "truth": view.truth, "output": view.output}
        others = ((run, other.times, {"output": other.output}) for run, other in self.others)
        return beside("step", view.times, own, others)

    def describe(self, view: PlantResponse, x: float, _y: float) -> str:
        """Return input, plant and network at the step nearest the mouse."""
        index = int(np.argmin(np.abs(view.times - x)))
        named = {"input": view.inputs, "plant": view.truth, "network": view.output}
        lines = [f"{name} {magnitude(float(values[index]))}" for name, values in named.items()]
        for run, other in self.others:
            found = other.output[other.times == view.times[index]]
            lines += [f"{run.sign} network {magnitude(float(value))}" for value in found]
        return "\n".join([f"step {view.times[index]:.0f}", *lines])


class PendulumDrawing(LaneDrawing):
    """Angle and torque of a trial over time, and the pendulum, moving as fast as it would."""

    labels: ClassVar[tuple[str, str]] = ("time, s", "")

    def __init__(self, plot: Plot) -> None:
        self._pendulum = PendulumItem(plot.font_small)
        super().__init__(plot, self._pendulum)
        self._view: PendulumTrial | None = None
        self.animation = Animation(plot, 50, self._pendulum.show_step, self._is_pendulum)

    def show(self, view: PendulumTrial) -> tuple[Entry, ...]:
        """Draw a trial; return what its marks mean."""
        self._view = view
        self.item.show_value(view)
        self._prepare(pendulum.lanes(view))
        seconds = range(int(pendulum.duration(view)) + 1)
        self.plot.bottom.set_names({float(second): str(second) for second in seconds})
        self.animation.set_frames(len(view.angle) + _REST)
        within = f"within {np.degrees(view.held_within):.0f}°: held"
        held = Entry("band", self._colors.smooth, within)
        names = "angle", "torque", "reference: upright"
        return (*_entries(pendulum.pens(self._colors), names), held)

    def clear(self) -> None:
        """Draw nothing, stand still, and leave the plot as it was found."""
        super().clear()
        self._view = None
        self.animation.set_frames(0)

    def extent(self, view: PendulumTrial) -> Extent:
        """Return left, right, bottom and top of lanes and pendulum."""
        return 0.0, (1.0 + pendulum.WIDTH) * pendulum.duration(view), BOTTOM, TOP

    def table(self, view: PendulumTrial) -> Table:
        """Return angle, reference and torque at each step."""
        return Table(
            {
                "seconds": view.seconds * np.arange(len(view.angle)),
                "angle_degrees": np.degrees(view.angle),
                "reference_degrees": np.zeros(len(view.angle)),
                "torque": view.torque,
            }
        )

    def describe(self, view: PendulumTrial, x: float, y: float) -> str:
        """Return angle and torque at the time under the mouse, or how many trials were held."""
        if self._is_pendulum(x, y):
            held = f"held upright in {view.successes:,} of {view.trials:,} held-out trials"
            return f"{held}\nthis is the one that starts lowest; click to pause or go on"
        step = round(x / view.seconds)
        if not 0 <= step < len(view.angle):
            return ""
        angle, torque = float(view.angle[step]), float(view.torque[step])
        time = f"t = {view.seconds * step:.2f} s"
        lines = [time, f"angle {np.degrees(angle):.1f}°", f"torque {torque:.2f} N m"]
        if step >= view.held_from:
            lines.append(
                f"from here on to be within {np.degrees(view.held_within):.0f}° of upright"
            )
        return "\n".join(lines)

    def _is_pendulum(self, x: float, y: float) -> bool:
        if self._view is None:
            return False
        left, top, wide, high = pendulum.place(self._view)
        return left <= x <= left + wide and top - high <= y <= top


def _entries(pens: tuple, names: tuple[str, ...]) -> tuple[Entry, ...]:  # type: ignore[type-arg]
    return tuple(Entry.of_pen(pen, name) for pen, name in zip(pens, names, strict=True))
