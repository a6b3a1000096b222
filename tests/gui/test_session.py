"""A session without a window: states, clock, and signals that arrive late."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication

from gradexplorer.config.presets import parse_preset
from gradexplorer.errors import InputError
from gradexplorer.gui import clock as clock_module
from gradexplorer.gui.state import State
from gradexplorer.gui.worker import Worker
from gradexplorer.training.trainer import Trainer

ENDLESS = "training.iterations=100000000"


@pytest.fixture
def clock(monkeypatch):
    """Give a clock that a test sets."""

    class Clock:
        now = 100.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(clock_module, "time", clock)
    return clock


@pytest.fixture
def failing(runs):
    """Give a function that lets every run fail after some updates."""

    def fail(error, after):
        class Failing(Trainer):
            def __next__(self):
                if self.iteration == after:
                    raise error
                return super().__next__()

        runs.make_trainer = Failing

    return fail


def join_run():
    """Wait for the runs' threads without letting any signal be delivered."""
    for thread in threading.enumerate():
        if thread.name == "gradexplorer-run":
            thread.join(30.0)
            assert not thread.is_alive()


def states_of(session):
    heard = []
    session.state_changed.connect(lambda: heard.append(session.state))
    return heard


def test_states_in_order(make_session, small, until, settle):
    session = make_session(small("training.iterations=300"))
    heard = states_of(session)
    session.run()
    session.pause()
    settle(session)
    session.step()
    settle(session)
    session.run()
    until(lambda: session.state.is_over)
    session.reset()
    assert heard == [
        State.RUNNING, State.PAUSED, State.PAUSED, State.RUNNING, State.FINISHED, State.READY,
    ]  # fmt: skip


def test_no_row_is_lost_at_the_end(make_session, small, until, headless_rows):
    config = small("training.iterations=2000")
    session = make_session(config)
    session.run()
    join_run()  # everything is still in the mailbox
    assert len(session.view.history) == 0
    until(lambda: session.state is State.FINISHED)
    assert session.view.history.metrics.tobytes() == headless_rows(config).tobytes()
    assert session.view.history.trace.iteration == 2000
    assert session.view.history.evaluation.iteration == 2000


def test_a_finished_signal_of_an_old_run_is_ignored(make_session, small, until):
    session = make_session(small("training.iterations=1"))
    session.run()
    join_run()  # its signal now waits to be delivered
    session.load(small(ENDLESS))
    session.run()
    heard = states_of(session)
    until(lambda: session.iteration > 5)
    assert heard == []
    assert session.state is State.RUNNING


def test_a_failed_signal_of_an_old_run_is_ignored(make_session, small, failing, until, runs):
    failing(RuntimeError("old"), after=0)
    session = make_session(small(ENDLESS))
    session.run()
    join_run()
    runs.make_trainer = Trainer
    session.reset()
    session.run()
    until(lambda: session.iteration > 5)
    assert session.state is State.RUNNING
    assert session.failure == ""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (InputError("model.hidden_size is too large."), "model.hidden_size is too large."),
        (MemoryError(), "There is not enough memory"),
        (ZeroDivisionError("by zero"), "This is a defect of the program: ZeroDivisionError"),
    ],
)
def test_a_failure_is_told_and_keeps_what_was_done(
    make_session, small, failing, until, headless_rows, error, words
):
    failing(error, after=3)
    session = make_session(small())
    session.run()
    join_run()
    until(lambda: session.state.is_over)
    assert session.state is State.FAILED
    assert words in session.failure
    expected = headless_rows(small(), 3)
    assert session.view.history.metrics.tobytes() == expected.tobytes()
    assert session.findChild(Worker) is None


def test_a_failed_run_can_be_run_again(make_session, small, failing, until, runs):
    failing(RuntimeError("once"), after=0)
    session = make_session(small())
    session.run()
    until(lambda: session.state is State.FAILED)
    runs.make_trainer = Trainer
    session.run()
    assert session.failure == ""
    until(lambda: session.state is State.FINISHED)


def test_a_failure_is_shown_in_the_window(make_window, small, failing, until):
    failing(RuntimeError("odd"), after=2)
    window = make_window(small())
    window.run()
    until(lambda: window.session.state is State.FAILED)
    assert "This is a defect of the program: RuntimeError('odd')" in (
        window.message.label.accessibleName()
    )
    assert window.actions_["run"].isEnabled()
    window.grab()


