"""Going back in a run: what is shown, what goes on meanwhile, and what continues from there."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gradexplorer.errors import InputError
from gradexplorer.gui import time_travel
from gradexplorer.gui.state import State

ENDLESS = "training.iterations=100000000"


@pytest.fixture
def moment_every(monkeypatch):
    """Give a function that sets how often a session asks for moments, in seconds."""
    return lambda seconds: monkeypatch.setattr(time_travel, "_SECONDS_A_MOMENT", seconds)


@pytest.fixture
def finished(make_session, small, until, moment_every):
    """Give a session whose run of 40 updates is over, with the moments that it kept unasked."""
    moment_every(math.inf)
    session = make_session(small("optimizer.name=adam", "bptt.k2=6", "training.evaluate_every=4"))
    session.run()
    until(lambda: session.state is State.FINISHED)
    return session


@pytest.fixture
def stepped(window, settle):
    """Give a window whose run made five single updates and waits."""
    for _ in range(5):
        window.step()
        settle(window)
    return window


def shown(session):
    """Return the updates of the trace and of the evaluation that are shown."""
    view = session.view
    return view.trace.iteration, view.evaluation and view.evaluation.iteration


def rows(session):
    return session.history.metrics


def test_a_moment_is_shown_by_every_view(finished):
    assert finished.history.moments.iterations == [1, 2, 4, 8, 16, 32, 40]
    assert shown(finished) == (40, 40)
    for asked, expected in ((17, (16, 16)), (1, (1, None)), (7, (8, 8)), (40, (40, 40))):
        finished.travel.hold(asked)
        assert shown(finished) == expected
        assert finished.travel.asked == asked
        assert len(finished.view.history) == 40
    finished.travel.release()
    assert finished.view.moment is None
    assert shown(finished) == (40, 40)


def test_moving_goes_from_moment_to_moment_and_out_at_the_end(finished):
    travel = finished.travel
    travel.move(1)
    assert travel.moment is None
    seen = []
    for by in (-1, -1, -1, -9, -1, 1, 4, 1):
        travel.move(by)
        seen.append(travel.moment and travel.moment.iteration)
    assert seen == [32, 16, 8, 1, 1, 2, 32, 40]
    travel.move(1)
    assert travel.moment is None


def test_without_moments_nothing_can_be_held(make_session, small):
    session = make_session(small())
    session.travel.hold(3)
    session.travel.move(-1)
    assert session.travel.moment is None
    with pytest.raises(InputError, match="No state is kept"):
        session.continue_from(session.config)


def test_the_same_run_again_from_a_moment(finished, until, same):
    before, last = rows(finished).tobytes(), finished.view.trace
    smoothed = finished.history.smoothed_loss.tobytes()
    finished.travel.hold(16)
    finished.continue_from(finished.travel.config)
    assert finished.state is State.RUNNING
    assert finished.travel.moment is None
    until(lambda: finished.state is State.FINISHED)
    assert rows(finished).tobytes() == before
    assert finished.history.smoothed_loss.tobytes() == smoothed
    assert same(finished.view.trace, last)
    assert finished.history.moments.iterations[:5] == [1, 2, 4, 8, 16]


def test_a_branch_shares_its_past_alone(finished, until, small):
    before = rows(finished).copy()
    finished.travel.hold(8)
    optimizer = finished.config.optimizer.model_copy(update={"learning_rate": 0.5})
    finished.continue_from(finished.config.model_copy(update={"optimizer": optimizer}))
    until(lambda: finished.state is State.FINISHED)
    found = rows(finished)
    assert found[:8].tobytes() == before[:8].tobytes()
    assert set(found["learning_rate"][8:]) == {0.5}
    assert not np.array_equal(found["loss"][9:], before["loss"][9:])


def test_a_longer_run_goes_on_from_the_end_of_one_that_is_over(finished, until):
    finished.travel.hold(40)
    with pytest.raises(InputError, match="All 40 updates of the run are made"):
        finished.continue_from(finished.config)
    assert finished.travel.moment is not None
    training = finished.config.training.model_copy(update={"iterations": 55})
    finished.continue_from(finished.config.model_copy(update={"training": training}))
    until(lambda: finished.state is State.FINISHED)
    assert len(rows(finished)) == 55


def test_what_does_not_fit_is_refused_and_the_run_is_kept(finished, small):
    finished.travel.hold(8)
    with pytest.raises(InputError, match="cannot go on with another network"):
        finished.continue_from(small("model.hidden_size=9"))
    assert finished.state is State.FINISHED
    assert len(rows(finished)) == 40
    assert shown(finished)[0] == 8


def test_a_run_that_diverged_goes_on_from_before(make_session, diverging, until):
    session = make_session(diverging)
    session.run()
    until(lambda: session.state is State.DIVERGED)
    last = session.history.divergence.iteration
    before = rows(session).tobytes()
    session.travel.hold(last)
    assert session.view.trace.iteration == last
    start = session.travel.start.iteration
    assert start < last
    session.continue_from(session.travel.config)
    until(lambda: session.state is State.DIVERGED)
    assert rows(session).tobytes() == before


def test_a_run_goes_on_while_a_moment_is_held(make_session, small, until):
    session = make_session(small(ENDLESS))
    session.run()
    until(lambda: session.iteration > 20)
    session.travel.hold(4)
    updates = session.iteration
    until(lambda: session.iteration > updates + 50)
    assert session.state is State.RUNNING
    assert shown(session)[0] == 4
    session.travel.release()
    assert shown(session)[0] > 4


def test_moments_are_asked_for_while_it_runs(make_session, small, until, moment_every):
    moment_every(0.0)
    session = make_session(small(ENDLESS))
    session.run()
    until(lambda: len(session.history.moments) > 40)
    kept = session.history.moments.iterations
    assert any(iteration & (iteration - 1) for iteration in kept)
    assert all(moment.checkpoint is not None for moment in session.history.moments.items)


def test_a_moments_trace_is_the_only_one_asked_for_then(
    make_session, small, until, moment_every, monkeypatch
):
    moment_every(0.0)
    session = make_session(small(ENDLESS))
    session.run()
    control, asked = session._host.control, []
    for name in ("want_trace", "want_moment"):
        monkeypatch.setattr(control, name, lambda name=name: asked.append((session._frames, name)))
    until(lambda: len(asked) > 3)
    frames = [frame for frame, _ in asked]
    assert len(frames) == len(set(frames))


def test_large_moments_are_asked_for_seldom(make_session, small, until, moment_every, monkeypatch):
    moment_every(0.0)
    monkeypatch.setattr(time_travel, "_BYTES_A_SECOND", 1.0)
    session = make_session(small(ENDLESS))
    session.run()
    until(lambda: session.iteration > 3000)
    kept = session.history.moments.iterations
    assert sum(bool(iteration & (iteration - 1)) for iteration in kept) <= 1


def test_reset_is_live_again(finished):
    finished.travel.hold(8)
    finished.reset()
    assert finished.travel.moment is None
    assert finished.view.trace is None


def test_the_settings_of_the_moment_are_shown(make_session, small_stream, settle):
    session = make_session(small_stream(ENDLESS, "bptt.k2=9"))
    session.step()
    settle(session)
    config = session.config.model_copy(
        update={"bptt": session.config.bptt.model_copy(update={"k2": 5})}
    )
    session.change(config)
    session.step()
    settle(session)
    assert session.view.shape.steps == 5
    session.travel.hold(1)
    assert session.view.config.bptt.k2 == 9
    assert session.view.shape.steps == 9
    session.travel.release()
    assert session.view.config.bptt.k2 == 5


def test_continuing_paused_makes_single_updates(finished, until):
    before = rows(finished).copy()
    finished.travel.hold(8)
    finished.continue_from(finished.travel.config, paused=True)
    assert finished.state is State.PAUSED
    assert len(rows(finished)) == 8
    finished.step()
    until(lambda: len(rows(finished)) == 9)
    assert rows(finished).tobytes() == before[:9].tobytes()


def test_actions_go_through_the_history(stepped):
    actions, travel = stepped.actions_, stepped.session.travel
    assert not actions["live"].isEnabled()
    for name, expected in (
        ("earlier", 4), ("earlier", 3), ("later", 4), ("first", 1), ("live", None),
    ):  # fmt: skip
        actions[name].trigger()
        assert (travel.moment and travel.moment.iteration) == expected
    assert stepped.session.state is State.PAUSED


def test_the_bar_says_where_one_is(stepped, until):
    place, timeline = stepped.scrubber.place, stepped.scrubber.timeline
    until(lambda: place.text().startswith("Live  ·  5 moments kept, 0.0 of 200 MB"))
    stepped.session.travel.hold(2)
    assert place.text() == "Update 2 of 5"
    assert (timeline.value(), timeline.maximum()) == (2, 5)
    stepped.session.travel.release()
    assert timeline.value() == 5


def test_the_timeline_has_keys(stepped):
    timeline, travel = stepped.scrubber.timeline, stepped.session.travel
    stepped.activateWindow()
    timeline.setFocus()
    for key, expected in (
        (Qt.Key.Key_Left, 4), (Qt.Key.Key_Left, 3), (Qt.Key.Key_Right, 4),
        (Qt.Key.Key_Home, 1), (Qt.Key.Key_PageUp, None), (Qt.Key.Key_PageDown, 1),
        (Qt.Key.Key_End, None),
    ):  # fmt: skip
        QTest.keyClick(timeline, key)
        assert (travel.moment and travel.moment.iteration) == expected
    QTest.keyClick(timeline, Qt.Key.Key_Space)
    assert stepped.session.state is State.RUNNING


def test_the_timeline_is_dragged(stepped):
    timeline, travel = stepped.scrubber.timeline, stepped.session.travel
    middle = timeline.rect().center()
    for update in (2, 4, 1):
        middle.setX(round(timeline.place_of(update)))
        QTest.mousePress(timeline, Qt.MouseButton.LeftButton, pos=middle)
        assert travel.moment.iteration == update
        middle.setX(round(timeline.place_of(3)))
        QTest.mouseMove(timeline, middle)
        QTest.mouseRelease(timeline, Qt.MouseButton.LeftButton, pos=middle)
    stepped.grab()


def test_panels_show_the_moment(stepped):
    loss = next(panel for panel in stepped.panels if panel.name == "loss")
    graph = stepped.panels[0]
    live = loss.grab().toImage()
    stepped.session.travel.hold(2)
    assert graph.note(stepped.session.view) == "update 2"
    assert loss.grab().toImage() != live
    stepped.session.travel.release()
    assert loss.grab().toImage() == live


def test_changes_while_held_wait_for_the_branch(stepped, enter, until):
    stepped.session.travel.hold(3)
    enter(stepped.form, "Learning rate", "0.5")
    assert stepped.session.config.optimizer.learning_rate == 0.01
    assert "For Continue from here" in stepped.pending.label.text()
    stepped.session.travel.hold(2)
    assert stepped.form.config.optimizer.learning_rate == 0.5  # not lost on the way
    stepped.actions_["step"].trigger()
    until(lambda: len(rows(stepped.session)) == 3)
    found = rows(stepped.session)
    assert found["iteration"].tolist() == [1, 2, 3]
    assert found["learning_rate"].tolist() == [0.01, 0.01, 0.5]
    assert not stepped.pending.isVisibleTo(stepped)


def test_live_drops_what_was_changed_for_a_branch(stepped, enter):
    stepped.session.travel.hold(3)
    enter(stepped.form, "Learning rate", "0.5")
    stepped.actions_["live"].trigger()
    assert stepped.form.config == stepped.session.config
    assert stepped.session.config.optimizer.learning_rate == 0.01
    assert not stepped.pending.isVisibleTo(stepped)


def test_the_form_follows_the_moment(stepped, enter, settle):
    enter(stepped.form, "Learning rate", "0.5")
    stepped.step()
    settle(stepped)
    stepped.session.travel.hold(2)
    assert stepped.form.config.optimizer.learning_rate == 0.01
    stepped.session.travel.hold(6)
    assert stepped.form.config.optimizer.learning_rate == 0.5


def test_continue_from_here_trains(stepped, until):
    before = rows(stepped.session).copy()
    stepped.session.travel.hold(2)
    stepped.actions_["continue"].trigger()
    assert stepped.session.state is State.RUNNING
    until(lambda: len(rows(stepped.session)) > 5)
    assert rows(stepped.session)[:5].tobytes() == before.tobytes()


def test_why_one_cannot_continue_is_said(stepped, enter):
    stepped.session.travel.hold(2)
    enter(stepped.form, "Hidden units", 9)
    stepped.actions_["continue"].trigger()
    assert "cannot go on with another network" in stepped.message.label.accessibleName()
    assert stepped.session.state is State.PAUSED


def test_undo_goes_back_to_the_settings_of_the_moment(stepped, enter):
    stepped.session.travel.hold(2)
    enter(stepped.form, "Learning rate", "0.5")
    stepped.pending.undo_wanted.emit()
    assert stepped.form.config == stepped.session.travel.config
    assert not stepped.pending.isVisibleTo(stepped)
