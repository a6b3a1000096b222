"""Collecting Python's garbage where Qt can bear it."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer, Slot

_MILLISECONDS = 100


class GarbageCollector(QObject):
    """Collects from the event loop of the thread it lives in, instead of anywhere at any time.

    Plots leave cycles with Qt objects in them. Python would take these apart in whatever
    thread allocates next, a run's for example, or in the midst of a connect() that holds the very
    lock that their destructors wait for.

    Parameters
    ----------
    parent : QObject
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._was_enabled = gc.isenabled()
        gc.disable()
        self._is_frozen = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.collect)
        self._timer.start(_MILLISECONDS)

    @Slot()
    def collect(self) -> None:
        """Collect the oldest generation that is due."""
        if not self._is_frozen:
            self._is_frozen = True
            gc.freeze()  # what the window is made of stays; looking through it takes many frames
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                return

    def close(self) -> None:
        """Give collecting back to Python, if that did it; not while Qt destroys anything."""
        self._timer.stop()
        if self._was_enabled:
            gc.unfreeze()
            gc.enable()
