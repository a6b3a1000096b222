"""The run, driven from the window."""

from __future__ import annotations

import errno
import os
import threading
import time

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gradexplorer.config.experiment import LiveSettings
from gradexplorer.errors import InputError
from gradexplorer.gui.state import State
from gradexplorer.training.trainer import Trainer


def rows(window):
    return window.session.view.history.metrics


def test_a_window_begins_ready(window):
    assert window.session.state is State.READY
    assert not window.isWindowModified()
    assert not window.pending.isVisibleTo(window)
    window.grab()


def test_run_trains_and_pause_settles(window, until, settle):
    window.actions_["run"].trigger()
    until(lambda: window.session.iteration > 20)
    assert window.session.state is State.RUNNING
    assert not window.actions_["run"].isEnabled()
    window.actions_["pause"].trigger()
    assert window.session.state is State.PAUSED
    assert not window.actions_["pause"].isEnabled()
    updates = settle(window)
    window.grab()
    assert window.session.iteration == updates == len(rows(window))
    assert f"{updates:,} of 100,000,000, paused" in window.progress.iteration.text()


def test_a_step_is_one_update(window, settle):
    for updates in (1, 2, 3):
        window.actions_["step"].trigger()
        assert settle(window) == updates
        assert window.session.state is State.PAUSED
        assert window.session.view.history.trace.iteration == updates


def test_step_pauses_a_run(window, until, settle):
    window.run()
    until(lambda: window.session.iteration > 5)
    window.actions_["step"].trigger()
    assert window.session.state is State.PAUSED
    updates = settle(window)
    window.actions_["step"].trigger()
    assert settle(window) == updates + 1


def test_run_goes_on_after_a_pause(window, until, settle, headless_rows):
    window.run()
    until(lambda: window.session.iteration > 5)
    window.session.pause()
    updates = settle(window)
    window.run()
    until(lambda: window.session.iteration > updates)
    window.session.pause()
    updates = settle(window)
    assert rows(window).tobytes() == headless_rows(window.session.config, updates).tobytes()


def test_space_runs_and_pauses(window, until, settle):
    for expected in (State.RUNNING, State.PAUSED, State.RUNNING):
        QTest.keyClick(window, Qt.Key.Key_Space)
        assert window.session.state is expected


@pytest.mark.parametrize(
    ("title", "entered", "column", "old", "new"),
    [
        ("Learning rate", "0.004", "learning_rate", 0.01, 0.004),
        ("Clipping", "Norm", "clip_threshold", np.nan, 1.0),
        ("Truncation length k2", "5", "k2", 12, 5),
        ("Chunk length k1", "3", "k1", 12, 3),
    ],
)
def test_live_settings_act_from_the_next_update(
    window, until, settle, enter, title, entered, column, old, new
):
    window.run()
    until(lambda: window.session.iteration > 5)
    enter(window.form, title, entered)
    until(lambda: rows(window)[column][-1] == new)
    assert window.session.state is State.RUNNING
    assert not window.pending.isVisibleTo(window)
    window.session.pause()
    updates = settle(window)

    changed = int(np.argmax(rows(window)[column] == new))
    values = rows(window)[column]
    assert changed > 5
    np.testing.assert_array_equal(values, [old] * changed + [new] * (updates - changed))
    assert rows(window).tobytes() == _replayed(window, changed, updates)


def _replayed(window, changed, updates):
    """Return the rows of a trainer that is given the window's live settings at an update."""
    now = window.session.config
    before = window.documents._clean
    trainer = Trainer(before)
    made = [next(trainer) for _ in range(changed)]
    trainer.change(LiveSettings(**now.live().__dict__))
    made += [next(trainer) for _ in range(updates - changed)]
    return np.array([tuple(one.metrics) for one in made], rows(window).dtype).tobytes()


def test_reset_gives_the_same_losses_again(window, until, settle, losses):
    window.run()
    until(lambda: window.session.iteration >= 10)
    first = losses(window.session)
    window.actions_["reset"].trigger()
    assert window.session.state is State.READY
    assert len(rows(window)) == 0
    assert window.session.view.history.trace is None
    window.run()
    until(lambda: window.session.iteration >= 10)
    again = losses(window.session)
    shorter = min(len(first), len(again))
    assert first[:shorter] == again[:shorter]


