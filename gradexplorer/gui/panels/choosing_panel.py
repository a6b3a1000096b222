"""What panels share that show one of several parts of a measurement."""

from __future__ import annotations

from abc import abstractmethod
from functools import partial

from PySide6.QtWidgets import QMenu

from gradexplorer.gui.panels.measured_panel import MeasuredPanel
from gradexplorer.gui.plot import Plot


class ChoosingPanel(MeasuredPanel):
    """A view whose menu offers what it can show."""

    def __init__(self, plot: Plot) -> None:
        super().__init__(plot)
        self._choice = ""

    @property
    def choice(self) -> str:
        """What is shown: what was chosen, where there is that, or else the first choice."""
        choices = self.choices()
        return self._choice if self._choice in choices else next(iter(choices), "")

    @abstractmethod
    def choices(self) -> tuple[str, ...]:
        """Return what can be shown."""

    def choose(self, text: str, _checked: bool = False) -> None:
        """Show something else."""
        self._choice = text
        self._shown = ()
        self._redraw()

    def extend_menu(self, menu: QMenu) -> None:
        """Offer the choices there are once the menu is opened."""
        choices = menu.addMenu("Show")
        choices.aboutToShow.connect(partial(self._fill, choices))

    def _fill(self, menu: QMenu) -> None:
        menu.clear()
        for text in self.choices():
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(text == self.choice)
            action.triggered.connect(partial(self.choose, text))
        if menu.isEmpty():
            menu.addAction("Nothing was measured yet").setEnabled(False)
