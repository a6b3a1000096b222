"""The controls of stepping through an update: buttons, keys and a line that says what is seen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QSize, Qt, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from gradexplorer.gui.icons import icon
from gradexplorer.gui.keys import keep_space, tell_key
from gradexplorer.gui.playhead import Playhead
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.theme import Colors

_SPEEDS = {"¼×": 0.25, "½×": 0.5, "1×": 1.0, "2×": 2.0, "4×": 4.0, "8×": 8.0}
_PLAY = "Step through this update: forward, loss, backward"
_PAUSE = "Stand at the next step of the update"


class Stepping(QObject):
    """A playhead with its controls.

    Parameters
    ----------
    panel : QWidget
        Where the keys act.
    plot : Plot
        Gets the focus, so that the arrow keys act, once stepping has begun.

    Attributes
    ----------
    playhead : Playhead
    buttons : QWidget
        For the panel's header.
    caption : QLabel
        For below the plot; there only while stepping.
    """

    def __init__(self, panel: QWidget, plot: Plot) -> None:
        super().__init__(panel)
        self._panel, self._plot = panel, plot
        self.playhead = Playhead(self)
        whole, own = (
            Qt.ShortcutContext.WindowShortcut,
            Qt.ShortcutContext.WidgetWithChildrenShortcut,
        )
        self.play = self._action("Play update", "Shift+S", _PLAY, whole, self._toggle)
        self.back = self._action(
            "Step back", "Left", "Go one step of the update back", own, partial(self._move, -1)
        )
        self.on = self._action(
            "Step on", "Right", "Go one step of the update on", own, partial(self._move, 1)
        )
        self.end = self._action(
            "Whole update", "Esc", "Show the whole update again", own, self.playhead.leave
        )
        self.buttons = self._build_buttons()
        self.caption = QLabel()
        self.caption.setObjectName("caption")
        self.caption.setWordWrap(True)
        self.caption.setContentsMargins(12, 2, 12, 6)
        self.caption.setAccessibleName("This step of the update")
        self.caption.hide()
        self._colors: Colors | None = None
        self.playhead.changed.connect(self._show)
        self._show()

    def put_before(self, button: QToolButton) -> None:
        """Put another button before the others."""
        layout = self.buttons.layout()
        assert isinstance(layout, QHBoxLayout)
        layout.insertWidget(0, button)

    def offer(self, *, has_update: bool) -> None:
        """Enable what is of use."""
        if has_update != self.play.isEnabled():
            for action in (self.play, self.back, self.on):
                action.setEnabled(has_update)

    def add_to(self, menu: QMenu) -> None:
        """Put the actions into a menu."""
        for action in (self.play, self.back, self.on, self.end):
            menu.addAction(action)
        menu.addSeparator()

    def say(self, text: str) -> None:
        """Tell below the plot what the present step computes."""
        if text == self.caption.text():
            return
        self.caption.setText(text)
        self.caption.setVisible(bool(text))

    def set_colors(self, colors: Colors) -> None:
        """Draw the icons in these colours."""
        self._colors = colors
        self._show()

    def _action(
        self,
        text: str,
        key: str,
        tip: str,
        context: Qt.ShortcutContext,
        slot: Callable[[], None],
    ) -> QAction:
        action = QAction(text, self._panel)
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(context)
        action.setToolTip(tip)
        action.setIconVisibleInMenu(False)
        action.triggered.connect(slot)
        self._panel.addAction(action)
        return action

    def _build_buttons(self) -> QWidget:
        row = QWidget()
        row.setMinimumWidth(1)  # it makes no dock wider than the one below, with the same time axis
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self._buttons = [self._button(action) for action in (self.back, self.play, self.on)]
        self._button_end = self._button(self.end)
        self.speed = QComboBox()
        self.speed.addItems(list(_SPEEDS))
        self.speed.setCurrentText("1×")
        self.speed.setToolTip("Speed of stepping through the update")
        self.speed.setAccessibleName("Speed of stepping")
        self.speed.currentTextChanged.connect(self._set_speed)
        keep_space(self.speed)
        for widget in (*self._buttons, self.speed, self._button_end):
            layout.addWidget(widget)
        return row

    def _button(self, action: QAction) -> QToolButton:
        button = QToolButton()
        button.setObjectName("panelMenu")
        button.setAutoRaise(True)
        button.setDefaultAction(action)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setIconSize(QSize(16, 16))
        button.setAccessibleName(action.text())
        action.changed.connect(partial(tell_key, button))  # after Qt's own, which forgets the key
        tell_key(button)
        keep_space(button)
        return button

    @Slot()
    def _toggle(self) -> None:
        self.playhead.toggle()
        self._plot.setFocus()

    def _move(self, by: int) -> None:
        self.playhead.move(by)
        self._plot.setFocus()

    @Slot(str)
    def _set_speed(self, text: str) -> None:
        self.playhead.speed = _SPEEDS[text]

    @Slot()
    def _show(self) -> None:
        """Show which of the actions there are now."""
        playing, active = self.playhead.is_playing, self.playhead.is_active
        self.play.setText("Pause update" if playing else "Play update")
        self.play.setToolTip(_PAUSE if playing else _PLAY)
        self.end.setEnabled(active)
        self.speed.setVisible(active)
        self._button_end.setVisible(active)
        if self._colors is None:
            return
        names = {self.back: "previous", self.on: "next", self.end: "close"}
        for action, name in (names | {self.play: "pause" if playing else "pulse"}).items():
            action.setIcon(icon(name, self._colors.muted, self._colors.base))