def test_a_new_seed_gives_other_losses(window, settle, editor):
    old = window.session.config.training.seed
    window.step()
    settle(window)
    loss = rows(window)["loss"][0]
    window.actions_["new_seed"].trigger()
    seed = window.session.config.training.seed
    assert seed != old
    assert editor(window.form, "Seed").text() == str(seed)
    assert window.session.state is State.READY
    assert window.isWindowModified()
    window.step()
    settle(window)
    assert rows(window)["loss"][0] != loss


def test_a_new_seed_while_running_goes_on_running(window, until):
    window.run()
    window.new_seed()
    assert window.session.state is State.RUNNING
    until(lambda: window.session.iteration > 3)


def test_a_finished_run_has_the_bits_of_the_command_line(
    make_window, experiment, until, headless_rows
):
    config = experiment()
    window = make_window(config)
    window.run()
    until(lambda: window.session.state is State.FINISHED)
    assert rows(window).tobytes() == headless_rows(config).tobytes()
    assert "finished" in window.progress.iteration.text()
    assert window.actions_["run"].isEnabled()

    window.run()
    assert window.session.state is State.RUNNING
    until(lambda: window.session.state is State.FINISHED)
    assert rows(window).tobytes() == headless_rows(config).tobytes()


def test_the_last_step_finishes(make_window, small, until):
    window = make_window(small("training.iterations=2"))
    window.step()
    until(lambda: window.session.iteration == 1)
    window.step()
    until(lambda: window.session.state is State.FINISHED)
    assert window.session.iteration == 2


def test_a_pause_during_the_last_update_finishes(make_window, small, until):
    window = make_window(small("training.iterations=1"))
    window.run()
    window.session.pause()
    until(lambda: window.session.state is State.FINISHED)


def assert_diverged(window, iteration):
    history = window.session.view.history
    assert window.session.state is State.DIVERGED
    assert f"Diverged at update {iteration}" in window.message.label.accessibleName()
    assert window.session.iteration == iteration - 1
    assert len(history) == iteration
    assert not np.isfinite(history.metrics["loss"][-1])
    assert all(np.isfinite(values).all() for values in history.trace.weights.values())


def test_divergence_stops_the_run_and_leaves_the_plots(make_window, diverging, until):
    window = make_window(diverging)
    window.run()
    until(lambda: window.session.state is State.DIVERGED)
    trainer = Trainer(diverging)
    *_, last = trainer
    iteration = last.metrics.iteration
    assert_diverged(window, iteration)
    loss = next(panel for panel in window.panels if panel.name == "loss")
    assert np.isfinite(loss.raw.points()[1]).sum() == iteration - 1
    for name, values in window.session.view.history.trace.weights.items():
        assert values.tobytes() == trainer.weights()[name].tobytes()
    window.grab()

    window.actions_["run"].trigger()
    assert window.session.state is State.RUNNING
    assert "Diverged" not in window.message.label.accessibleName()
    until(lambda: window.session.state is State.DIVERGED)
    assert_diverged(window, iteration)


def test_a_step_into_divergence_says_so(make_window, diverging, until):
    window = make_window(diverging)
    *_, last = Trainer(diverging)
    for updates in range(1, last.metrics.iteration + 1):
        window.step()
        until(lambda updates=updates: len(rows(window)) == updates)
    until(lambda: window.session.state is State.DIVERGED)
    assert_diverged(window, last.metrics.iteration)


def test_closing_ends_a_training_run(window, until):
    window.run()
    until(lambda: window.session.iteration > 5)
    began = time.monotonic()
    assert window.close()
    assert time.monotonic() - began < 2.0
    assert "gradexplorer-run" not in [thread.name for thread in threading.enumerate()]


def test_an_experiment_that_does_not_fit_its_data_opens_no_window(make_window, small_stream):
    with pytest.raises(InputError, match=r"training\.batch_size is 4,096"):
        make_window(small_stream("training.batch_size=4096"))