def test_seconds_leave_pauses_out(make_session, small, settle, clock):
    session = make_session(small(ENDLESS))
    assert session.clock.seconds == 0.0
    session.run()
    clock.now += 3.0
    assert session.clock.seconds == 3.0
    session.pause()
    clock.now += 100.0
    settle(session)
    assert session.clock.seconds == 3.0
    session.run()
    clock.now += 2.0
    assert session.clock.seconds == 5.0
    session.reset()
    assert session.clock.seconds == 0.0


def test_seconds_stand_still_after_the_end(make_session, small, until, clock):
    session = make_session(small())
    session.run()
    clock.now += 4.0
    until(lambda: session.state is State.FINISHED)
    clock.now += 100.0
    assert session.clock.seconds == 4.0


def test_speed_is_updates_over_time(make_session, small, settle, clock):
    session = make_session(small(ENDLESS))
    assert session.clock.updates_per_second == 0.0
    session.run()
    session.pause()
    updates = settle(session)
    assert session.clock.updates_per_second == 0.0  # too soon to tell
    clock.now += 2.0
    session.step()
    settle(session)
    assert session.clock.updates_per_second == (updates + 1) / 2.0
    session.run()
    assert session.clock.updates_per_second == 0.0


def test_a_live_change_reaches_the_run(make_session, small, settle):
    config = small(ENDLESS)
    session = make_session(config)
    session.step()
    settle(session)
    optimizer = config.optimizer.model_copy(update={"learning_rate": 0.5})
    session.change(config.model_copy(update={"optimizer": optimizer}))
    session.step()
    settle(session)
    np.testing.assert_array_equal(session.view.history.metrics["learning_rate"], [0.01, 0.5])


def test_an_experiment_that_does_not_fit_is_refused_and_the_run_goes_on(
    make_session, small, small_stream, until
):
    session = make_session(small(ENDLESS))
    session.run()
    until(lambda: session.iteration > 2)
    with pytest.raises(InputError, match="batch_size"):
        session.load(small_stream("training.batch_size=4096"))
    assert session.state is State.RUNNING
    assert session.config == small(ENDLESS)
    updates = session.iteration
    until(lambda: session.iteration > updates)


def test_has_begun(make_session, small, settle, until):
    session = make_session(small())
    assert not session.has_begun
    session.step()
    assert session.has_begun
    session.reset()
    assert not session.has_begun
    session.run()
    until(lambda: session.state is State.FINISHED)
    assert session.has_begun


def test_the_range_mode_lasts_over_runs(make_session, small, settle):
    session = make_session(small(ENDLESS))
    assert (session.scale.low, session.scale.high) == (-12.0, 2.0)
    session.set_range_mode("recent")
    session.step()
    settle(session)
    recent = (session.scale.low, session.scale.high)
    session.set_range_mode("fixed")
    assert (session.scale.low, session.scale.high) == (-12.0, 2.0)
    session.reset()
    assert (session.scale.low, session.scale.high) == (-12.0, 2.0)
    session.set_range_mode("recent")
    session.step()
    settle(session)
    assert (session.scale.low, session.scale.high) == recent


def test_refreshes_come_by_the_frame(make_session, small, until):
    """However many updates there are: a signal for each would lag by seconds."""
    session = make_session(small("training.iterations=2000"))
    heard = []
    session.refreshed.connect(lambda: heard.append(session.iteration))
    session.run()
    join_run()
    until(lambda: session.state is State.FINISHED)
    assert len(heard) <= 5
    QCoreApplication.processEvents()
    assert heard[-1] == 2000


def test_a_session_closes_in_every_state(make_session, small, until, settle):
    session = make_session(small(ENDLESS))
    session.close()
    session.run()
    session.close()
    session.close()
    assert session.findChild(Worker) is None or not threading.active_count() > 1


def test_a_diverged_update_does_not_count(make_session, diverging, until):
    session = make_session(diverging)
    session.run()
    until(lambda: session.state is State.DIVERGED)
    assert session.iteration == len(session.view.history) - 1
    assert parse_preset  # the experiment is one that a person could write
