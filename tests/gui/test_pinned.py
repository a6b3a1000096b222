"""Runs that are kept: drawn beside the next ones in every view, listed with what differs."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QPointF, QRect
from PySide6.QtWidgets import QToolButton

from gradexplorer.config.tasks.memory import CopyTask
from gradexplorer.gui.figures import export_everything
from gradexplorer.gui.pinned import MOST_PINNED
from gradexplorer.gui.runs_table import compared
from gradexplorer.gui.scale import kind_colors
from gradexplorer.gui.state import State
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.theme import DARK, LIGHT


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


def test_the_heatmap_has_a_strip_for_each_run(window, compare):
    run = compare("task.length=4")
    heatmap = panel(window, "gradient-heatmap")
    raise_(window, "gradient-heatmap")
    present, other = window.session.view.history, run.history
    upper, lower = (heatmap.describe(2.0, y) for y in (1.6, 0.5))
    assert upper.startswith("update ")
    assert lower.startswith("① update ")
    profile = other.profiles.nearest(5)
    assert magnitude(float(profile.dh[1])) in lower
    assert heatmap.describe(5.0, 1.6) == ""  # this run has four steps
    assert heatmap.describe(5.0, 0.5)
    assert heatmap.describe(2.0, 1.05) == ""  # between the strips
    columns = heatmap.table().columns
    kept = [len(present.profiles), len(other.profiles)]
    assert list(columns["run"]) == ["present"] * kept[0] + ["①"] * kept[1]
    window.runs.findChildren(QToolButton)[0].click()
    nearest = present.profiles.nearest(5).iteration
    assert heatmap.describe(2.0, 5.0).startswith(f"update {nearest}")
    assert "run" not in heatmap.table().columns


def test_strips_have_the_colours_of_their_runs(window, compare):
    run = compare("model.cell=lstm")
    heatmap = raise_(window, "gradient-heatmap")
    image = heatmap.plot.grab().toImage()
    colors, scale = kind_colors(window.colors), window.session.view.scale
    for history, y in ((window.session.view.history, 1.6), (run.history, 0.5)):
        place = heatmap.plot.view.mapViewToScene(QPointF(3.0, y))
        profile = history.profiles.nearest(5)
        expected = colors[int(scale.kinds(profile.dh)[2])].name()
        assert image.pixelColor(round(place.x()), round(place.y())).name() == expected


def test_tables_have_columns_of_each_run_and_gaps_where_one_is_shorter(window, compare):
    run = compare("training.iterations=4", "task.length=5")
    loss = panel(window, "loss").table().columns
    assert list(loss["iteration"]) == list(range(1, 11))
    assert loss["loss"].mask.tolist() == [False] * 4 + [True] * 6
    np.testing.assert_array_equal(loss["loss①"], run.history.metrics["loss"])
    norm = panel(window, "gradient-norm").table().columns
    np.testing.assert_array_equal(norm["grad_norm①"], run.history.metrics["grad_norm"])
    bars = panel(window, "timestep-gradient").table().columns
    np.testing.assert_array_equal(bars["dh_mean①"], run.history.trace.dh.mean)
    assert np.ma.count(bars["dh_mean"]) == 5


def test_the_read_out_tells_every_runs_value(window, compare):
    run = compare("training.iterations=4")
    told = panel(window, "loss").describe(9.0, 0.0)  # only the pinned run came so far
    assert told == f"update 9\n① smoothed {magnitude(run.history.smoothed_loss[8])}"
    assert "① smoothed" in panel(window, "gradient-norm").describe(2.0, 0.0)
    told = panel(window, "timestep-gradient").describe(3.0, 0.0)
    assert f"① ‖dL/dh‖ = {magnitude(run.history.trace.dh.mean[2])}" in told


def test_layers_are_drawn_beside_timesteps(window, compare):
    compare("model.cell=feedforward", "model.depth=3")
    bars = panel(window, "timestep-gradient")
    assert bars.plot.bottom.labelText == "layer l, pinned: timestep t"
    assert bars.plot.view.viewRange()[0][1] > 12.0
    for one in window.panels:
        assert not one.grab().toImage().isNull()


def test_a_pinned_run_takes_live_changes(make_window, small, until):
    window = make_window(small("training.iterations=100000000"))
    window.step()
    until(lambda: window.session.pins.can_add)
    window.comparing.pin()
    window.editing.take(small("training.iterations=100000000", "bptt.k2=3"))
    window.reset()
    (run,) = window.session.view.pinned
    assert run.config.bptt.k2 == 3
    assert run.differs(window.session.config) == "Truncation length k2 3"


def test_no_moments_are_kept_of_runs_that_no_one_goes_back_in(make_window, small, until):
    window = make_window(small("training.iterations=100000000"))
    window.run()
    until(lambda: len(window.session.history.moments) > 0)
    window.comparing.pin()
    history = window.session.history
    assert len(history.moments) > 0  # it is still the present one
    window.reset()
    assert len(history.moments) == 0
    assert len(history.profiles) > 0


def test_the_range_holds_pinned_gradients_too(window, compare):
    run = compare("model.cell=lstm", "optimizer.learning_rate=1e-6")
    window.session.set_range_mode("recent")
    scale, mean = window.session.scale, run.history.trace.dh.mean
    assert 10.0**scale.low <= mean[mean > 0.0].min()
    window.session.pins.remove(run)
    assert window.session.view.pinned == ()


def test_what_is_held_says_that_pinned_runs_are_as_they_were_last(make_window, small, until):
    window = make_window(small("training.iterations=10"))
    window.run()
    until(lambda: window.session.state.is_over)
    window.comparing.compare_with(small("training.iterations=10", "training.seed=9"))
    until(lambda: window.session.state.is_over)
    bars = panel(window, "timestep-gradient")
    assert "last" not in bars.note(window.session.view)
    window.session.travel.hold(1)
    assert bars.note(window.session.view).endswith("; ① at its last")


def test_four_pinned_runs_leave_every_panel_whole(qtbot, window, compare):
    for number in range(MOST_PINNED):
        compare(f"training.seed={number + 1}")
    window.resize(window.minimumSize())
    for layout in ("compare_layout", "restore_layout"):
        window.actions_[layout].trigger()
        qtbot.wait(50)
        area = window.area.rect()
        docks = [window.form_dock, window.runs_dock, *window.docks]
        shown = [dock for dock in docks if not dock.visibleRegion().isEmpty()]
        assert all(area.contains(dock.geometry()) for dock in shown)
        below = window.runs_dock.geometry().top()
        assert all(dock.geometry().bottom() <= below for dock in shown if dock not in docks[:2])


def test_a_window_that_has_room_shows_every_run(qtbot, window, compare):
    window.resize(1400, 900)
    for number in range(MOST_PINNED):
        compare(f"training.seed={number + 1}")
    qtbot.wait(50)
    table = window.runs
    assert table.viewport().rect().contains(table.visualItemRect(table.item(MOST_PINNED, 0)))


def test_buttons_that_choose_a_run_stand_in_the_header(window, compare):
    dock = next(dock for dock in window.docks if dock.panel.name == "output")
    raise_(window, "output")
    assert dock.panel.switch.isHidden()
    compare("model.cell=lstm")
    switch = dock.panel.switch
    assert switch.isVisible()
    assert switch.parent() is dock.header
    assert dock.header.height() >= switch.height()
    named = [button.accessibleName() for button in (switch.present, switch.others[0])]
    assert named == [f"{dock.panel.title}: show this run", f"{dock.panel.title}: show run ①"]
    switch.others[0].click()
    table = dock.panel.table().columns
    window.resize(window.minimumSize())
    QCoreApplication.processEvents()
    assert switch.present.width() >= switch.present.sizeHint().width()  # the note gives way
    switch.present.click()
    assert dock.panel.table().columns["output"] != table["output"]


def test_everything_that_is_exported_has_what_is_drawn(window, compare, tmp_path):
    compare("model.cell=lstm")
    output = raise_(window, "output")
    output.switch.others[0].click()
    export_everything(window.panels, tmp_path, ("svg",), 1.0)
    assert "loss①" in (tmp_path / "loss.csv").read_text().splitlines()[0]
    assert (tmp_path / "gradient-heatmap.csv").read_text().startswith("run,iteration")
    assert "① " in (tmp_path / "output.svg").read_text()  # whose output it is


def raise_(window, name):
    dock = next(dock for dock in window.docks if dock.panel.name == name)
    dock.raise_()
    QCoreApplication.processEvents()
    return dock.panel


def test_the_marks_of_the_table_follow_the_colours_though_nothing_runs(window, compare):
    compare("model.cell=lstm")
    window.set_colors(LIGHT)
    light = [window.runs.item(row, 0).icon().pixmap(34, 12).toImage() for row in range(2)]
    window.set_colors(DARK)
    dark = [window.runs.item(row, 0).icon().pixmap(34, 12).toImage() for row in range(2)]
    assert all(one != other for one, other in zip(light, dark, strict=True))


def test_stepping_through_an_update_leaves_pinned_runs_whole(window, compare):
    compare("model.cell=lstm", "task.length=12")
    graph = panel(window, "unrolled-graph")
    low, high = graph.plot.view.viewRange()[1]
    row = next(row for row in graph._data.rows if row.run)
    part = (high - row.height + 0.2) / (high - low)
    area = graph.plot.view.sceneBoundingRect()
    below = QRect(0, round(area.top() + part * area.height()) - 14, graph.plot.width(), 20)
    graph.stepping.playhead.move(1)
    before = graph.plot.grab(below).toImage()
    for _ in range(4):
        graph.stepping.playhead.move(1)
    assert graph.plot.grab(below).toImage() == before
