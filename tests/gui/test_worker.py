"""A run in a thread of its own."""

from __future__ import annotations

import threading
import time

import pytest
from shiboken6 import delete

from gradexplorer.gui.worker import Worker
from gradexplorer.training.trainer import Trainer


@pytest.fixture
def make_worker(runs):
    workers = []

    def make(config, **options):
        workers.append(Worker(config, make_run=runs, **options))
        return workers[-1]

    yield make
    for worker in workers:
        worker.stop()
        worker.deleteLater()


def test_it_tells_when_it_has_finished(make_worker, small, qtbot):
    worker = make_worker(small())
    with qtbot.waitSignal(worker.finished, timeout=30_000):
        worker.start()
    assert len(worker.mailbox.fetch().metrics) == 40


def test_it_tells_why_it_cannot_run(make_worker, small_stream, qtbot):
    worker = make_worker(small_stream("training.batch_size=4096"))
    with qtbot.waitSignal(worker.failed, timeout=30_000) as heard:
        worker.start()
    assert heard.args[0].startswith("training.batch_size is 4,096")


def test_it_waits_if_it_begins_paused(make_worker, small, until):
    worker = make_worker(small(), paused=True)
    worker.start()
    until(worker.control.is_waiting)
    assert len(worker.mailbox.fetch().metrics) == 0
    worker.control.step()
    until(lambda: worker.control.given == 1)
    until(worker.control.is_waiting)
    assert len(worker.mailbox.fetch().metrics) == 1


@pytest.mark.parametrize("paused", [True, False])
def test_stopping_joins_its_thread(make_worker, small, paused):
    worker = make_worker(small("training.iterations=100000000"), paused=paused)
    worker.start()
    began = time.monotonic()
    worker.stop()
    assert time.monotonic() - began < 2.0
    assert "gradexplorer-run" not in [thread.name for thread in threading.enumerate()]


def test_stopping_before_the_start_is_no_error(make_worker, small):
    make_worker(small()).stop()


def test_a_full_mailbox_does_not_hold_up_the_stop(make_worker, small, monkeypatch):
    monkeypatch.setattr("gradexplorer.training.mailbox.Mailbox.__init__.__defaults__", (1,))
    worker = make_worker(small())
    worker.start()
    worker.stop()


def test_a_run_that_outlives_its_window_is_silent(small, runs):
    """An update may take longer than anyone waits; its signals then have no sender any more."""
    reached, leave = threading.Event(), threading.Event()

    class Slow(Trainer):
        def __next__(self):
            reached.set()
            leave.wait(30.0)
            return super().__next__()

    runs.make_trainer = Slow
    worker = Worker(small(), make_run=runs)
    thread = worker._thread
    worker.start()
    assert reached.wait(30.0)
    worker.stop(seconds=0.0)
    delete(worker)
    leave.set()
    thread.join(30.0)
    assert not thread.is_alive()
