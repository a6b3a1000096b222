"""Something that is to be done when it is asked for, but not more often than it can be read."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot


class Seldom(QObject):
    """Acts at once when asked, and again later if it was asked meanwhile.

    Parameters
    ----------
    act : callable
    milliseconds : int
        From one act to the next.
    parent : QObject
    """

    def __init__(self, act: Callable[[], None], milliseconds: int, parent: QObject) -> None:
        super().__init__(parent)
        self._act, self._asked = act, False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(milliseconds)
        self._timer.timeout.connect(self._catch_up)

    @Slot()
    def ask(self) -> None:
        """Act now, or as soon as it may."""
        if self._timer.isActive():
            self._asked = True
        else:
            self.now()

    @Slot()
    def now(self) -> None:
        """Act at once."""
        self._asked = False
        self._timer.start()
        self._act()

    @Slot()
    def _catch_up(self) -> None:
        if self._asked:
            self.now()
