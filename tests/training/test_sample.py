"""Samples that stay even and bounded, moments in them, and a history cut at a moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradexplorer.errors import InputError
from gradexplorer.training.control import Control
from gradexplorer.training.history import History
from gradexplorer.training.mailbox import Mail, Mailbox
from gradexplorer.training.moments import Moment, sample_of_moments, size_of
from gradexplorer.training.runner import drive
from gradexplorer.training.sample import EvenSample
from gradexplorer.training.trainer import Trainer


@dataclass(frozen=True)
class Item:
    iteration: int
    size: int = 1


def filled(iterations, most=32, most_bytes=1 << 40, size=1) -> EvenSample[Item]:
    sample = EvenSample(most, most_bytes, lambda item: item.size)
    for iteration in iterations:
        sample.add(Item(iteration, size))
    return sample


@given(count=st.integers(1, 3000), stride=st.integers(1, 1000))
def test_it_is_even_and_has_both_ends(count, stride) -> None:
    iterations = range(1, 1 + count * stride, stride)
    kept = filled(iterations).iterations
    assert len(kept) == min(count, 32)
    assert (kept[0], kept[-1]) == (iterations[0], iterations[-1])
    gaps = np.diff(kept)
    if len(gaps):
        assert gaps.max() <= 2.5 * max(stride, (kept[-1] - kept[0]) / len(gaps))


def test_it_stays_even_over_millions_of_updates() -> None:
    """Asked as a window asks: the rate at which items come falls as the run becomes longer."""
    sample, taken = filled([1]), 1
    for iteration in range(2, 2_000_000, 50):
        if sample.wants(iteration):
            sample.add(Item(iteration))
            taken += 1
    gaps = np.diff(sample.iterations)
    assert gaps.max() <= 4 * gaps.min()
    assert taken < 32 * 15


@given(sizes=st.lists(st.integers(1, 60), min_size=1, max_size=100))
def test_it_is_bounded_in_bytes(sizes) -> None:
    sample = EvenSample(50, 200, lambda item: item.size)
    for number, size in enumerate(sizes):
        sample.add(Item(number, size))
        assert sample.bytes == sum(item.size for item in sample.items)
        assert sample.bytes <= 200 or len(sample) <= 2
    assert sample.items[-1] == Item(len(sizes) - 1, sizes[-1])


def test_what_is_not_later_is_left_out() -> None:
    assert filled([3, 3, 2, 4]).iterations == [3, 4]


@pytest.mark.parametrize(("at", "found"), [(-9, 2), (2, 2), (5, 2), (6, 9), (9, 9), (1000, 17)])
def test_the_nearest(at, found) -> None:
    assert filled([2, 9, 17]).nearest(at).iteration == found


def test_of_none_there_is_no_nearest() -> None:
    assert filled([]).nearest(4) is None


def test_a_part_leaves_the_whole_alone() -> None:
    whole = filled([2, 9, 17], size=5)
    part = whole.until(9)
    part.add(Item(11, 5))
    assert (part.iterations, part.bytes) == ([2, 9, 11], 15)
    assert (whole.iterations, whole.bytes) == ([2, 9, 17], 15)


def run(config, every: int = 3, history: History | None = None) -> History:
    """Return the history of a run that was asked for a moment every few updates."""
    trainer, mailbox, control = Trainer(config), Mailbox(), Control()
    history = History() if history is None else history

    class Inbox:
        def keep(self, moment: Moment) -> None:
            mailbox.keep(moment)

        def put(self, snapshot) -> None:
            mailbox.put(snapshot)
            if snapshot.metrics.iteration % every == every - 1:
                control.want_moment()
            history.add(mailbox.fetch())

        def rest(self) -> None:
            raise AssertionError

    drive(trainer, control, Inbox())
    return history


def test_a_history_keeps_moments_with_what_was_measured_by_then(small) -> None:
    history = run(small("training.evaluate_every=4", "training.iterations=17"))
    measured = {
        moment.iteration: moment.evaluation and moment.evaluation.iteration
        for moment in history.moments.items
    }
    assert list(measured) == [1, 2, 3, 4, 6, 8, 9, 12, 15, 16, 17]
    assert list(measured.values()) == [None, None, None, 4, 4, 8, 8, 12, 12, 16, 17]
    checkpoints = [moment.checkpoint for moment in history.moments.items]
    assert len({id(checkpoint.config) for checkpoint in checkpoints}) == 1


def test_a_profile_is_kept_of_every_trace(small) -> None:
    history = run(small("training.record_every=1"))
    assert history.profiles.iterations == list(range(1, 41))
    expected = [next(islice(Trainer(small("training.record_every=1")), 6, None)).trace.dh.mean]
    assert np.array_equal(history.profiles.items[6].dh, expected[0])


def test_a_history_up_to_a_moment_is_that_of_a_shorter_run(experiment, same) -> None:
    history = run(experiment())
    moment = history.moments.nearest(30)
    part, shorter = history.until(moment), run(experiment("training.iterations=30"))
    assert part.metrics.tobytes() == shorter.metrics.tobytes()
    assert part.smoothed_loss.tobytes() == shorter.smoothed_loss.tobytes()
    assert part.moments.iterations == [m for m in shorter.moments.iterations if m <= 30]
    # The last trace of a run has every detail, others those that were asked for.
    bare = replace(shorter.trace, layers=part.trace.layers, details=part.trace.details)
    assert same(part.trace, bare)
    one, other = (history.buckets(slice(0, 30), 5) for history in (part, shorter))
    assert same(one, other)


def test_a_branch_goes_on_where_its_history_ends(experiment) -> None:
    whole = run(experiment())
    moment = whole.moments.nearest(21)
    branch = run(moment.checkpoint, history=whole.until(moment))
    assert branch.metrics.tobytes() == whole.metrics.tobytes()
    assert branch.smoothed_loss.tobytes() == whole.smoothed_loss.tobytes()
    assert set(branch.moments.iterations) >= set(whole.moments.iterations) - {32}


def test_a_history_whose_metrics_were_lost_cannot_be_cut_after_that(small, monkeypatch) -> None:
    history = run(small())
    moment = history.moments.items[-1]
    monkeypatch.setattr(History, "kept", 9)
    monkeypatch.setattr(History, "problem", "the disk is full.")
    with pytest.raises(InputError, match="Continue from update 9 or earlier"):
        history.until(moment)


def test_moments_are_measured_and_their_weights_counted_once(small) -> None:
    history = run(small("model.hidden_size=64", "optimizer.name=adam"))
    moment = history.moments.items[-1]
    weights = sum(values.nbytes for values in moment.trace.weights.values())
    assert 3 * weights < size_of(moment) < 4.5 * weights
    assert history.moments.bytes > len(history.moments) * 3 * weights


def test_a_history_of_moments_is_bounded(small) -> None:
    history = History()
    history.moments = sample_of_moments(60_000)
    run(small("model.hidden_size=32"), history=history)
    assert 2 < len(history.moments) < 14
    assert history.moments.bytes <= 60_000
    assert history.moments.iterations[0] == 1
    assert history.moments.iterations[-1] == 40


def test_mail_without_news_changes_nothing() -> None:
    history = History()
    history.add(Mail(np.empty(0, History().metrics.dtype)))
    assert len(history.moments) == len(history.profiles) == 0
