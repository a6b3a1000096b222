"""The commands to a run, and the loop that obeys them."""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np
import pytest

from gradexplorer.config.experiment import LiveSettings
from gradexplorer.config.training import BPTTConfig, ClippingConfig
from gradexplorer.training.control import Control, Turn
from gradexplorer.training.mailbox import Mailbox
from gradexplorer.training.runner import drive
from gradexplorer.training.snapshot import Snapshot
from gradexplorer.training.trainer import Trainer

LIVE = LiveSettings(learning_rate=0.5, clipping=ClippingConfig(), bptt=BPTTConfig())
GO, TRACED = Turn(None, trace=False), Turn(None, trace=True)
SINGLE = Turn(None, trace=True, moment=True)
PROMPT = 10.0  # seconds in which what should happen has happened
PATIENCE = 0.05  # seconds in which what should not happen has not happened


@pytest.fixture(autouse=True)
def no_sleeping(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: float) -> None:
        raise AssertionError("waiting is on events, never by sleeping")

    monkeypatch.setattr(time, "sleep", refuse)


class Watched(Mailbox):
    """A mailbox that tells of each arrival, and remembers it."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived = threading.Semaphore(0)
        self.snapshots: list[Snapshot] = []
        self.seen = 0

    def put(self, snapshot: Snapshot) -> None:
        super().put(snapshot)
        self.snapshots.append(snapshot)
        self.arrived.release()

    def wait(self, count: int = 1) -> None:
        for _ in range(count):
            assert self.arrived.acquire(timeout=PROMPT)
            self.seen += 1

    def wait_for_trace(self) -> Snapshot:
        self.wait()
        while self.snapshots[self.seen - 1].trace is None:
            self.wait()
        return self.snapshots[self.seen - 1]

    def is_quiet(self) -> bool:
        return not self.arrived.acquire(timeout=PATIENCE)


class Turns:
    """What turns a thread that only asks for them is given."""

    def __init__(self, control: Control, start: Any) -> None:
        self.given: list[Turn | None] = []
        self.asked = threading.Semaphore(0)
        self.control = control
        start(self._ask)

    def _ask(self) -> None:
        while not self.given or self.given[-1] is not None:
            self.given.append(self.control.turn())
            self.asked.release()

    def wait(self) -> Turn | None:
        assert self.asked.acquire(timeout=PROMPT)
        return self.given[-1]


def test_a_running_control_lets_updates_pass() -> None:
    control = Control()
    assert [control.turn(), control.turn()] == [GO, GO]


def test_a_paused_control_waits_for_a_step(start) -> None:
    control = Control(paused=True)
    turns = Turns(control, start)
    assert not turns.asked.acquire(timeout=PATIENCE)
    for _ in range(3):
        control.step()
        assert turns.wait() == SINGLE
    assert not turns.asked.acquire(timeout=PATIENCE)
    control.stop()
    assert turns.wait() is None


def test_steps_asked_for_at_once_are_all_made(start) -> None:
    control = Control(paused=True)
    for _ in range(3):
        control.step()
    turns = Turns(control, start)
    assert [turns.wait(), turns.wait(), turns.wait()] == [SINGLE] * 3
    assert not turns.asked.acquire(timeout=PATIENCE)
    control.stop()


def test_a_pause_lets_one_more_update_pass_and_traces_it(start) -> None:
    control = Control()
    assert control.turn() == GO
    control.pause()
    control.pause()
    turns = Turns(control, start)
    assert turns.wait() == SINGLE
    assert not turns.asked.acquire(timeout=PATIENCE)
    control.stop()


def test_a_pause_during_a_traced_update_lets_none_pass(start) -> None:
    """An update may take seconds; another one, only to be traced, would not be a pause."""
    control = Control()
    control.want_trace()
    assert control.turn() == TRACED
    control.pause()
    turns = Turns(control, start)
    assert not turns.asked.acquire(timeout=PATIENCE)
    control.step()
    assert turns.wait() == SINGLE
    control.stop()


def test_it_tells_when_there_is_something_to_wait_for(start) -> None:
    control, told = Control(paused=True), threading.Semaphore(0)
    control.step()
    assert control.turn(told.release) == SINGLE
    assert not told.acquire(blocking=False)
    waiting = start(control.turn, told.release)
    assert told.acquire(timeout=PROMPT)
    control.stop()
    waiting.join(PROMPT)
    assert control.turn(told.release) is None
    assert not told.acquire(blocking=False)


def test_a_pause_after_steps_that_were_not_made_is_one_update(start) -> None:
    control = Control(paused=True)
    control.step()
    control.step()
    control.resume()
    control.step()
    assert [control.turn(), control.turn()] == [GO, GO]
    control.pause()
    turns = Turns(control, start)
    assert turns.wait() == SINGLE
    assert not turns.asked.acquire(timeout=PATIENCE)
    control.stop()


def test_resuming_wakes_a_run_that_waits(start) -> None:
    control = Control(paused=True)
    waiting = start(control.turn)
    control.resume()
    waiting.join(PROMPT)
    assert not waiting.is_alive()


@pytest.mark.parametrize("paused", [False, True])
def test_stopping_is_final(paused: bool) -> None:
    control = Control(paused=paused)
    control.stop()
    control.resume()
    control.step()
    assert control.turn() is None
    assert control.turn() is None


def test_a_change_is_handed_over_once() -> None:
    control = Control()
    control.change(LIVE)
    assert [control.turn(), control.turn()] == [Turn(LIVE, trace=False), GO]


def test_the_latest_of_several_changes_counts() -> None:
    control = Control()
    control.change(LIVE)
    later = LIVE.model_copy(update={"learning_rate": 0.25})
    control.change(later)
    assert control.turn() == Turn(later, trace=False)


def test_a_change_does_not_wake_a_paused_run(start) -> None:
    control = Control(paused=True)
    turns = Turns(control, start)
    control.change(LIVE)
    control.want_trace()
    assert not turns.asked.acquire(timeout=PATIENCE)
    control.step()
    assert turns.wait() == Turn(LIVE, trace=True, moment=True)
    control.stop()


def test_a_trace_is_asked_for_once() -> None:
    control = Control()
    control.want_trace()
    assert [control.turn(), control.turn()] == [TRACED, GO]


def test_a_moment_is_asked_for_once_and_traced() -> None:
    control = Control()
    control.want_moment()
    assert [control.turn(), control.turn()] == [SINGLE, GO]


def test_driving_to_the_end_gives_what_the_trainer_gives(experiment, same, start) -> None:
    mailbox = Watched()
    start(drive, Trainer(experiment()), Control(), mailbox).join(PROMPT)
    trainer, expected = Trainer(experiment()), []
    for number in range(1, len(mailbox.snapshots) + 1):
        if number in (1, 2, 4, 8, 16, 32):
            trainer.want_trace()
        expected.append(next(trainer))
    assert same(mailbox.snapshots, expected)
    assert next(trainer, None) is None


def test_moments_are_kept_at_the_powers_of_two_where_wanted_and_at_the_end(small, start) -> None:
    control, mailbox = Control(), Watched()
    control.want_moment()
    start(drive, Trainer(small("training.iterations=37")), control, mailbox).join(PROMPT)
    moments = mailbox.fetch().moments
    assert [moment.iteration for moment in moments] == [1, 2, 4, 8, 16, 32, 37]
    for moment in moments:
        assert moment.checkpoint.iteration == moment.iteration
        assert moment.checkpoint.weights is moment.trace.weights  # kept, and sent, once


def test_a_moment_that_diverged_is_nothing_to_go_on_from(small, start) -> None:
    mailbox = Watched()
    trainer = Trainer(small("optimizer.learning_rate=1000", "training.iterations=1000"))
    start(drive, trainer, Control(), mailbox).join(PROMPT)
    *before, last = mailbox.fetch().moments
    assert last.iteration == trainer.divergence.iteration
    assert last.checkpoint is None
    assert all(moment.checkpoint is not None for moment in before)


def test_driving_step_by_step_gives_the_same_updates(experiment, same, start) -> None:
    control, mailbox = Control(paused=True), Watched()
    config = experiment("training.iterations=30")
    start(drive, Trainer(config), control, mailbox)
    for number in range(1, 4):
        control.step()
        mailbox.wait()
        assert mailbox.is_quiet()
        assert mailbox.snapshots[-1].trace.iteration == number
    control.resume()
    mailbox.wait(27)
    found = [snapshot.metrics for snapshot in mailbox.snapshots]
    assert same(found, [snapshot.metrics for snapshot in Trainer(config)])


@pytest.fixture
def endless(small) -> Trainer:
    """A run that ends only when it is told to, and records no trace unasked."""
    return Trainer(small("training.iterations=100000000", "training.record_every=1000000"))


def test_a_paused_run_stands_at_a_traced_update(endless: Trainer, start) -> None:
    control, mailbox = Control(), Watched()
    run = start(drive, endless, control, mailbox)
    mailbox.wait(5)
    control.pause()
    while not mailbox.is_quiet():
        pass
    last = mailbox.snapshots[-1]
    assert last.trace.iteration == last.metrics.iteration == len(mailbox.snapshots)
    assert run.is_alive()
    control.stop()


@pytest.mark.parametrize("paused", [False, True])
def test_stopping_ends_a_run_promptly(endless: Trainer, start, paused: bool) -> None:
    control, mailbox = Control(), Watched()
    run = start(drive, endless, control, mailbox)
    mailbox.wait(3)
    if paused:
        control.pause()
        mailbox.wait_for_trace()
    control.stop()
    run.join(PROMPT)
    assert not run.is_alive()


def test_a_change_acts_on_the_update_after_it(small, start) -> None:
    control, mailbox = Control(paused=True), Watched()
    start(drive, Trainer(small()), control, mailbox)
    control.step()
    mailbox.wait()
    control.change(LIVE)
    control.step()
    mailbox.wait()
    rates = [snapshot.metrics.learning_rate for snapshot in mailbox.snapshots]
    assert rates == [0.01, 0.5]
    control.stop()


def test_a_run_that_diverges_returns(small, start) -> None:
    mailbox = Watched()
    trainer = Trainer(small("optimizer.learning_rate=1000", "training.iterations=1000"))
    start(drive, trainer, Control(), mailbox).join(PROMPT)
    assert mailbox.snapshots[-1].divergence is trainer.divergence is not None
    assert mailbox.fetch().divergence is trainer.divergence


def test_commands_from_many_threads_lose_no_step(small, start) -> None:
    control, mailbox = Control(paused=True), Watched()
    start(drive, Trainer(small("training.iterations=1000")), control, mailbox)

    def press() -> None:
        for _ in range(50):
            control.step()

    for _ in range(4):
        start(press)
    mailbox.wait(200)
    assert mailbox.is_quiet()
    assert np.array_equal(mailbox.fetch().metrics["iteration"], np.arange(1, 201))
    control.stop()
