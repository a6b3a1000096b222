"""Keys that are shortcuts of the window and also belong to widgets in it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QToolButton, QWidget


def keep_space(widget: QWidget) -> None:
    """Let a widget that Tab went to have the space key, which is elsewhere that of Run.

    A click does not take it there: whoever uses the mouse has Space for Run.
    """
    widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    widget.installEventFilter(_SpaceKeeper(widget))


def tell_key(button: QToolButton) -> None:
    """Let a button's tooltip name the key of its action."""
    action = button.defaultAction()
    button.setToolTip(f"{action.toolTip()} ({action.shortcut().toString()})")


class _SpaceKeeper(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Space
        ):
            event.accept()
            return True
        return super().eventFilter(watched, event)