def test_a_setting_that_does_not_fit_the_data_keeps_the_run(
    make_window, small_stream, enter, until
):
    window = make_window(small_stream("training.iterations=100000000"))
    window.run()
    until(lambda: window.session.iteration > 2)
    enter(window.form, "Batch", "4096")
    window.editing.start_pending()
    assert window.session.state is State.RUNNING
    assert "training.batch_size is 4,096" in window.message.label.accessibleName()
    updates = window.session.iteration
    until(lambda: window.session.iteration > updates)


def test_a_setting_that_does_not_fit_the_data_does_not_run(make_window, small_stream, enter):
    window = make_window(small_stream())
    enter(window.form, "Batch", "4096")
    assert "training.batch_size is 4,096" in window.message.label.accessibleName()
    for action in ("run", "step"):
        window.actions_[action].trigger()
        assert window.session.state is State.READY
        assert "training.batch_size is 4,096" in window.message.label.accessibleName()


def test_colours_and_ranges_can_be_chosen_while_training(window, until):
    window.run()
    for menu in window.menuBar().findChildren(type(window.menus.presets)):
        for action in menu.actions():
            if action.isCheckable() and action.actionGroup():
                action.trigger()
                assert action.isChecked()
                window.grab()
    until(lambda: window.session.iteration > 5)


def test_the_default_layout_can_be_restored(window):
    for dock in window.docks:
        dock.setFloating(True)
        dock.close()
    window.actions_["restore_layout"].trigger()
    assert all(dock.isVisible() and not dock.isFloating() for dock in window.docks)
    window.grab()


def test_metrics_that_cannot_be_kept_are_told_and_the_run_goes_on(window, until, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("gradexplorer.training.spill._write_all", refuse)
    window.run()
    until(lambda: window.session.iteration > 20)
    assert window.session.state is State.RUNNING
    assert "No space left on device" in window.message.label.accessibleName()
    loss = next(panel for panel in window.panels if panel.name == "loss")
    assert len(loss.raw.points()[0]) > 20
    assert loss.describe(3.0, 0.0) == ""
    window.grab()
    monkeypatch.undo()
    window.reset()
    assert "No space left" not in window.message.label.accessibleName()


def test_after_the_end_live_settings_wait_for_a_new_run_too(make_window, small, until, enter):
    """What is exported must be what the run was made with."""
    window = make_window(small())
    window.run()
    until(lambda: window.session.state is State.FINISHED)
    before = window.session.config
    enter(window.form, "Learning rate", 0.5)
    assert window.session.config == before
    assert "Learning rate: 0.01 → 0.5" in window.pending.label.text()
    assert window.pending.isVisibleTo(window)
    window.run()
    until(lambda: window.session.iteration > 0)
    assert window.session.config.optimizer.learning_rate == 0.5


def test_a_weights_file_that_does_not_fit_keeps_the_run(window, until, settle, enter, tmp_path):
    window.run()
    until(lambda: window.session.iteration > 5)
    window.session.pause()
    settle(window)
    done = window.session.iteration
    enter(window.form, "Start from file", str(tmp_path / "none.safetensors"))
    window.editing.start_pending()
    assert window.session.iteration == done
    assert "cannot be used" in window.message.label.accessibleName()


def test_a_long_title_leaves_the_toolbar_whole(make_window, small):
    window = make_window(small(f"title={80 * 'W'}"))
    window.resize(1000, 640)
    QApplication.processEvents()
    assert window.progress.isVisible()
    assert window.preset_button.isVisible()
    assert window.progress.geometry().right() <= window.width()
    narrow = len(window.preset_button.text())
    window.resize(1300, 640)
    QApplication.processEvents()
    assert len(window.preset_button.text()) > narrow
    assert window.progress.geometry().right() <= window.width()


@pytest.mark.parametrize("size", [(1, 1), (1000, 640), (1440, 900)])
def test_no_panel_covers_another_at_any_size(make_window, small, size):
    window = make_window(small())
    window.resize(*size)
    QApplication.processEvents()
    docks = [window.form_dock, *(dock for dock in window.docks if dock.panel.is_in_sight)]
    for index, dock in enumerate(docks):
        for other in docks[index + 1 :]:
            assert not dock.geometry().intersects(other.geometry())
    graph, bars = (dock.panel.plot.view.sceneBoundingRect() for dock in window.docks[:2])
    assert (graph.left(), graph.width()) == (bars.left(), bars.width())
