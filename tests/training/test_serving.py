"""The far end's mail: in order, gathered, and without traces that nobody could draw in time."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest

from gradexplorer.training import serving
from gradexplorer.training.frames import read_frame
from gradexplorer.training.mailbox import Mail
from gradexplorer.training.serving import Outbox
from gradexplorer.training.trainer import Trainer


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(serving, "time", clock)
    return clock


def sent(file: io.BytesIO) -> Iterator[Mail]:
    file.seek(0)
    while (message := read_frame(file)) is not None:
        assert message[0] == "mail"
        yield Mail.of_rows(*message[1:])


def traced(small, count: int):
    trainer = Trainer(small("training.record_every=1"))
    return list(islice(trainer, count))


def test_updates_gather_until_it_is_time_and_none_is_lost(small, clock) -> None:
    file = io.BytesIO()
    outbox = Outbox(file)
    for snapshot in traced(small, 10):
        outbox.put(snapshot)
        clock.now += 0.4 * serving.GATHER_SECONDS
    outbox.post(last=True)
    mails = list(sent(file))
    assert [len(mail.metrics) for mail in mails if len(mail.metrics)] == [1, 3, 3, 3]
    assert np.concatenate([mail.metrics["iteration"] for mail in mails]).tolist() == list(
        range(1, 11)
    )


def test_traces_come_no_faster_than_they_could_be_drawn(small, clock) -> None:
    file = io.BytesIO()
    outbox = Outbox(file)
    for snapshot in traced(small, 12):
        outbox.put(snapshot)
        clock.now += 0.51 * serving.TRACE_SECONDS
    traces = [mail.trace for mail in sent(file)]
    assert [trace is not None for trace in traces] == [True, False] * 6


def test_a_rest_is_told_at_once_with_the_trace_it_stops_at(small, clock) -> None:
    file = io.BytesIO()
    outbox = Outbox(file)
    first, second = traced(small, 2)
    outbox.put(first)
    outbox.put(second)
    outbox.rest()
    outbox.rest()  # nothing new: told again, harmlessly
    mails = list(sent(file))
    assert [mail.resting for mail in mails][:2] == [False, True]
    assert mails[1].trace is not None
    assert mails[1].trace.iteration == 2


def test_a_trace_that_waits_goes_out_when_the_run_rests_or_ends(small, clock) -> None:
    for end in (Outbox.rest, lambda outbox: outbox.post(last=True)):
        file = io.BytesIO()
        outbox = Outbox(file)
        for snapshot in traced(small, 2):
            outbox.put(snapshot)
            clock.now += 1.3 * serving.GATHER_SECONDS  # the next goes out, its trace not yet
        end(outbox)
        *_, before, mail = sent(file)
        assert (before.trace, len(before.metrics)) == (None, 1)
        assert mail.trace is not None
        assert mail.trace.iteration == 2


def test_the_last_update_keeps_its_trace(small, clock) -> None:
    file = io.BytesIO()
    outbox = Outbox(file)
    for snapshot in traced(small, 2):
        outbox.put(snapshot)
    outbox.post(last=True)
    *_, mail = sent(file)
    assert mail.trace is not None
    assert mail.trace.iteration == 2
