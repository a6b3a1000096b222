"""One run at a time, from the window's side: its states, its clock, its history."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.errors import InputError
from gradexplorer.gui.clock import Clock
from gradexplorer.gui.host import Host
from gradexplorer.gui.pins import Pins
from gradexplorer.gui.rest import Rest
from gradexplorer.gui.scale import MagnitudeScale, RangeMode
from gradexplorer.gui.state import State
from gradexplorer.gui.time_travel import TimeTravel
from gradexplorer.gui.view import RunView, magnitudes, traces
from gradexplorer.training.build import check_start, check_weights_file
from gradexplorer.training.full_window import WindowShape
from gradexplorer.training.history import History
from gradexplorer.training.inside import Detail
from gradexplorer.training.remote import background_run
from gradexplorer.training.runner import MakeRun
from gradexplorer.training.shape import window_shape

_FRAMES_A_TRACE = 3  # a trace may cost as much as an update; its views move smoothly at 10 Hz


class Session(QObject):
    """Starts, steers and watches runs of one experiment.

    Parameters
    ----------
    config : ExperimentConfig
    parent : QObject, optional
    make_run : callable
        Decides where runs are computed.

    Attributes
    ----------
    state : State
    failure : str
        Why the run failed, in the state ``FAILED``.
    travel : TimeTravel
    clock : Clock
        How long the run has been running, and how fast.
    rest : Rest
        Whether a paused run waits by now.
    pins : Pins
        The runs that are kept to be compared.
    """

    state_changed = Signal()
    """The state is another, or there is something else to tell about the run."""
    refreshed = Signal()
    """There is something new to draw; at most once a frame."""

    def __init__(
        self,
        config: ExperimentConfig,
        parent: QObject | None = None,
        *,
        make_run: MakeRun = background_run,
    ) -> None:
        super().__init__(parent)
        self._host = Host(self, make_run)
        self._host.due.connect(self._tick)
        self._host.finished.connect(self._on_finished)
        self._host.failed.connect(self._on_failed)
        self.state = State.READY
        self.failure = ""
        self.scale = MagnitudeScale()
        self.rest = Rest()
        self._shown_settling = False
        self.clock = Clock()
        self._frames = 0
        self.travel = TimeTravel(self)
        self.travel.changed.connect(self._show_moment)
        self.pins = Pins(self)
        self.pins.changed.connect(self._fit)
        self.pins.changed.connect(self.state_changed)
        self.pins.changed.connect(self.refreshed)
        self._take(config, window_shape(config))

    @property
    def config(self) -> ExperimentConfig:
        """The experiment, with the live changes made so far."""
        return self._config

    @property
    def history(self) -> History:
        """What the run has shown so far."""
        return self._history

    @property
    def view(self) -> RunView:
        """The run as it stands, or as it stood at the moment that is held."""
        is_running = self.state in (State.RUNNING, State.PAUSED)
        config, shape = self.travel.config, self.travel.shape or self._shape
        return RunView(
            config,
            shape,
            self._history,
            self.scale,
            is_running,
            pinned=self.pins.others,
            moment=self.travel.moment,
            is_paused=self.state is State.PAUSED,
        )

    @property
    def iteration(self) -> int:
        """Updates made; one that diverged does not count."""
        return len(self._history) - (self._history.divergence is not None)

    @property
    def is_settling(self) -> bool:
        """Whether a paused run is still busy, for long, with an update."""
        return self.state is State.PAUSED and self.rest.is_late

    @property
    def has_begun(self) -> bool:
        """Whether there is a run that another experiment would end."""
        return self._host.control is not None or len(self._history) > 0

    def load(self, config: ExperimentConfig) -> None:
        """Give up the run and take another experiment.

        Raises
        ------
        InputError
            The experiment does not fit its data; the present run goes on.
        """
        shape = window_shape(config)
        check_weights_file(config)
        self._host.end()
        self._take(config, shape)
        self._enter(State.READY)
        self.refreshed.emit()

    def reset(self) -> None:
        """Give up the run and go back to the same initial weights."""
        self.load(self._config)

    def run(self) -> None:
        """Start, go on, or start over after the end."""
        if self.state.is_over:
            self.reset()
        if self._host.control is None:
            self._host.start(self._config, paused=False)
        else:
            self._host.control.resume()
        self.clock.start()
        self.clock.forget_speed()
        self._enter(State.RUNNING)

    def continue_from(self, config: ExperimentConfig, *, paused: bool = False) -> None:
        """Give up the run and go on from the moment that is held, in a copy of its history.

        Parameters
        ----------
        config : ExperimentConfig
            What to go on with; with the settings in force then, it is the same run again.
        paused : bool
            Whether to wait for `run` or `step`.

        Raises
        ------
        InputError
            Nothing can go on from there with these settings; the present run goes on.
        """
        moment = self.travel.start
        if moment is None or moment.checkpoint is None:
            raise InputError("No state is kept to continue from; go to a later moment.")
        checkpoint, shape = moment.checkpoint.branch(config), window_shape(config)
        check_start(checkpoint)
        history = self._history.until(moment)
        self._host.end()
        self._take(config, shape, history)
        self._host.start(checkpoint, paused=paused)
        if not paused:
            self.clock.start()
        self._enter(State.PAUSED if paused else State.RUNNING)
        self.refreshed.emit()

    def pause(self) -> None:
        """Wait, as soon as the update that is being made is done."""
        if self.state is State.RUNNING and self._host.control is not None:
            self._host.control.pause()
            self._ask_for_rest()
            self.clock.stop()
            self._enter(State.PAUSED)

    def step(self) -> None:
        """Make one update and wait."""
        if self.state.is_over:
            self.reset()
        if self.state is State.RUNNING:
            self.pause()
            return
        control = self._host.control or self._host.start(self._config, paused=True)
        control.step()
        self._ask_for_rest()
        self._enter(State.PAUSED)

    def change(self, config: ExperimentConfig) -> None:
        """Take an experiment that differs in live settings, which act at once, and in texts."""
        self._config = config
        self._shape = window_shape(config)
        if self._host.control is not None:
            self._host.control.change(config.live())
        self.pins.follow()
        self.refreshed.emit()

    def set_range_mode(self, mode: RangeMode) -> None:
        """Choose which range the views of gradient magnitudes span."""
        self.scale.mode = mode
        self.scale.reset()
        self._fit()
        self.refreshed.emit()

    def look_into(self, details: Detail) -> None:
        """Let traces have what views want to show of them."""
        self._host.look_into(details)

    def close(self) -> None:
        """Give up the run, for good."""
        self._host.end()

    def _take(
        self, config: ExperimentConfig, shape: WindowShape, history: History | None = None
    ) -> None:
        self._config, self._shape = config, shape
        self._history = History() if history is None else history
        self.pins.trim()
        self.travel.forget()
        self.scale.reset()
        self._fit()
        self.failure = ""
        self._told_problem = False
        self._ask_for_rest()
        self.clock.reset()

    @Slot()
    def _tick(self) -> None:
        control = self._host.control
        if control is None:
            return
        mail = self._host.fetch()
        self._frames += 1
        if self._frames % _FRAMES_A_TRACE == 0:  # a moment has a trace too: one is enough
            if self.travel.wants_moment(self._history):
                control.want_moment()
            else:
                control.want_trace()
        self.rest.note(resting=mail.resting)
        settling, self._shown_settling = self._shown_settling, self.is_settling
        self._tell_problem()
        if not len(mail.metrics) and mail.trace is None:
            if settling != self._shown_settling:
                self.refreshed.emit()
            return
        self._history.add(mail)
        self._tell_problem()
        self.clock.count(len(mail.metrics))
        if mail.trace is not None and self.travel.moment is None:
            self._fit()
        if self._history.divergence or self.iteration == self._config.training.iterations:
            control.resume()  # paused or not: there is nothing left to wait for
        self.refreshed.emit()

    @Slot()
    def _fit(self) -> None:
        """Let the range of magnitudes follow what is shown."""
        shown = [magnitudes(trace) for trace in traces(self.view)]
        if shown:
            self.scale.fit(np.concatenate(shown))

    @Slot()
    def _show_moment(self) -> None:
        if self.scale.mode == "recent":
            self.scale.reset()
        self._fit()
        self.state_changed.emit()

    def _tell_problem(self) -> None:
        """Tell once that metrics are lost; a write that was put off may have failed meanwhile."""
        if self._history.problem and not self._told_problem:
            self._told_problem = True
            self.state_changed.emit()

    @Slot()
    def _on_finished(self) -> None:
        self._tick()
        diverged = self._history.divergence is not None
        self._end(State.DIVERGED if diverged else State.FINISHED)

    @Slot(str)
    def _on_failed(self, reason: str) -> None:
        self._tick()
        self.failure = reason
        self._end(State.FAILED)

    def _end(self, state: State) -> None:
        self._history.flush()
        self.clock.stop()
        self._host.end()
        self._enter(state)
        self.refreshed.emit()

    def _enter(self, state: State) -> None:
        self.state = state
        self.state_changed.emit()

    def _ask_for_rest(self) -> None:
        self.rest.ask()
        self._shown_settling = False
