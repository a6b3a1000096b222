"""A run in a thread of its own."""

from __future__ import annotations

from contextlib import suppress
from threading import Thread

from PySide6.QtCore import QObject, Signal, SignalInstance

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.errors import InputError
from gradexplorer.training.control import Control
from gradexplorer.training.mailbox import Mailbox
from gradexplorer.training.runner import drive
from gradexplorer.training.trainer import Trainer


class Worker(QObject):
    """Runs one experiment; its signals tell of its life only, data goes through the mailbox.

    Parameters
    ----------
    config : ExperimentConfig
    paused : bool
        Whether to wait before the first update.
    parent : QObject, optional
    """

    finished = Signal()
    """The run has made its last update, or was stopped."""
    failed = Signal(str)
    """The run could not go on, for the reason given."""

    def __init__(
        self, config: ExperimentConfig, *, paused: bool = False, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.control = Control(paused=paused)
        self.mailbox = Mailbox()
        self._config = config
        self._thread = Thread(target=self._run, name="gradexplorer-run", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, seconds: float = 2.0) -> None:
        """End the run and wait for its thread."""
        self.control.stop()
        self.mailbox.close()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        try:
            drive(Trainer(self._config), self.control, self.mailbox)
        except InputError as error:
            self._tell(self.failed, str(error))
        except MemoryError:
            self._tell(self.failed, "There is not enough memory for it: make it smaller.")
        except Exception as error:  # a defect of ours: said where it can be reported
            self._tell(self.failed, f"This is a defect of the program: {error!r}.")
        else:
            self._tell(self.finished)

    @staticmethod
    def _tell(signal: SignalInstance, *arguments: str) -> None:
        with suppress(RuntimeError):  # the window, and with it the signal, may be gone by now
            signal.emit(*arguments)
