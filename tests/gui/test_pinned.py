"""Runs that are kept: drawn beside the next ones in every view, listed with what differs."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QToolButton

from gradexplorer.config.tasks.memory import CopyTask
from gradexplorer.gui.figures import export_everything
from gradexplorer.gui.pinned import MOST_PINNED
from gradexplorer.gui.runs_table import compared
from gradexplorer.gui.state import State


@pytest.fixture
def window(make_window, small, until):
    """A window whose first run of ten updates is over."""
    window = make_window(small("training.iterations=10"))
    window.run()
    until(lambda: window.session.state is State.FINISHED)
    return window


@pytest.fixture
def compare(window, small, until):
    """Give a function that keeps the run there is and makes another beside it."""

    def compare(*sets):
        window.comparing.compare_with(small("training.iterations=10", *sets))
        until(lambda: window.session.state.is_over)
        return window.session.view.pinned[-1]

    return compare


def panel(window, name):
    return next(panel for panel in window.panels if panel.name == name)


def test_nothing_is_pinned_before_there_is_a_run(make_window, small):
    window = make_window(small())
    assert not window.actions_["pin"].isEnabled()
    window.session.pins.add()
    assert window.session.pins.runs == ()
    assert not window.runs_dock.isVisible()


def test_the_pinned_run_is_drawn_beside_the_next(window, compare):
    history = window.session.view.history
    run = compare("model.cell=lstm")
    assert run.history is history
    x, y = panel(window, "loss").pinned.of(run).points()
    assert x[-1] == 10.0
    assert y[-1] == pytest.approx(np.log10(history.smoothed_loss[-1]))
    _, y = panel(window, "gradient-norm").pinned.of(run).points()
    assert np.isfinite(y).all()
    x, y = panel(window, "timestep-gradient").pinned.of(run).points()
    np.testing.assert_allclose(y, np.log10(history.trace.dh.mean))
    rows = panel(window, "unrolled-graph").table().columns
    np.testing.assert_array_equal(rows["dh①"], history.trace.dh.mean)


def test_everything_pinned_is_in_view(window, compare):
    compare("task.length=4", "optimizer.learning_rate=1e-6")
    left, right = panel(window, "timestep-gradient").plot.view.viewRange()[0]
    shown = window.session.view
    assert left < 1.0
    assert right > len(shown.pinned[0].history.trace.dh.mean) > len(shown.history.trace.dh.mean)


def test_a_run_is_not_drawn_beside_itself(window):
    window.comparing.pin()
    assert window.session.pins.has_present
    assert window.session.view.pinned == ()
    assert not window.actions_["pin"].isEnabled()
    assert window.runs_dock.isVisible()
    window.reset()
    assert len(window.session.view.pinned) == 1


def test_the_table_tells_what_differs_and_how_far_each_came(window, compare):
    compare("model.cell=lstm", "bptt.k2=3")
    table = window.runs
    texts = [[table.item(row, column).text() for column in range(4)] for row in range(2)]
    assert texts[0][0] == "present"
    assert texts[1][0] == "①"
    assert texts[1][2] == "Cell Vanilla, Truncation length k2 full"
    assert texts[1][3] == "10"
    session = window.session
    columns = compared(session.config, session.view.history, session.view.pinned).columns
    assert list(columns["run"]) == ["present", "1"]
    assert columns["loss"][1] == session.view.pinned[0].history.smoothed_loss[-1]


def test_the_table_is_exported_with_everything(window, compare, tmp_path):
    compare("model.cell=lstm")
    export_everything(window.panels, tmp_path, (), 1.0)
    header, present, other = (tmp_path / "runs-compared.csv").read_text().splitlines()
    assert header.split(",")[:3] == ["run", "experiment", "differs"]
    assert present.startswith("present,")
    assert other.startswith("1,")


def test_settings_without_effect_are_not_told_as_differences(window, compare, small):
    run = compare("model.cell=feedforward", "model.depth=3")
    assert run.differs(window.session.config) == "Cell Vanilla"


def test_as_many_are_kept_as_can_be_told_apart(window, compare):
    for number in range(MOST_PINNED):
        compare(f"training.seed={number + 1}")
    assert [run.place for run in window.session.view.pinned] == list(range(MOST_PINNED))
    window.comparing.pin()
    assert len(window.session.pins.runs) == MOST_PINNED
    assert not window.actions_["pin"].isEnabled()
    window.panels[0].grab()


def test_a_run_that_is_removed_leaves_its_place_to_the_next(window, compare):
    run = compare("training.seed=1")
    compare("training.seed=2")
    button = window.runs.findChildren(QToolButton)[0]
    button.click()
    assert [run.place for run in window.session.view.pinned] == [1]
    assert not len(panel(window, "loss").pinned.of(run).points()[0])
    window.comparing.pin()
    assert [run.place for run in window.session.pins.runs] == [0, 1]


def test_a_legend_has_the_title_of_a_run_that_differs_in_much(window, compare):
    def meaning():
        return [entry.text for entry in panel(window, "loss").plot.legend._entries]

    compare("model.cell=lstm")
    assert "① Cell Vanilla" in meaning()
    (run,) = window.session.view.pinned
    curves = panel(window, "loss").pinned
    other = run.config.model_copy(update={"task": CopyTask(name="copy")})
    other = other.model_copy(
        update={"model": other.model.model_copy(update={"hidden_size": 7, "layers": 2})}
    )
    (entry,) = curves.entries((run,), other)
    assert entry.text == f"① {run.config.title}"
