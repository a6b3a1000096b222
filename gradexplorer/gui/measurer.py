"""Measurements in a process of their own, so that neither the window nor the run waits."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal, Slot

from gradexplorer.analysis.remote import RemoteAnalysis
from gradexplorer.analysis.request import Analysis, Request
from gradexplorer.analysis.watch import Cancelled
from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.training.history import History
from gradexplorer.training.runner import explain
from gradexplorer.training.snapshot import WindowTrace


class Beside(NamedTuple):
    """What is measured after the run that is shown: another one.

    Attributes
    ----------
    history : History
        Whose.
    name : str
        Stands before the sentence that tells why it could not be measured.
    request : Request
    """

    history: History
    name: str
    request: Request


class Measurer(QObject):
    """Makes one measurement at a time: of the run that is shown, then of those beside it.

    Attributes
    ----------
    analysis : Analysis or None
        What was measured of the run that is shown.
    fraction : float or None
        How much of all that is being measured is done; ``None``: nothing is.
    problem : str
        Why the run that is shown could not be measured.
    """

    progressed = Signal()
    """Another fraction is done, or all of it, or the measurement was given up."""
    failed = Signal(str)
    """A measurement could not be made, for the reason given."""
    found = Signal(object, object)
    """The `History` of a run beside, ``None`` for the one that is shown, and its `Analysis`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.fraction: float | None = None
        self.analysis: Analysis | None = None
        self.problem = ""
        self._job: _Job | None = None
        self._waiting: deque[Beside] = deque()
        self._now: Beside | None = None
        self._done = self._count = 0

    def measure(
        self,
        config: ExperimentConfig,
        trace: WindowTrace,
        kinds: Collection[str],
        *,
        layer: int = -1,
        beside: Sequence[Beside] = (),
    ) -> None:
        """Measure the weights of a trace; what was being measured before is given up.

        Parameters
        ----------
        config : ExperimentConfig
        trace : WindowTrace
        kinds : collection of str
            Of `gradexplorer.analysis.request.KINDS`.
        layer : int
            Of the dynamics.
        beside : sequence of Beside
            What is measured afterwards, one after another.
        """
        self.cancel()
        self._waiting = deque(beside)
        self._done, self._count = 0, 1 + len(beside)
        self.problem = ""
        request = Request(config, trace.weights, tuple(kinds), trace.iteration, layer=layer)
        self._start(None, request)

    def cancel(self) -> None:
        """Give up what is being measured, and what waits for it."""
        self._waiting.clear()
        if self._job is not None:
            self._end()
            self.fraction = None
            self.progressed.emit()

    def _start(self, beside: Beside | None, request: Request) -> None:
        self._now, self.fraction = beside, self._done / self._count
        self._job = job = _Job(request, self)
        job.told.connect(self._take)
        job.start()
        self.progressed.emit()

    def _go_on(self) -> None:
        """Begin what waits, or be done."""
        if self._waiting:
            beside = self._waiting.popleft()
            self._start(beside, beside.request)
        else:
            self.fraction = None
            self.progressed.emit()

    def _end(self) -> None:
        job, self._job = self._job, None
        assert job is not None
        job.told.disconnect(self._take)
        job.stop()
        job.deleteLater()

    def forget(self) -> None:
        """Give up what is being measured and what was: it is of another run."""
        self.cancel()
        self.analysis, self.problem = None, ""
        self.progressed.emit()

    @Slot(str, object)
    def _take(self, kind: str, content: object) -> None:
        if self.sender() is not self._job:  # a word of an earlier one may still be on its way
            return
        if kind == "progress" and isinstance(content, float):
            self.fraction = (self._done + content) / self._count
            self.progressed.emit()
            return
        self._end()
        self._done += 1
        beside = self._now
        if isinstance(content, Analysis):
            self._give(beside, content)
            self._go_on()
            return
        sentence = str(content) if beside is None else f"{beside.name}: {content}"
        if beside is None:  # nothing would be drawn of those beside it
            self.problem = sentence
            self._waiting.clear()
        self._go_on()
        self.failed.emit(sentence)

    def _give(self, beside: Beside | None, found: Analysis) -> None:
        if beside is None:
            self.analysis = found = found.joined_with(self.analysis)
        self.found.emit(None if beside is None else beside.history, found)


class _Job(QObject):
    """One measurement, and the thread that waits for it."""

    told = Signal(str, object)

    def __init__(self, request: Request, parent: QObject) -> None:
        super().__init__(parent)
        self._remote = RemoteAnalysis(request)
        self._thread = Thread(target=self._run, name="gradexplorer-measure", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the process and wait for the thread."""
        self._remote.cancel()
        self._thread.join(2.0)

    def _run(self) -> None:
        try:
            self._tell("done", self._remote.run(partial(self._tell, "progress")))
        except Cancelled:
            pass
        except Exception as error:
            self._tell("failed", explain(error))

    def _tell(self, kind: str, content: object) -> None:
        with suppress(RuntimeError):  # the window, and with it the signal, may be gone by now
            self.told.emit(kind, content)
