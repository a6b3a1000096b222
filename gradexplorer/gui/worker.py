"""The thread that drives a run, or supervises the process that does."""

from __future__ import annotations

from contextlib import suppress
from threading import Thread

from PySide6.QtCore import QObject, Signal, SignalInstance

from gradexplorer.training.checkpoint import Start
from gradexplorer.training.mailbox import Mailbox
from gradexplorer.training.remote import background_run
from gradexplorer.training.runner import Commands, MakeRun, explain


class Worker(QObject):
    """Runs one experiment; its signals tell of its life only, data goes through the mailbox.

    Parameters
    ----------
    start : ExperimentConfig or Checkpoint
    paused : bool
        Whether to wait before the first update.
    make_run : callable
        Decides where the run is computed; nobody else knows.
    parent : QObject, optional

    Attributes
    ----------
    mailbox : Mailbox
    """

    finished = Signal()
    """The run has made its last update, or was stopped."""
    failed = Signal(str)
    """The run could not go on, for the reason given."""

    def __init__(
        self,
        start: Start,
        *,
        paused: bool = False,
        make_run: MakeRun = background_run,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.mailbox = Mailbox()
        self._run = make_run(start, paused=paused)
        self._thread = Thread(target=self._drive, name="gradexplorer-run", daemon=True)

    @property
    def control(self) -> Commands:
        """The way up to the run."""
        return self._run.control

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, seconds: float = 2.0) -> None:
        """End the run and wait for its thread."""
        self._run.stop()
        self.mailbox.close()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _drive(self) -> None:
        try:
            self._run.drive(self.mailbox)
        except Exception as error:
            self._tell(self.failed, explain(error))
        else:
            self._tell(self.finished)

    @staticmethod
    def _tell(signal: SignalInstance, *arguments: str) -> None:
        with suppress(RuntimeError):  # the window, and with it the signal, may be gone by now
            signal.emit(*arguments)
