"""The plot under every panel: ranges that follow, or stay where a person put them; read-outs."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from gradexplorer.gui.state import State

SERIES = ["loss", "gradient-norm"]
DEPTH = ["unrolled-graph", "timestep-gradient"]


def place(plot, x, y):
    """Return where a point of the data is on the widget."""
    return plot.mapFromScene(plot.view.mapViewToScene(QPointF(x, y)))


def zoom(plot, at, notches=3):
    position = QPointF(place(plot, *at))
    event = QWheelEvent(
        position, plot.mapToGlobal(position), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(plot.viewport(), event)


def x_range(panel):
    return panel.plot.view.viewRange()[0]


def middle(panel):
    return [sum(span) / 2 for span in panel.plot.view.viewRange()]


def test_a_range_holds_what_it_is_to_hold_with_some_air(plot):
    plot.follow_y(2.0, 4.0)
    low, high = plot.view.viewRange()[1]
    assert low < 2.0
    assert high > 4.0


def test_a_range_changes_seldom(plot):
    plot.follow_y(2.0, 4.0)
    before = plot.view.viewRange()
    plot.follow_y(2.0, 4.1)
    plot.follow_y(2.4, 3.8)
    assert plot.view.viewRange() == before
    plot.follow_y(2.0, 6.0)
    assert plot.view.viewRange() != before


@pytest.mark.parametrize("value", [0.0, -3.0, 1e-12, 7e8])
def test_a_single_value_has_a_range_around_it(plot, value):
    plot.follow_y(value, value)
    low, high = plot.view.viewRange()[1]
    assert low < value < high
    plot.grab()


@pytest.mark.parametrize("name", [*SERIES, *DEPTH, "output"])
def test_a_zoom_stays_until_it_is_given_up(show_panel, make_view, small, name):
    view, later = make_view(small(), 20), make_view(small(), 35)
    panel = show_panel(name, view)
    before = x_range(panel)
    zoom(panel.plot, middle(panel))
    zoomed = x_range(panel)
    assert zoomed[1] - zoomed[0] < 0.8 * (before[1] - before[0])
    panel.show_view(later)
    assert x_range(panel) == zoomed
    QTest.mouseDClick(panel.plot.viewport(), Qt.MouseButton.LeftButton)
    fresh = show_panel(name, later)
    assert x_range(panel) == pytest.approx(x_range(fresh), rel=0.6)
    assert x_range(panel) != zoomed


def test_all_plots_follow_again(make_window, small, until):
    window = make_window(small())
    window.run()
    until(lambda: window.session.state is State.FINISHED)
    panels = [panel for panel in window.panels if panel.is_in_sight]
    before = [x_range(panel) for panel in panels]
    for panel in panels:
        zoom(panel.plot, middle(panel))
    assert all(x_range(panel) != old for panel, old in zip(panels, before, strict=True))
    window.actions_["show_all"].trigger()
    assert [x_range(panel) for panel in panels] == before


def test_a_logarithmic_axis_can_be_zoomed_out_without_end(show_panel, make_view, small):
    panel = show_panel("loss", make_view(small(), 20))
    for notches in (-5, -50, -50, -50):
        zoom(panel.plot, (10.0, sum(panel.plot.view.viewRange()[1]) / 2), notches)
        panel.grab()
    for notches in (50, 50, 50, 50):
        zoom(panel.plot, middle(panel), notches)
        panel.grab()


def test_dragging_moves_the_plot(show_panel, make_view, small):
    panel = show_panel("loss", make_view(small(), 20))
    before, port = x_range(panel), panel.plot.viewport()
    start = place(panel.plot, 10.0, sum(panel.plot.view.viewRange()[1]) / 2)
    QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=start)
    for moved in (20, 40, 60):
        QTest.mouseMove(port, start + QPoint(moved, 0))
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=start + QPoint(60, 0))
    assert x_range(panel)[0] < before[0]
    assert not panel.plot.following


def test_the_mouse_reads_out_what_is_under_it(plot):
    plot.describe = lambda x, y: f"{x:.0f} {y:.1f}" if x > 2.5 else ""
    heard = []
    plot.hovered.connect(heard.append)
    QTest.mouseMove(plot.viewport(), place(plot, 5.0, 0.5))
    assert plot._readout.text() == "5 0.5"
    assert plot._readout.isVisible()
    assert plot._cursor.isVisible()
    assert heard[-1] == pytest.approx(5.0, abs=0.1)
    QTest.mouseMove(plot.viewport(), place(plot, 1.0, 0.5))
    assert not plot._readout.isVisible()
    QTest.mouseMove(plot.viewport(), place(plot, 5.0, 0.5))
    QApplication.sendEvent(plot, QEvent(QEvent.Type.Leave))
    assert not plot._readout.isVisible()
    assert not plot._cursor.isVisible()
    assert heard[-1] is None


@pytest.mark.parametrize("x", [0.05, 5.0, 9.95])
def test_a_read_out_stays_inside_the_plot(plot, x):
    plot.describe = lambda _x, _y: "several words\nin two lines"
    for y in (0.02, 0.98):
        QTest.mouseMove(plot.viewport(), place(plot, x, y))
        assert plot.rect().contains(plot._readout.geometry())


def test_a_read_out_is_renewed_with_the_data(show_panel, make_view, small):
    panel = show_panel("loss", make_view(small(), 20))
    QTest.mouseMove(panel.plot.viewport(), place(panel.plot, 15.0, -1.0))
    before = panel.plot._readout.text()
    assert before.startswith("update 15")
    panel.show_view(make_view(small("training.seed=9"), 20))
    assert panel.plot._readout.text() != before


def test_outside_the_axes_nothing_is_read_out(plot):
    plot.describe = lambda _x, _y: "something"
    QTest.mouseMove(plot.viewport(), QPoint(3, 100))
    assert not plot._readout.isVisible()


def test_a_plot_without_room_can_be_painted(plot):
    for size in ((1, 1), (60, 20), (400, 1), (1, 200)):
        plot.resize(*size)
        plot.grab()
        assert plot.columns() >= 1


def test_a_long_hint_goes_on_in_further_lines(plot):
    plot.set_hint("A sentence of so many words that it is wider than a small panel, " * 2)
    hint = plot.findChild(QLabel, "hint")
    assert hint.wordWrap()
    assert hint.heightForWidth(hint.width()) < plot.height()


@pytest.mark.parametrize("name", ["loss", "timestep-gradient", "gradient-norm"])
def test_a_low_plot_has_no_names_of_axes_that_would_be_cut(show_panel, make_view, small, name):
    plot = show_panel(name, make_view(small(), 3)).plot
    assert plot.left.label.isVisible()
    assert plot.bottom.label.isVisible()
    for height in (84, 64):
        plot.parentWidget().resize(300, height)
        shown = plot.left.label.boundingRect().width() - 8.0  # of the name, without its margins
        assert not plot.left.label.isVisible() or shown <= plot.left.geometry().height()
        assert not plot.bottom.label.isVisible()
        levels = plot.left.tickValues(*plot.view.viewRange()[1], 0)
        assert len(levels[0][1]) <= 1 + plot.left.geometry().height() / 13
    plot.parentWidget().resize(300, 300)
    assert plot.left.label.isVisible()
    assert plot.bottom.label.isVisible()


def test_what_the_mouse_was_over_is_not_told_after_a_resize(show_panel, make_view, small, qtbot):
    panel = show_panel("loss", make_view(small(), 3))
    plot = panel.plot
    middle = plot.view.sceneBoundingRect().center().toPoint()
    qtbot.mouseMove(plot.viewport(), middle)
    plot.hovered.emit(2.0)
    plot.show_cursor(2.0)
    panel.resize(500, 250)
    assert not plot._cursor.isVisible()
    assert not plot._readout.isVisible()


def test_a_read_out_does_not_cover_what_it_tells_of(show_panel):
    panel = show_panel("loss")
    panel.resize(300, 300)
    label = QLabel("x", panel.plot)
    label.resize(250, 60)
    panel.plot._place_readout(label, QPointF(150.0, 20.0))
    assert not label.geometry().contains(150, 20)
    assert panel.plot.rect().contains(label.geometry())
