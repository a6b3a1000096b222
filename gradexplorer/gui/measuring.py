"""Measuring the weights that are shown, in the window."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, TypeGuard

from PySide6.QtCore import QObject, Slot

from gradexplorer.analysis.request import KINDS, Analysis, Request
from gradexplorer.gui.measurer import Beside
from gradexplorer.gui.panels.measured_panel import MeasuredPanel
from gradexplorer.gui.panels.panel import Panel
from gradexplorer.gui.pinned import PinnedRun
from gradexplorer.gui.view import RunView
from gradexplorer.training.history import History
from gradexplorer.training.snapshot import WindowTrace

if TYPE_CHECKING:
    from gradexplorer.gui.main_window import MainWindow


class Measuring(QObject):
    """Asks for measurements, adds them to what is drawn, and takes over the length tried out."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._session = window, window.session
        self._measurer = window.measurer
        self._history = self._session.history
        self._measurer.found.connect(self._keep)
        actions = window.actions_
        actions["measure"].triggered.connect(self.measure)
        actions["use_reach"].triggered.connect(self.use_reach)
        session, progressed = self._session, self._measurer.progressed
        for signal in (session.state_changed, session.refreshed):
            signal.connect(self._follow_run)
        progressed.connect(self._allow)
        self._layer = window.measure_choices.layer
        window.measure_choices.changed.connect(self._follow_layer)
        self._allow()

    @Slot()
    def measure(self) -> None:
        """Measure what the visible instruments show, or give up the measurement being made."""
        if self._measurer.fraction is not None:
            self._measurer.cancel()
        else:
            self.measure_shown()

    def measure_shown(self) -> None:
        """Measure what the visible instruments show, or everything where none is visible.

        First of the run that is shown, then of the pinned ones, as far as they are not measured
        on the same batch already.
        """
        view, layer_of = self._session.view, self._window.measure_choices.layer_of
        if view.trace is not None:
            kinds = sorted(self.shown_kinds() or KINDS)
            layer = layer_of(view.config.model.layers)
            beside = tuple(_wanted(view.pinned, kinds, view.trace.iteration, layer_of))
            self._measurer.measure(view.config, view.trace, kinds, layer=layer, beside=beside)

    def shown_kinds(self) -> set[str]:
        """Return the kinds of measurement that the visible instruments show."""
        return {panel.kind for panel in self._window.panels if _shows_measurement(panel)}

    @Slot()
    def _follow_layer(self) -> None:
        """Measure the layer that was chosen where another one is shown."""
        before, self._layer = self._layer, self._window.measure_choices.layer
        if self._layer != before and self._measurer.analysis is not None:
            self.measure_shown()

    @Slot()
    def use_reach(self) -> None:
        """Take the length that the instruments try out as the run's truncation length."""
        length = {"k2": self._window.reach.steps, "k1": None}
        bptt = self._session.config.bptt.model_copy(update=length)
        config = self._window.form.config.model_copy(update={"bptt": bptt})
        self._window.form.set_config(config)
        self._window.editing.take(config)

    def view(self) -> RunView:
        """Return what there is to draw of the run, with what was measured of it."""
        measurer = self._measurer
        return replace(
            self._session.view,
            analysis=measurer.analysis,
            measuring=measurer.fraction,
            problem=measurer.problem,
        )

    @Slot(object, object)
    def _keep(self, history: History | None, analysis: Analysis) -> None:
        self._session.pins.keep(self._session.history if history is None else history, analysis)

    @Slot()
    def _follow_run(self) -> None:
        """Forget what was measured once there is another run."""
        if self._history is not self._session.history:
            self._history = self._session.history
            self._measurer.forget()
        self._allow()

    @Slot()
    def _allow(self) -> None:
        is_busy = self._measurer.fraction is not None
        has_weights = self._session.view.trace is not None
        self._window.actions_["measure"].setEnabled(is_busy or has_weights)


def _wanted(
    runs: tuple[PinnedRun, ...],
    kinds: Collection[str],
    batch_after: int,
    layer_of: Callable[[int], int],
) -> Iterator[Beside]:
    """Return what is missing of pinned runs' last weights, on the batch of an update."""
    for run in runs:
        trace, layer = run.history.trace, layer_of(run.config.model.layers)
        if trace is not None and not _is_known(run, trace, kinds, batch_after, layer):
            request = Request(
                run.config, trace.weights, kinds, trace.iteration, batch_after, layer=layer
            )
            yield Beside(run.history, f"Run {run.sign}", request)


def _is_known(
    run: PinnedRun, trace: WindowTrace, kinds: Collection[str], batch_after: int, layer: int
) -> bool:
    known, asked = run.analysis, (trace.iteration, batch_after)
    if known is None or (known.updates, known.batch_after) != asked or not known.has(kinds):
        return False
    dynamics = known.dynamics
    if "dynamics" not in kinds or dynamics is None or dynamics.axis == "layer":
        return True
    return dynamics.layer == layer % run.config.model.layers


def _shows_measurement(panel: Panel) -> TypeGuard[MeasuredPanel]:
    return isinstance(panel, MeasuredPanel) and panel.is_in_sight
