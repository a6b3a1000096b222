"""A sequence of numbers over time, with what is to be made of them and what is made."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QPainter, QPen

from gradexplorer.gui.items.marks import Marks
from gradexplorer.gui.items.pictured import Frame, PicturedItem
from gradexplorer.gui.theme import mix
from gradexplorer.tasks.views import NumberSequences

FAINT = 0.45  # of the stems that are not marked
_APART = 0.12  # of a lane's height
_RADIUS, _ALONE = 2.6, 4.0  # pixels
_DOTTED = 5.0  # pixels a step from which on each has a dot
_FEW = 4  # marked inputs that have one even so

Numbers = NDArray[np.floating]


class ShownNumbers(NamedTuple):
    """One sequence of those that there are."""

    view: NumberSequences
    which: int


class Lanes(NamedTuple):
    """Where numbers stand: a value v at the height ``v * scale``, inputs so much higher.

    A single answer stands on one axis with the inputs. Answers at many steps would hide them: they
    have a lane of their own, one below that of the inputs, and all values share a scale.
    """

    scale: float
    inputs: float

    @classmethod
    def of(cls, view: NumberSequences, which: int) -> Lanes:
        """Return where a sequence's numbers stand."""
        if len(view.loss_steps) == 1:
            return cls(1.0, 0.0)
        outputs = view.outputs[which]
        outputs = np.abs(outputs[np.isfinite(outputs)], dtype=np.float64)
        largest = max(float(np.abs(part).max()) for part in (view.inputs, view.targets))
        return cls(0.5 / max(float(outputs.max(initial=largest)), 1e-300), 1.0 + _APART)


class NumberSequenceItem(PicturedItem[ShownNumbers]):
    """Inputs as stems, dark where they are marked; targets as rings, outputs as dots on a line."""

    def __init__(self) -> None:
        super().__init__()
        self._marks = Marks()

    def draw_value(self, painter: QPainter, value: ShownNumbers, frame: Frame) -> None:
        """Draw in pixels, y downwards."""
        view, which = value
        lanes = Lanes.of(view, which)
        steps = view.inputs.shape[1]
        painter.setPen(QPen(QColor(self._colors.axis), 1.0))
        for height in {0.0, lanes.inputs}:
            zero = frame.y(height)
            self._marks.lines(painter, frame.x(0.5), zero, frame.x(steps + 0.5), zero)
        heights = view.inputs[which] * lanes.scale + lanes.inputs
        self._draw_inputs(painter, heights, view.marked[which], lanes.inputs, frame)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = frame.x(view.loss_steps + 1.0)
        targets, outputs = (
            frame.y(part[which].astype(np.float64) * lanes.scale)
            for part in (view.targets, view.outputs)
        )
        self._draw_answers(painter, x, targets, outputs, 1.0 / frame.dx)

    def _draw_inputs(
        self,
        painter: QPainter,
        heights: Numbers,
        marked: NDArray[np.bool_],
        zero: float,
        frame: Frame,
    ) -> None:
        colors, step = self._colors, 1.0 / frame.dx
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        x, y = frame.x(np.arange(1.0, len(heights) + 1.0)), frame.y(heights)
        faint, dark = mix(colors.muted, colors.base, FAINT), colors.text
        for chosen, color, width in ((~marked, faint, 1.0), (marked, dark, min(2.0, step))):
            painter.setPen(QPen(QColor(color), width))
            self._marks.lines(painter, x[chosen], frame.y(zero), x[chosen], y[chosen])
        if step < _DOTTED and marked.sum() > _FEW:
            return
        dotted = marked if step < _DOTTED else np.ones(len(x), np.bool_)
        fills = QColor(faint), QColor(dark)
        rims = tuple(QPen(fill, 0.5) for fill in fills)
        kinds = marked[dotted].astype(np.intp)
        self._marks.discs(painter, x[dotted], y[dotted], _RADIUS, kinds, fills, rims)

    def _draw_answers(
        self, painter: QPainter, x: Numbers, targets: Numbers, outputs: Numbers, step: float
    ) -> None:
        colors, alone = self._colors, len(x) == 1
        accent, base = QColor(colors.accent), QColor(colors.base)
        finite = np.isfinite(outputs)
        known, outputs = x[finite], outputs[finite]
        if alone:  # how far it is off
            painter.setPen(QPen(accent, 1.5))
            self._marks.lines(painter, known, targets[finite], known, outputs)
        else:
            painter.setPen(QPen(QColor(colors.muted), 1.0))
            self._marks.polyline(painter, x, targets)
            painter.setPen(QPen(accent, 1.5))
            self._marks.polyline(painter, known, outputs)
        if alone or step >= _DOTTED:
            radius, kinds = _ALONE if alone else _RADIUS, np.zeros(len(x), np.intp)
            ring, rim = (QPen(QColor(colors.muted), 1.5),), (QPen(base, 0.5),)
            self._marks.discs(painter, x, targets, radius + 0.8, kinds, (base,), ring)
            self._marks.discs(painter, known, outputs, radius, kinds[finite], (accent,), rim)
