"""What the unrolled graph shows: which cell is open, values or gradients, marks of units."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from gradexplorer.gui.icons import icon
from gradexplorer.gui.items.unrolled import Sides
from gradexplorer.gui.keys import keep_space, tell_key
from gradexplorer.gui.theme import Colors
from gradexplorer.training.inside import Detail

_SIDES: dict[Sides, str] = {
    "both": "Values and gradients",
    "values": "Forward values",
    "gradients": "Backward gradients",
}
_MOST_LAYERS = 4
_GATED = ("lstm", "gru")
_OPEN, _CLOSE = (
    "Show the gates inside the top layer's cells",
    "Leave out the gates inside the cells",
)
_NO_GATES = "Only the cells of an LSTM or GRU have gates to show"


class Choices(QObject):
    """The choices, with their actions.

    Parameters
    ----------
    panel : QWidget
        Where the keys act.

    Attributes
    ----------
    sides : {"both", "values", "gradients"}
    opened : int or None
        The layer whose gates are shown.
    button : QToolButton
        Opens and closes the top layer's cells.
    """

    changed = Signal()
    """Something else is to be shown."""

    def __init__(self, panel: QWidget) -> None:
        super().__init__(panel)
        self._panel = panel
        self.sides: Sides = "both"
        self._wanted: int | None = None
        self._layers = 0  # whose cells have gates
        self.gates = self._action("Open cell", "G", _OPEN, self._toggle)
        self.gates.setCheckable(True)
        self.next = self._action(
            "Next of values, gradients, both", "V", "Show forward values, gradients, or both",
            self._next_sides,
        )  # fmt: skip
        self.ends = self._action(
            "Mark saturated and dead units", "U",
            "Mark how many units are saturated or dead at each node", self.changed.emit,
        )  # fmt: skip
        self.ends.setCheckable(True)
        self.ends.setChecked(True)
        self._layer_actions = [self._layer_action(layer) for layer in range(_MOST_LAYERS)]
        self._side_actions = self._make_side_actions()
        self.button = self._build_button()
        self._show()

    @property
    def opened(self) -> int | None:
        """The layer whose gates are shown: the one chosen, where there is one."""
        return (
            None
            if self._wanted is None or not self._layers
            else min(self._wanted, self._layers - 1)
        )

    @property
    def details(self) -> Detail:
        """What traces have to have for it."""
        ends = Detail.ENDS if self.ends.isChecked() else Detail.NONE
        return ends | (Detail.NONE if self.opened is None else Detail.GATES)

    def offer(self, cell: str, layers: int) -> None:
        """Enable what there is in networks of such cells."""
        layers = layers if cell in _GATED else 0
        if layers == self._layers:
            return
        self._layers = layers
        self._show()

    def open(self, layer: int | None) -> None:
        """Show the gates of a layer, or close the cells."""
        self._wanted = layer
        self._show()
        self.changed.emit()

    def add_to(self, menu: QMenu) -> None:
        """Put the actions into a menu."""
        menu.addAction(self.gates)
        self._layer_menu = menu.addMenu("Open cells of")
        self._layer_menu.addActions(self._layer_actions)
        shown = menu.addMenu("Show")
        shown.addActions(self._side_actions)
        shown.addSeparator()
        shown.addAction(self.next)
        menu.addAction(self.ends)
        menu.addSeparator()
        self._show()

    def set_colors(self, colors: Colors) -> None:
        """Draw the icon in these colours."""
        self.gates.setIcon(icon("gates", colors.muted, colors.base))

    def choose_sides(self, sides: Sides) -> None:
        """Show values, gradients, or both."""
        self.sides = sides
        for action, name in zip(self._side_actions, _SIDES, strict=True):
            action.setChecked(name == sides)
        self.changed.emit()

    @Slot()
    def _next_sides(self) -> None:
        names = list(_SIDES)
        self.choose_sides(names[(names.index(self.sides) + 1) % len(names)])

    @Slot()
    def _toggle(self) -> None:
        self.open(None if self.opened is not None else self._layers - 1)

    def _show(self) -> None:
        opened = self.opened
        self.gates.setEnabled(self._layers > 0)
        self.gates.setChecked(opened is not None)
        tip = _OPEN if opened is None else _CLOSE
        self.gates.setToolTip(tip if self._layers else _NO_GATES)
        for layer, action in enumerate(self._layer_actions):
            action.setVisible(self._layers > 1 and layer < self._layers)
            action.setChecked(layer == opened)
        if hasattr(self, "_layer_menu"):
            self._layer_menu.menuAction().setVisible(self._layers > 1)

    def _action(self, text: str, key: str, tip: str, slot: Callable[[], object]) -> QAction:
        action = QAction(text, self._panel)
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setToolTip(tip)
        action.setIconVisibleInMenu(False)
        action.triggered.connect(lambda _checked: slot())
        self._panel.addAction(action)
        return action

    def _layer_action(self, layer: int) -> QAction:
        action = QAction(f"Layer {layer + 1}", self)
        action.setCheckable(True)
        action.triggered.connect(lambda checked: self.open(layer if checked else None))
        return action

    def _make_side_actions(self) -> list[QAction]:
        group = QActionGroup(self)
        actions = []
        for sides, text in _SIDES.items():
            action = QAction(text, group)
            action.setCheckable(True)
            action.setChecked(sides == self.sides)
            action.triggered.connect(lambda _checked, sides=sides: self.choose_sides(sides))
            actions.append(action)
        return actions

    def _build_button(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName("panelMenu")
        button.setAutoRaise(True)
        button.setDefaultAction(self.gates)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setIconSize(QSize(16, 16))
        button.setAccessibleName("Open cell")
        keep_space(button)
        self.gates.changed.connect(partial(tell_key, button))  # after Qt's own, which forgets it
        tell_key(button)
        return button
