"""How measurements are made: when again, and of which layer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from gradexplorer.config.model import stacked_layers

if TYPE_CHECKING:
    from gradexplorer.gui.main_window import MainWindow

INTERVALS = (None, 10, 100, 1000)  # updates


class MeasureChoices(QObject):
    """The choices, and the menu that offers them.

    Attributes
    ----------
    every : int or None
        Updates after which the visible instruments are measured again; ``None``: when asked.
    layer : int
        Of the dynamics, counted from 0, from the bottom; -1: the top one.
    menu : QMenu
    """

    changed = Signal()
    """Another interval, or another layer, was chosen."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.every: int | None = None
        self.layer = -1
        self.menu = QMenu("Measurin&g", window)
        self.menu.setToolTipsVisible(True)
        self._again = self.menu.addMenu("Measure &again")
        self._again.menuAction().setToolTip(
            "Only what is in sight, one at a time, and at most half of the time"
        )
        self._offer(self._again, {_interval_text(every): every for every in INTERVALS}, "every")
        self._layers = self.menu.addMenu("&Layer of the dynamics")
        self._layers.menuAction().setToolTip(
            "Whose Jacobians, eigenvalues and Lyapunov exponents are measured"
        )
        self._layers.aboutToShow.connect(self._fill_layers)
        self._fill_layers()

    def layer_of(self, layers: int) -> int:
        """Return the layer to measure of so many: the chosen one, or the top where it is none."""
        return self.layer if self.layer < layers else -1

    def _fill_layers(self) -> None:
        count = stacked_layers(self._window.session.config.model)
        self._layers.clear()
        choices = {"Top": -1} | {f"{number + 1}": number for number in range(count - 1)}
        self._offer(self._layers, choices, "layer", self.layer_of(count))

    def _offer(
        self, menu: QMenu, choices: Mapping[str, int | None], name: str, chosen: int | None = None
    ) -> None:
        group = QActionGroup(menu)
        for text, value in choices.items():
            action = QAction(text, menu)
            action.setCheckable(True)
            action.setChecked(value == chosen)
            action.triggered.connect(partial(self._choose, name, value))
            group.addAction(action)
            menu.addAction(action)

    def _choose(self, name: str, value: int | None, _checked: bool = False) -> None:
        setattr(self, name, value)
        self.changed.emit()


def _interval_text(every: int | None) -> str:
    return "Only when asked (M)" if every is None else f"Every {every:,} updates"
