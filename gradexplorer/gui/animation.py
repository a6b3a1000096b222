"""A clock for what moves: it runs only while it is seen, and stops at a click."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot

from gradexplorer.gui.plot import Plot


class Animation(QObject):
    """Counts the frames of something on a plot, over and over.

    Parameters
    ----------
    plot : Plot
        It owns this clock.
    milliseconds : int
        Between two frames.
    show : callable
        Takes the frame's number, and whether the clock runs, as the keyword ``playing``.
    is_at : callable
        Takes a place of the plot; tells whether a click there stops and starts the clock.
    """

    def __init__(
        self,
        plot: Plot,
        milliseconds: int,
        show: Callable[..., None],
        is_at: Callable[[float, float], bool],
    ) -> None:
        super().__init__(plot)
        self._plot, self._show, self._is_at = plot, show, is_at
        self._frames = self._frame = 0
        self._paused = False
        self._timer = QTimer(self)
        self._timer.setInterval(milliseconds)
        self._timer.timeout.connect(self._tick)
        plot.installEventFilter(self)
        plot.scene().sigMouseClicked.connect(self._clicked)

    @property
    def is_running(self) -> bool:
        """Whether frames follow one another now."""
        return self._timer.isActive()

    def set_frames(self, frames: int) -> None:
        """Count so many frames from here on, from where it stands; 0: there is nothing to show."""
        self._frames = frames
        if not frames:
            self._frame = 0
        self._follow()
        if frames:
            self._tell()

    def toggle(self) -> None:
        """Pause, or go on."""
        self._paused = not self._paused
        self._follow()
        self._tell()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Stop when the plot is hidden, go on when it is shown."""
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide):
            self._follow(visible=event.type() == QEvent.Type.Show)
        return super().eventFilter(watched, event)

    @Slot()
    def _tick(self) -> None:
        self._frame = (self._frame + 1) % max(1, self._frames)
        self._tell()

    @Slot(object)
    def _clicked(self, event: Any) -> None:
        if not self._frames or event.button() != Qt.MouseButton.LeftButton or event.double():
            return
        at = self._plot.view.mapSceneToView(event.scenePos())
        if self._is_at(at.x(), at.y()):
            self.toggle()

    def _tell(self) -> None:
        self._show(self._frame, playing=not self._paused)

    def _follow(self, *, visible: bool | None = None) -> None:
        seen = self._plot.isVisible() if visible is None else visible
        wanted = seen and self._frames > 0 and not self._paused
        if wanted != self._timer.isActive():
            self._timer.start() if wanted else self._timer.stop()
