"""Reading a file of any size in a thread, so that the window never waits for it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

from PySide6.QtCore import QObject, Signal, Slot

from gradexplorer.errors import InputError
from gradexplorer.tasks.tables.load import load_table
from gradexplorer.tasks.tables.table import CancelledError, Layout, Table
from gradexplorer.training.runner import explain


class _Job:
    """One reading: how far it is, and what came of it."""

    def __init__(self, path: Path, layout: Layout, then: Callable[[Table], None]) -> None:
        self.path, self.layout, self.then = path, layout, then
        self.share = 0.0
        self.cancelled = Event()
        self.result: Table | str = ""

    def watch(self, share: float) -> None:
        if self.cancelled.is_set():
            raise CancelledError
        self.share = share


class TableReader(QObject):
    """Reads one table at a time; a new one, or `cancel`, ends the one before."""

    finished = Signal(object)
    """The `Table` was read, or there is a sentence that says why not."""
    _ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job: _Job | None = None
        self._thread: Thread | None = None
        self._ended.connect(self._pass_on)

    @property
    def share(self) -> float:
        """How much is read, from 0 to 1."""
        return self._job.share if self._job is not None else 0.0

    def start(self, path: Path, layout: Layout, then: Callable[[Table], None]) -> None:
        """Begin to read a file; what is to be done ``then`` is done in the thread as well."""
        self.cancel()
        self._job = job = _Job(path, layout, then)
        self._thread = Thread(target=self._read, args=(job,), name="gradexplorer-read", daemon=True)
        self._thread.start()

    def settle(self, seconds: float) -> None:
        """Wait so long for a file that is quickly read, and tell of it now."""
        if self._thread is not None:
            self._thread.join(seconds)
            if not self._thread.is_alive() and self._job is not None:
                self._pass_on(self._job)

    def cancel(self) -> None:
        """Read no further and tell nothing."""
        job, self._job = self._job, None
        thread, self._thread = self._thread, None
        if job is not None:
            job.cancelled.set()
        if thread is not None:
            thread.join(2.0)

    def _read(self, job: _Job) -> None:
        try:
            table = load_table(job.path, job.layout, job.watch)
            job.then(table)
            job.result = table
        except CancelledError:
            return
        except InputError as error:
            job.result = str(error)
        except Exception as error:
            job.result = explain(error)
        with suppress(RuntimeError):  # the dialog, and with it the signal, may be gone by now
            self._ended.emit(job)

    @Slot(object)
    def _pass_on(self, job: _Job) -> None:
        if job is self._job:  # and not one that was given up
            self._job = None
            self.finished.emit(job.result)
