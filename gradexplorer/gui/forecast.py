"""What a run would take, asked of a process of its own so that the window never waits."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal, Slot

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.presets import dump_preset
from gradexplorer.exits import BAD_INPUT
from gradexplorer.training.children import can_have_children, child_environment, module_command
from gradexplorer.training.estimate import Estimate
from gradexplorer.training.forecast import describe

_QUIET_MILLISECONDS = 600  # a person who is still typing is not asked about


class Forecast(QObject):
    """Estimates an experiment a moment after it was asked for; only the latest is answered."""

    told = Signal(str)
    """Time and memory for a person, or nothing where they cannot be told."""

    refused = Signal(str)
    """Such a run would be refused, for the reason given."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._config: ExperimentConfig | None = None
        self._process: QProcess | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_QUIET_MILLISECONDS)
        self._timer.timeout.connect(self._start)

    def ask(self, config: ExperimentConfig) -> None:
        """Estimate this experiment, and no longer another."""
        self.stop()
        self._config = config
        if can_have_children():
            self._timer.start()

    def stop(self) -> None:
        """Answer nothing any more."""
        self._timer.stop()
        process, self._process = self._process, None
        if process is not None:
            process.finished.disconnect(self._finished)
            process.kill()
            process.waitForFinished(1000)
            process.deleteLater()
        self.told.emit("")

    @Slot()
    def _start(self) -> None:
        assert self._config is not None
        self._timer.stop()  # where it did not begin this itself
        self._process = process = QProcess(self)
        environment = QProcessEnvironment()
        for name, value in child_environment().items():
            environment.insert(name, value)
        process.setProcessEnvironment(environment)
        process.finished.connect(self._finished)
        process.start(sys.executable, module_command("gradexplorer.training.forecast"))
        process.write(dump_preset(self._config).encode())
        process.closeWriteChannel()

    @Slot(int)
    def _finished(self, code: int) -> None:
        assert self._process is not None
        assert self._config is not None
        process = self._process
        words = bytes(process.readAllStandardOutput().data()).split()
        complaint = bytes(process.readAllStandardError().data()).decode(errors="replace").strip()
        self._process.deleteLater()
        self._process = None
        if len(words) == 2:
            estimate = Estimate(int(words[0]), float(words[1]))
            self.told.emit(describe(estimate, self._config.training.iterations))
        elif code == BAD_INPUT and complaint:
            self.refused.emit(complaint)
