"""The depth axis: the same step at the same place in every view that has it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtTest import QTest

from gradexplorer.gui.depth import full_range


def depth(window):
    return [panel.plot for panel in window.panels[:2]]


def place(plot, step):
    """Return where a step is on the screen, in parts of a pixel."""
    scene = plot.view.mapViewToScene(QPointF(step, 0.0))
    origin = plot.mapToGlobal(QPointF(plot.mapFromScene(QPointF(0.0, 0.0))))
    return origin.x() + scene.x()


def assert_shared(window, steps):
    graph, bars = depth(window)
    for step in steps:
        assert place(graph, step) == pytest.approx(place(bars, step), abs=1e-6)


@pytest.mark.parametrize("length", [2, 12, 200, 1000])
def test_a_step_is_at_the_same_place_in_both_plots(make_window, small, settle, length):
    window = make_window(small("training.iterations=100000000", f"task.length={length}"))
    assert_shared(window, (1, length / 2, length))
    window.step()
    settle(window)
    assert_shared(window, (1, length / 2, length))
    for size in ((1100, 700), (1900, 1000)):
        window.resize(*size)
        window.grab()
        assert_shared(window, (1, length / 2, length))


@pytest.mark.parametrize("moved", [0, 1])
def test_a_zoom_in_one_is_a_zoom_in_both(window, moved):
    plots = depth(window)
    plots[moved].view.setXRange(3.0, 7.0, padding=0)
    plots[moved].view.sigRangeChangedManually.emit([True, False])
    assert plots[0].view.viewRange()[0] == plots[1].view.viewRange()[0] == [3.0, 7.0]
    assert_shared(window, (3, 5, 7))
    plots[1 - moved].follow()
    for plot in plots:
        assert plot.view.viewRange()[0] == list(full_range(12))


def test_a_zoom_ends_with_another_length(window, settle, enter):
    graph, bars = depth(window)
    graph.view.setXRange(3.0, 7.0, padding=0)
    graph.view.sigRangeChangedManually.emit([True, False])
    window.step()
    settle(window)
    assert bars.view.viewRange()[0] == [3.0, 7.0]
    enter(window.form, "Sequence length", 30)
    window.editing.start_pending()
    for plot in (graph, bars):
        assert plot.view.viewRange()[0] == list(full_range(30))


def test_the_cursor_is_on_the_same_step_in_both(window):
    graph, bars = depth(window)
    at = graph.mapFromScene(graph.view.mapViewToScene(QPointF(5.0, 1.0)))
    QTest.mouseMove(graph.viewport(), at)
    assert graph._cursor.isVisible()
    assert bars._cursor.isVisible()
    lines = [plot._cursor.mapToGlobal(QPoint(0, 0)).x() for plot in (graph, bars)]
    assert lines[0] == lines[1]


@pytest.mark.parametrize("steps", [1, 2, 50, 1000, 20_000])
def test_the_full_range_has_every_step_and_little_else(steps):
    low, high = full_range(steps)
    assert low < 1.0
    assert steps < high
    assert high - low <= 1.4 + 1.01 * steps
