"""One worker at a time, and the timer by which the session looks at its mail."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from gradexplorer.gui.worker import Worker
from gradexplorer.training.checkpoint import Start
from gradexplorer.training.inside import Detail
from gradexplorer.training.mailbox import Mail
from gradexplorer.training.runner import Commands, MakeRun

FRAME_MILLISECONDS = 33


class Host(QObject):
    """Starts and ends workers; no word of an earlier one reaches the session.

    Parameters
    ----------
    parent : QObject
    make_run : callable
        Decides where runs are computed.
    """

    due = Signal()
    """Another frame is due, while there is a worker."""
    finished = Signal()
    """The run has made its last update."""
    failed = Signal(str)
    """The run could not go on, for the reason given."""

    def __init__(self, parent: QObject, make_run: MakeRun) -> None:
        super().__init__(parent)
        self._make_run = make_run
        self._worker: Worker | None = None
        self._details = Detail.NONE
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MILLISECONDS)
        self._timer.timeout.connect(self.due)

    @property
    def control(self) -> Commands | None:
        """The way up to the run, while there is one."""
        return None if self._worker is None else self._worker.control

    def start(self, start: Start, *, paused: bool) -> Commands:
        """Begin a run, which shows its first update, and return the way up to it."""
        self._worker = worker = Worker(start, paused=paused, make_run=self._make_run, parent=self)
        worker.finished.connect(self._on_finished)
        worker.failed.connect(self._on_failed)
        worker.control.want_trace()
        worker.control.look_into(self._details)
        worker.start()
        self._timer.start()
        return worker.control

    def look_into(self, details: Detail) -> None:
        """Let the traces of this run and later ones have these details."""
        if details != self._details:
            self._details = details
            if self._worker is not None:
                self._worker.control.look_into(details)

    def fetch(self) -> Mail:
        """Return what the run has sent since; there has to be one."""
        assert self._worker is not None
        return self._worker.mailbox.fetch()

    def end(self) -> None:
        """Give up the run, if there is one."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.finished.disconnect(self._on_finished)
            worker.failed.disconnect(self._on_failed)
            worker.stop()
            worker.deleteLater()
        self._timer.stop()

    @Slot()
    def _on_finished(self) -> None:
        if self.sender() is self._worker:  # a signal of an earlier run may still be on its way
            self.finished.emit()

    @Slot(str)
    def _on_failed(self, reason: str) -> None:
        if self.sender() is self._worker:
            self.failed.emit(reason)
