"""Traces take a small share of a run's time, whatever they cost."""

from __future__ import annotations

import pytest

from gradexplorer.training.control import Control
from gradexplorer.training.pace import MOST_SHARE, SELDOM, SHARE, TracePace


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def watched(update: float, trace: float, seconds: float) -> tuple[int, float]:
    """Return how many traces a run makes that is asked for one at every update, and their share."""
    clock, control, traces = Clock(), Control(), 0
    control.pace = TracePace(clock)
    start = clock.now
    while clock.now < start + seconds:
        control.want_trace()
        turn = control.turn()
        assert turn is not None
        control.pace.begin()
        clock.now += update + turn.trace * trace
        control.pace.end(traced=turn.trace)
        traces += turn.trace
    return traces, traces * trace / (clock.now - start)


@pytest.mark.parametrize(("update", "trace"), [(0.001, 0.0005), (0.004, 0.0015), (0.02, 0.005)])
def test_cheap_traces_take_their_share(update: float, trace: float) -> None:
    _, share = watched(update, trace, 60.0)
    assert 0.5 * SHARE < share <= 1.1 * SHARE


def test_dear_traces_come_once_a_second_still() -> None:
    update, trace = 0.1, 0.03
    traces, share = watched(update, trace, 60.0)
    assert 60.0 / (SELDOM + 2.0 * update + trace) < traces < 60.0 / SELDOM
    assert SHARE < share < MOST_SHARE


def test_the_dearest_are_bounded_too() -> None:
    _, share = watched(1.0, 0.5, 600.0)
    assert 0.5 * MOST_SHARE < share <= 1.1 * MOST_SHARE


def test_nothing_waits_for_what_one_asks_for_once() -> None:
    clock, control = Clock(), Control(paused=True)
    control.pace = TracePace(clock)
    for traced in (False, True):  # as dear as can be
        control.pace.begin()
        clock.now += 10.0 if traced else 1.0
        control.pace.end(traced=traced)
    assert not control.pace.allows()
    control.step()
    turn = control.turn()
    assert turn is not None
    assert turn.trace
    control.resume()
    control.want_moment()
    turn = control.turn()
    assert turn is not None
    assert turn.trace


def test_a_trace_that_was_put_off_comes_when_it_may() -> None:
    clock, control = Clock(), Control()
    control.pace = TracePace(clock)
    for traced in (False, True):
        control.pace.begin()
        clock.now += 1.0 + traced * 0.01
        control.pace.end(traced=traced)
    control.want_trace()
    seen = []
    for _ in range(5):
        turn = control.turn()
        assert turn is not None
        seen.append(turn.trace)
        clock.now += 0.3
    assert seen == [False, False, False, False, True]
