"""The box between a run and its reader: no row is lost, of the rest the latest counts."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradexplorer.training.mailbox import Mailbox
from gradexplorer.training.snapshot import METRICS_DTYPE, Divergence, Snapshot, StepMetrics

PATIENCE = 0.05


def snapshot(iteration: int, loss: float = 0.5, **rest: Any) -> Snapshot:
    metrics = StepMetrics(iteration, loss, 2.0, 1.0, np.nan, 0.1, 3, 4, np.nan)
    return Snapshot(metrics, **rest)


def traced(iteration: int, dh: Any = None) -> Any:
    """Return what a mailbox looks at of a trace."""
    mean = np.ones(3) if dh is None else dh
    return SimpleNamespace(iteration=iteration, dh=SimpleNamespace(mean=mean))


def test_whole_numbers_are_whole_numbers() -> None:
    whole = [name for name in METRICS_DTYPE.names if METRICS_DTYPE[name] == np.int64]
    assert whole == ["iteration", "k1", "k2"]
    assert METRICS_DTYPE.names == StepMetrics._fields


@given(
    rows=st.lists(
        st.tuples(st.integers(0, 2**60), st.floats(width=64), st.floats(), st.integers(1, 20_000)),
        max_size=5,
    )
)
def test_every_row_comes_out_as_it_went_in(rows: list[tuple]) -> None:
    mailbox = Mailbox()
    metrics = [
        StepMetrics(iteration, loss, norm, 1.0, np.inf, 0.1, k, k, -0.0)
        for iteration, loss, norm, k in rows
    ]
    for one in metrics:
        mailbox.put(Snapshot(one))
    found = mailbox.fetch().metrics
    assert found.dtype == METRICS_DTYPE
    assert found.tobytes() == np.array([tuple(one) for one in metrics], METRICS_DTYPE).tobytes()


def test_an_empty_box_gives_empty_mail() -> None:
    mail = Mailbox().fetch()
    assert len(mail.metrics) == 0
    assert (mail.trace, mail.evaluation, mail.divergence) == (None, None, None)


def test_what_was_fetched_is_gone() -> None:
    mailbox = Mailbox()
    mailbox.put(snapshot(1))
    first = mailbox.fetch()
    mailbox.put(snapshot(2))
    assert first.metrics["iteration"].tolist() == [1]
    assert mailbox.fetch().metrics["iteration"].tolist() == [2]
    assert len(mailbox.fetch().metrics) == 0


def test_the_latest_of_the_rest_wins_and_is_given_once() -> None:
    trace: Any
    evaluation: Any
    mailbox, (trace, newer, evaluation) = Mailbox(), (traced(1), traced(2), object())
    divergence = Divergence(4, "loss", None, "x")
    mailbox.put(snapshot(1, trace=trace, evaluation=evaluation))
    mailbox.put(snapshot(2, trace=newer))
    mailbox.put(snapshot(3))
    mailbox.put(snapshot(4, divergence=divergence))
    mail = mailbox.fetch()
    assert (mail.trace, mail.evaluation, mail.divergence) == (newer, evaluation, divergence)
    mail = mailbox.fetch()
    assert (mail.trace, mail.evaluation, mail.divergence) == (None, None, None)


def test_a_full_box_makes_the_run_wait_for_its_reader(start) -> None:
    mailbox, begun, done = Mailbox(capacity=3), threading.Semaphore(0), threading.Event()

    def fill() -> None:
        for iteration in range(1, 5):
            begun.release()
            mailbox.put(snapshot(iteration))
        done.set()

    start(fill)
    for _ in range(4):
        assert begun.acquire(timeout=10)
    assert not done.wait(PATIENCE)
    first = mailbox.fetch()
    assert done.wait(10)
    assert first.metrics["iteration"].tolist() == [1, 2, 3]
    assert mailbox.fetch().metrics["iteration"].tolist() == [4]


def test_closing_releases_a_run_that_waits(start) -> None:
    mailbox, done = Mailbox(capacity=1), threading.Event()

    def fill() -> None:
        for iteration in range(1, 4):
            mailbox.put(snapshot(iteration))
        done.set()

    start(fill)
    assert not done.wait(PATIENCE)
    mailbox.close()
    assert done.wait(10)
    assert mailbox.fetch().metrics["iteration"].tolist() == [1, 2, 3]


@pytest.mark.parametrize("capacity", [1, 7, 10_000])
def test_nothing_is_lost_between_two_threads(start, capacity: int) -> None:
    mailbox, count = Mailbox(capacity), 1000

    def write() -> None:
        for iteration in range(count):
            mailbox.put(snapshot(iteration, loss=iteration / 7))

    writer = start(write)
    mails = []
    while writer.is_alive():
        mails.append(mailbox.fetch().metrics)
        writer.join(1e-4)  # without it the two fight over the interpreter
    mails.append(mailbox.fetch().metrics)
    rows = np.concatenate(mails)
    assert np.array_equal(rows["iteration"], np.arange(count))
    assert np.array_equal(rows["loss"], np.arange(count) / 7)
    assert max(map(len, mails)) <= capacity


def test_mail_is_delivered_from_box_to_box(same) -> None:
    trace: Any
    evaluation: Any
    trace, evaluation = traced(1), object()
    first, second = Mailbox(), Mailbox()
    for iteration in range(1, 4):
        first.put(snapshot(iteration, trace=trace))
    second.deliver(first.fetch())
    first.put(snapshot(4, evaluation=evaluation))
    first.rest()
    second.deliver(first.fetch())
    mail = second.fetch()
    assert mail.metrics["iteration"].tolist() == [1, 2, 3, 4]
    assert (mail.trace, mail.evaluation, mail.resting) == (trace, evaluation, True)


def test_a_rest_is_told_once_and_ends_with_the_next_update() -> None:
    mailbox = Mailbox()
    mailbox.rest()
    assert [mailbox.fetch().resting, mailbox.fetch().resting] == [True, False]
    mailbox.rest()
    mailbox.put(snapshot(1))
    assert not mailbox.fetch().resting
