"""Measurements in a process of their own, so that neither the window nor the run waits."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from functools import partial
from threading import Thread

from PySide6.QtCore import QObject, Signal, Slot

from gradexplorer.analysis.remote import RemoteAnalysis
from gradexplorer.analysis.request import Analysis, Request
from gradexplorer.analysis.watch import Cancelled
from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.training.runner import explain
from gradexplorer.training.snapshot import WindowTrace


class Measurer(QObject):
    """Makes one measurement at a time.

    Attributes
    ----------
    analysis : Analysis or None
        What was measured last.
    fraction : float or None
        How much of the one that is being made is done; ``None``: none is.
    problem : str
        Why the last one could not be made.
    """

    progressed = Signal()
    """Another fraction is done, or all of it, or the measurement was given up."""
    failed = Signal(str)
    """The measurement could not be made, for the reason given."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.fraction: float | None = None
        self.analysis: Analysis | None = None
        self.problem = ""
        self._job: _Job | None = None

    def measure(
        self,
        config: ExperimentConfig,
        trace: WindowTrace,
        kinds: Collection[str],
        layer: int = -1,
    ) -> None:
        """Measure the weights of a trace; what was being measured before is given up.

        ``layer`` is that of the dynamics.
        """
        self.cancel()
        request = Request(config, trace.weights, tuple(kinds), trace.iteration, layer=layer)
        self.fraction, self.problem = 0.0, ""
        self._job = job = _Job(request, self)
        job.told.connect(self._take)
        job.start()
        self.progressed.emit()

    def cancel(self) -> None:
        """Give up what is being measured."""
        job, self._job = self._job, None
        if job is not None:
            job.told.disconnect(self._take)
            job.stop()
            job.deleteLater()
            self.fraction = None
            self.progressed.emit()

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
            self.fraction = content
            self.progressed.emit()
            return
        if isinstance(content, Analysis):
            self.analysis = content
        else:
            self.problem = str(content)
        self.cancel()
        if self.problem:
            self.failed.emit(self.problem)


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
