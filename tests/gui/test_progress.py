"""Where the run is, in figures."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from gradexplorer.gui.progress import ProgressView
from gradexplorer.gui.state import State


@pytest.fixture
def shown(qtbot, small):
    """Give a function that returns the texts for a run."""
    view = ProgressView()
    qtbot.addWidget(view)

    def show(state, iteration, speed=0.0, seconds=0.0, budget=5000, settling=False):
        config = small(f"training.iterations={budget}")
        view.show_session(
            SimpleNamespace(
                state=state, iteration=iteration, config=config, is_settling=settling,
                clock=SimpleNamespace(seconds=seconds, updates_per_second=speed),
            )
        )  # fmt: skip
        return view.iteration.text(), view.times.text(), view.bar.value()

    show.view = view
    return show


def test_before_a_run(shown):
    assert shown(State.READY, 0) == ("0 of 5,000, ready", "", 0)


def test_while_running(shown):
    assert shown(State.RUNNING, 1000, 500.0, 2.0) == (
        "1,000 of 5,000",
        "500/s  ·  2 s  ·  8 s left",
        200,
    )


def test_a_paused_run_has_no_speed(shown):
    assert shown(State.PAUSED, 1000, 500.0, 2.0) == ("1,000 of 5,000, paused", "2 s", 200)


def test_after_the_end(shown):
    assert shown(State.FINISHED, 5000, 500.0, 10.0) == ("5,000 of 5,000, finished", "10 s", 1000)


@pytest.mark.parametrize("budget", [1, 100_000_000])
def test_any_budget_has_a_bar(shown, budget):
    assert shown(State.RUNNING, budget, 0.001, 1e6, budget)[2] == 1000


def test_while_a_long_update_delays_a_pause(shown):
    """A person who pressed Pause sees at once that it was heard, and what it waits for."""
    assert shown(State.PAUSED, 3, settling=True)[0] == "3 of 5,000, finishing an update"
    assert shown(State.PAUSED, 3)[0] == "3 of 5,000, paused"


def test_where_there_is_no_room_the_speed_goes_first(shown, qtbot):
    shown(State.RUNNING, 1000, 500.0, 2.0)
    view = shown.view
    view.resize(210, 40)
    view.show()
    assert view.times.text() in ("2 s  ·  8 s left", "8 s left")
    assert view.times.toolTip() == "500/s  ·  2 s  ·  8 s left"
    assert view.times.geometry().left() > view.iteration.geometry().right()
    view.resize(420, 40)
    assert view.times.text() == "500/s  ·  2 s  ·  8 s left"
