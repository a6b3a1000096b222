"""Changes that need a new run, made while one is going on."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton

from gradexplorer.config.task import TASKS
from gradexplorer.gui.state import State


@pytest.fixture
def running(window, until):
    """Return a window whose run is going on."""
    window.run()
    until(lambda: window.session.iteration > 5)
    return window


def notice(window):
    return window.pending.label.text() if window.pending.isVisibleTo(window) else ""


def press(window, text):
    buttons = window.pending.findChildren(QPushButton)
    next(button for button in buttons if button.text() == text).click()


def message(window):
    return window.message.label.accessibleName()


CHANGES = [
    ("Hidden units", 9, "Hidden units: 5 → 9"),
    ("Sequence length", 20, "Sequence length: 12 → 20"),
    ("Seed", 1, "Seed: 4 → 1"),
    ("Momentum", 0.25, "Momentum: 0 → 0.25"),
    ("Cell", "LSTM", "Cell: Vanilla → LSTM"),
    ("Task", TASKS["sunspots"].title, "Task: Adding problem → Sunspots, monthly"),
]


def test_a_change_waits_while_the_run_goes_on(running, enter, until):
    config = running.session.config
    for title, entered, said in CHANGES:
        enter(running.form, title, entered)
        assert said in notice(running)
        assert running.session.state is State.RUNNING
        assert running.session.config == config
        assert running.isWindowModified()
        press(running, "Undo")
        assert notice(running) == ""
    updates = running.session.iteration
    until(lambda: running.session.iteration > updates)


def test_several_changes_are_named(running, enter):
    enter(running.form, "Hidden units", 9)
    enter(running.form, "Batch", 8)
    assert "Hidden units: 5 → 9; Batch: 3 → 8" in notice(running)
    enter(running.form, "Hidden units", 5)
    assert "Hidden units" not in notice(running)
    enter(running.form, "Batch", 3)
    assert notice(running) == ""


def test_a_new_run_starts_with_the_changes(running, enter, until, settle, headless_rows):
    enter(running.form, "Hidden units", 9)
    press(running, "Start new run")
    assert notice(running) == ""
    assert running.session.state is State.RUNNING
    assert running.session.config == running.form.config
    until(lambda: running.session.iteration > 5)
    running.session.pause()
    updates = settle(running)
    expected = headless_rows(running.form.config, updates)
    assert running.session.view.history.metrics.tobytes() == expected.tobytes()


def test_the_changes_can_be_undone(running, enter, editor, until):
    enter(running.form, "Hidden units", 9)
    enter(running.form, "Task", TASKS["sunspots"].title)
    press(running, "Undo")
    assert notice(running) == ""
    assert running.form.config == running.session.config
    assert editor(running.form, "Hidden units").text() == "5"
    assert not running.isWindowModified()
    updates = running.session.iteration
    until(lambda: running.session.iteration > updates)


def test_live_changes_act_and_are_not_undone(running, enter):
    enter(running.form, "Learning rate", 0.004)
    assert notice(running) == ""
    enter(running.form, "Hidden units", 9)
    enter(running.form, "Clipping", "Norm")
    assert "Clipping" not in notice(running)
    assert running.session.config.clipping.method == "norm"
    press(running, "Undo")
    assert running.session.config.optimizer.learning_rate == 0.004
    assert running.form.config.clipping.method == "norm"


@pytest.mark.parametrize("action", ["run", "step"])
def test_going_on_after_a_pause_starts_the_new_run(running, enter, settle, until, action):
    running.session.pause()
    settle(running)
    enter(running.form, "Hidden units", 9)
    assert "Hidden units: 5 → 9" in notice(running)
    running.actions_[action].trigger()
    assert notice(running) == ""
    assert running.session.config.model.hidden_size == 9
    until(lambda: running.session.iteration > 0)
    assert running.session.view.history.metrics["iteration"][0] == 1
    assert len(running.session.view.history.trace.weights["weight_hh_l0"]) == 9


def test_before_a_run_a_change_is_taken_at_once(window, enter):
    enter(window.form, "Hidden units", 9)
    assert notice(window) == ""
    assert window.session.config.model.hidden_size == 9
    enter(window.form, "Sequence length", 20)
    assert window.session.view.shape.steps == 20


def test_an_invalid_setting_does_not_run(window, enter):
    enter(window.form, "Hidden units", "many")
    for action in ("run", "step", "reset", "new_seed", "toggle"):
        window.actions_[action].trigger()
        assert window.session.state is State.READY
        assert not window.session.has_begun
        assert "A setting is not valid: Hidden units. 'many' is given" in message(window)
    enter(window.form, "Hidden units", "5")
    window.run()
    assert window.session.state is State.RUNNING


def test_an_invalid_setting_lets_the_run_go_on(running, enter, until):
    enter(running.form, "Hidden units", "many")
    assert running.session.state is State.RUNNING
    press_count = running.session.iteration
    until(lambda: running.session.iteration > press_count)
    running.editing.start_pending()
    assert running.session.state is State.RUNNING
    assert "Hidden units" in message(running)
    running.actions_["pause"].trigger()
    assert running.session.state is State.PAUSED


def test_a_title_is_no_reason_for_a_new_run(running, enter):
    enter(running.form, "Title", "Renamed")
    assert notice(running) == ""
    assert running.windowTitle().startswith("Renamed")
    assert running.session.config.title == "Renamed"
    assert running.session.state is State.RUNNING
