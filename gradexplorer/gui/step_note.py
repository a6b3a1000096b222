"""What a view has at the step that the mouse is at in another view."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QLabel

from gradexplorer.gui.plot import Plot

Tell = Callable[[int], str]
_BESIDE = 4  # pixels from the cursor's line


class StepNote(QLabel):
    """A line at the top of a plot, beside the cursor; there only while the mouse is elsewhere.

    Parameters
    ----------
    plot : Plot
    tell : callable
        Given a step, counted from 1; returns nothing where there is nothing to say.
    """

    def __init__(self, plot: Plot, tell: Tell) -> None:
        super().__init__(plot)
        self.setObjectName("readout")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._plot, self._tell = plot, tell
        plot.resized.connect(self.hide)
        self.hide()

    def show_step(self, step: int | None) -> None:
        """Tell of a step, or of none."""
        text = "" if step is None or not self._plot.isVisible() else self._tell(step)
        if not text or step is None:
            self.hide()
            return
        self.setText(text)
        self.adjustSize()
        self._place(float(step))
        self.show()

    def _place(self, step: float) -> None:
        view = self._plot.view
        area = view.sceneBoundingRect()
        x = view.mapViewToScene(QPointF(step, 0.0)).x()
        left = x + _BESIDE
        if left + self.width() > area.right():
            left = x - _BESIDE - self.width()
        self.move(round(max(left, area.left())), round(area.top()) + 2)
