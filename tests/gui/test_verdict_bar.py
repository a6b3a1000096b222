"""The verdict: always in sight, with remedies that start a run beside the present one."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton

from gradexplorer.gui.state import State


@pytest.fixture
def window(make_window, preset, until):
    """A window in which the first experiment has run long enough to be judged."""
    window = make_window(preset("vanishing-gradient", "training.iterations=300"))
    window.run()
    until(lambda: window.session.state is State.FINISHED)
    return window


@pytest.fixture
def preset():
    from gradexplorer.config.presets import load_preset

    return lambda name, *sets: load_preset(name, sets)


def test_there_is_not_enough_evidence_before_a_run(make_window, small):
    window = make_window(small())
    assert window.verdict.verdict.state == "unknown"
    assert window.verdict.title.text() == "Not enough evidence yet"
    assert window.verdict.findChildren(QPushButton) == []


def test_a_vanishing_gradient_is_told_with_its_evidence(window):
    bar = window.verdict
    assert bar.verdict.state == "vanishing"
    assert bar.title.text().startswith("Vanishing · ")
    assert bar.sentence.text() == bar.verdict.sentence
    assert bar.accessibleDescription() == bar.verdict.sentence


def test_a_remedy_starts_the_changed_experiment_beside_the_run(window, until):
    remedy = window.verdict.verdict.remedies[0]
    old = window.session.view.history
    button = next(b for b in window.verdict.findChildren(QPushButton) if b.text() == remedy.title)
    assert remedy.why in button.toolTip()
    button.click()
    assert window.session.config == remedy.apply(window.session.pins.runs[0].config)
    assert window.form.config == window.session.config
    assert window.session.pins.runs[0].history is old
    until(lambda: window.session.iteration > 0)


def test_no_run_is_lost_for_a_remedy_when_no_more_can_be_pinned(window, until, small):
    for seed in range(4):
        window.comparing.compare_with(small("training.iterations=2", f"training.seed={seed}"))
        until(lambda: window.session.state is State.FINISHED)
    history = window.session.view.history
    window.comparing.compare_with(small("training.iterations=3"))
    assert window.session.view.history is history
    assert "No more runs" in window.message.label.text()
