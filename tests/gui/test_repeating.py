"""Measuring at a chosen interval: what is in sight, one at a time, at most half of the time."""

from __future__ import annotations

from itertools import pairwise

import pytest

from gradexplorer.gui.state import State

LONG = "training.iterations=100000"


@pytest.fixture
def until(qtbot):
    """Give a function that waits, also for several processes to start and to measure."""
    return lambda condition: qtbot.waitUntil(condition, timeout=30_000)


@pytest.fixture
def watched(make_window, small, until):
    """Give a function that makes a window with one instrument in sight, and notes what is asked."""

    def make(*overrides, name="lag-profile"):
        window = make_window(small(LONG, *overrides))
        docks = {dock.panel.name: dock for dock in window.docks}
        docks[name].raise_()
        until(lambda: docks[name].panel.is_in_sight)
        asked, measure = [], window.measurer.measure

        def note(config, trace, kinds, *, layer, beside):
            assert window.measurer.fraction is None  # never two at once
            asked.append((trace.iteration, tuple(kinds), layer))
            measure(config, trace, kinds, layer=layer, beside=beside)

        window.measurer.measure = note
        return window, docks, asked

    return make


def choose(window, text):
    """Choose an entry of the measuring menu, or of a menu in it."""
    menus = [action.menu() for action in window.measure_choices.menu.actions()]
    for menu in menus:
        menu.aboutToShow.emit()
    entries = [action for menu in menus for action in menu.actions()]
    next(action for action in entries if action.text() == text).trigger()


def test_nothing_is_measured_unless_asked(watched, until):
    window, _, asked = watched()
    window.run()
    until(lambda: window.session.iteration > 200)
    assert asked == []


def test_what_is_in_sight_is_measured_again_and_again(watched, until):
    window, docks, asked = watched()
    choose(window, "Every 10 updates")
    window.run()
    until(lambda: len(asked) > 2)
    assert {kinds for _, kinds, _ in asked} == {("lag",)}
    updates = [update for update, _, _ in asked]
    assert all(later - earlier >= 10 for earlier, later in pairwise(updates))
    assert docks["lag-profile"].panel.note(window.measuring.view()).startswith("after update ")
    choose(window, "Only when asked (M)")
    until(lambda: window.measurer.fraction is None)
    count = len(asked)
    until(lambda: window.session.iteration > updates[-1] + 500)
    assert len(asked) == count


def test_another_tab_is_measured_when_it_comes_into_sight(watched, until):
    window, docks, asked = watched()
    choose(window, "Every 1,000 updates")
    window.run()
    until(lambda: window.measurer.analysis is not None)
    window.session.pause()
    docks["truncation-lens"].raise_()
    until(lambda: window.measurer.analysis.truncation is not None)
    kinds = [kinds for _, kinds, _ in asked]
    assert kinds == [("lag",)] * (len(kinds) - 1) + [("truncation",)]


def test_nothing_is_measured_for_hidden_instruments(watched, until):
    window, docks, asked = watched()
    choose(window, "Every 10 updates")
    for dock in docks.values():
        dock.hide()
    window.run()
    until(lambda: window.session.iteration > 200)
    assert asked == []


def test_after_a_measurement_it_rests_as_long_as_that_took(watched, until):
    window, _, asked = watched()
    rest, seen = window.repeating._rest, []

    def look() -> None:
        if window.measurer.fraction is None:
            window.repeating._ask_when_due()
            seen.append((rest.isActive(), rest.interval(), len(asked)))

    choose(window, "Every 10 updates")
    window.measurer.progressed.connect(look)
    window.run()
    until(lambda: bool(seen))
    is_resting, milliseconds, count = seen[0]
    assert is_resting
    assert milliseconds > 10
    assert count == 1


def test_a_past_moment_is_not_measured_by_itself(watched, until):
    window, _, asked = watched()
    window.run()
    until(lambda: window.session.iteration > 50)
    window.session.pause()
    window.actions_["first"].trigger()
    assert window.session.view.moment is not None
    choose(window, "Every 10 updates")
    window.session.refreshed.emit()
    assert asked == []


def test_the_layer_of_the_dynamics_can_be_chosen(watched, until):
    window, docks, asked = watched("model.layers=2", name="jacobian-norms")
    window.step()
    until(lambda: window.session.view.trace is not None)
    window.actions_["measure"].trigger()
    until(lambda: window.measurer.analysis is not None)
    assert window.measurer.analysis.dynamics.layer == 1
    choose(window, "1")
    until(lambda: window.measurer.fraction is None)
    assert window.measurer.analysis.dynamics.layer == 0
    assert [layer for _, _, layer in asked] == [-1, 0]
    panel = docks["jacobian-norms"].panel
    assert panel.note(window.measuring.view()) == "after update 1, layer 1 of 2"
    assert window.measure_choices.layer_of(1) == 0
    assert window.measure_choices.layer_of(0) == -1
    assert window.session.state is State.PAUSED
