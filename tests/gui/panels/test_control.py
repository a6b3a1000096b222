"""A plant's response and a pendulum in the output panel, and the clock that moves it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from gradexplorer.gui.figures import render_figure
from gradexplorer.gui.items import pendulum
from gradexplorer.gui.items.lanes import round_limit
from gradexplorer.gui.theme import DARK, LIGHT
from gradexplorer.tasks.views import PendulumTrial, PlantResponse

THEMES = pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])


@pytest.fixture
def shown(show_panel, make_view, small):
    """Give a function that returns the panel showing a made-up view."""

    def show(view, colors=LIGHT, size=(640, 320)):
        run = make_view(small("training.evaluate_every=2"), 2)
        run.history.evaluation = replace(run.history.evaluation, view=view)
        panel = show_panel("output", run, colors=colors)
        panel.resize(*size)
        panel.set_colors(colors)
        return panel

    return show


def trial(angle: float = -90.0) -> PendulumTrial:
    """Return a pendulum that lies still for five seconds and then stands."""
    angles = np.full(200, np.radians(angle))
    angles[100:] = 0.0
    return PendulumTrial(angles, np.full(200, 2.0), 0.05, 2.0, 160, np.radians(10.0), 93, 100)


def response() -> PlantResponse:
    times = np.arange(1.0, 101.0)
    truth = np.where(times < 50.0, 3.0, -3.0)
    output = truth.copy()
    output[10:20] = np.nan
    return PlantResponse(times, np.sin(times), truth, output)


VIEWS = pytest.mark.parametrize("view", [trial(), response()], ids=["pendulum", "plant"])


def clock(panel):
    return panel.drawings[PendulumTrial].animation


def at(panel, x, y) -> QPoint:
    place = panel.plot.view.mapViewToScene(QPointF(x, y))
    return QPoint(round(place.x()), round(place.y()))


def color_at(panel, x, y) -> QColor:
    return panel.plot.grab().toImage().pixelColor(at(panel, x, y))


def likeness(one: QColor, other: str) -> int:
    """Return how far two colours are apart; a thin smooth line is never quite its own."""
    wanted = QColor(other)
    return max(
        abs(getattr(one, part)() - getattr(wanted, part)()) for part in ("red", "green", "blue")
    )


def pivot(panel) -> QPoint:
    left, top, wide, high = pendulum.place(trial())
    middle = at(panel, left + wide / 2, top - high / 2)
    line = 0.5 * 1.4 * panel.plot.font_small.pixelSize()
    return middle - QPoint(0, round(line))


@THEMES
def test_the_pendulum_stands_where_the_angle_says(shown, colors) -> None:
    panel = shown(trial(), colors)
    rod = QColor(colors.accent)
    right, left, up = (pivot(panel) + QPoint(*way) for way in ((30, 0), (-30, 0), (0, -30)))
    image = panel.plot.grab().toImage()
    assert image.pixelColor(right) == rod  # -90 degrees: clockwise
    assert image.pixelColor(left) != rod
    panel.drawings[PendulumTrial].item.show_step(150, playing=True)
    image = panel.plot.grab().toImage()
    assert image.pixelColor(up) == rod
    assert image.pixelColor(right) != rod


@THEMES
def test_angle_and_torque_are_drawn_over_time(shown, colors) -> None:
    panel = shown(trial(), colors)
    angle, torque = pendulum.lanes(trial())
    for lane, value, second, color in (
        (angle, -90.0, 2.5, colors.accent), (angle, 0.0, 6.02, colors.accent),
        (torque, 2.0, 6.0, colors.held_out),
    ):  # fmt: skip
        place = at(panel, second, float(lane.y(np.array(value))))
        image = panel.plot.grab().toImage()
        found = [image.pixelColor(place + QPoint(0, dy)) for dy in (-1, 0, 1)]
        assert min(likeness(one, color) for one in found) < 60
    assert panel.plot.bottom.names[10.0] == "10"
    assert set(panel.plot.left.names.values()) == {"-180", "-90", "0", "90", "180", "-2", "2"}
    assert panel.describe(2.5, 3.0) == "t = 2.50 s\nangle -90.0°\ntorque 2.00 N m"
    assert "within 10° of upright" in panel.describe(9.0, 3.0)
    assert panel.describe(-1.0, 3.0) == ""
    left, top, wide, high = pendulum.place(trial())
    assert "93 of 100 held-out trials" in panel.describe(left + wide / 2, top - high / 2)
    columns = panel.table().columns
    assert list(columns) == ["seconds", "angle_degrees", "reference_degrees", "torque"]
    assert columns["seconds"][-1] == pytest.approx(9.95)


def test_an_angle_that_goes_over_leaves_a_gap_at_the_edges() -> None:
    times, degrees = pendulum.unwrapped(np.arange(3.0), np.array([170.0, -170.0, -100.0]))
    np.testing.assert_allclose(times, [0.0, 0.5, 0.5, 0.5, 1.0, 2.0])
    np.testing.assert_allclose(degrees, [170.0, 180.0, np.nan, -180.0, -170.0, -100.0])


@THEMES
def test_a_plants_answer_is_drawn_with_the_networks(shown, colors) -> None:
    panel = shown(response(), colors)
    texts = [entry.text for entry in panel.plot.legend._entries]
    assert texts == ["plant", "network", "input"]
    assert panel.plot.left.names == {
        2.0: "-4", 3.0: "-2", 4.0: "0", 5.0: "2", 6.0: "4", 0.0: "-1", 1.0: "1",
    }  # fmt: skip
    three = 5.5
    image = panel.plot.grab().toImage()
    gap, drawn = (
        {image.pixelColor(at(panel, x, three) + QPoint(dx, dy)).name() for dx in range(-9, 9)
         for dy in (-1, 0, 1)}
        for x in (15.5, 35.0)
    )  # fmt: skip
    assert colors.accent in drawn
    assert colors.accent not in gap
    assert panel.describe(30.2, 0.0).startswith("step 30\ninput -0.988\nplant 3")
    assert panel.plot.view.viewRange()[0] == [1.0, 100.0]
    assert list(panel.table().columns) == ["step", "input", "truth", "output"]


def test_limits_are_round() -> None:
    for largest, limit in (
        (0.0, 1.0),
        (np.nan, 1.0),
        (0.3, 0.4),
        (1.0, 1.0),
        (7.3, 8.0),
        (95, 100),
    ):
        assert round_limit(np.array([0.0, -largest]), np.array([np.inf])) == pytest.approx(limit)


@VIEWS
def test_any_range_can_be_looked_at(shown, view) -> None:
    panel = shown(view)
    for x, y in (((0.0, 1e-3), (-1e-3, 0.0)), ((-1e6, 1e6), (-1e6, 1e6)), ((50.0, 51.0), (0, 1))):
        panel.plot.view.setRange(xRange=x, yRange=y, padding=0)
        panel.grab()


@VIEWS
def test_what_is_not_finite_is_left_out(shown, view) -> None:
    names = ("angle", "torque") if isinstance(view, PendulumTrial) else ("output",)
    nothing = np.full(len(getattr(view, names[0])), np.nan)
    panel = shown(replace(view, **{name: nothing.copy() for name in names}))
    panel.grab()
    assert "nan" in panel.describe(5.0, 3.0).lower()
    render_figure(panel, "svg")


@VIEWS
def test_after_a_view_another_is_drawn_as_ever(shown, standing, view) -> None:
    panel = shown(view)
    panel.show_view(standing("running"))
    assert panel.plot.bottom.labelText == "timestep t"
    assert panel.plot.grid.isVisible()
    assert not panel.plot.bottom.names
    assert not panel.plot.left.names
    assert not clock(panel).is_running
    fresh = panel.grab().toImage()
    panel.set_colors(LIGHT)
    assert panel.grab().toImage() == fresh


@THEMES
@VIEWS
def test_on_paper_it_is_a_drawing_and_no_picture(shown, view, colors) -> None:
    panel = shown(view, colors)
    svg = render_figure(panel, "svg")
    assert b"<image" not in svg
    assert b"base64" not in svg
    assert colors.accent.encode() in svg
    assert render_figure(panel, "pdf").startswith(b"%PDF")


def test_on_paper_ghosts_show_the_way_whatever_the_clock_says(shown) -> None:
    moving = trial()
    moving = replace(moving, angle=np.linspace(3.0, 0.0, 200))
    panel = shown(moving)
    clock(panel)._timer.stop()
    first = render_figure(panel, "png")
    screen = panel.plot.grab().toImage()
    panel.drawings[PendulumTrial].item.show_step(120, playing=True)
    assert render_figure(panel, "png") == first
    assert panel.plot.grab().toImage() != screen
    faint = sum(b"#" in line for line in render_figure(panel, "svg").splitlines())
    assert faint > sum(
        b"#" in line for line in render_figure(shown(trial(0.0)), "svg").splitlines()
    )


def test_the_clock_runs_only_while_it_is_seen(shown, qtbot) -> None:
    panel = shown(trial())
    assert clock(panel).is_running
    panel.hide()
    assert not clock(panel).is_running
    panel.show()
    assert clock(panel).is_running
    frame = clock(panel)._frame
    qtbot.waitUntil(lambda: clock(panel)._frame > frame + 1, timeout=3000)


def test_there_is_no_clock_for_what_does_not_move(shown, standing) -> None:
    panel = shown(response())
    assert not clock(panel).is_running
    panel.show_view(standing("empty"))
    panel.hide()
    panel.show()
    assert not clock(panel).is_running


def test_a_click_on_the_pendulum_pauses_it_and_another_goes_on(shown) -> None:
    panel = shown(trial())
    target, other = pivot(panel), at(panel, 5.0, 3.0)

    def click(place: QPoint, button=Qt.MouseButton.LeftButton) -> None:
        QTest.mouseClick(panel.plot.viewport(), button, pos=place)

    click(other)
    assert clock(panel).is_running
    click(target, Qt.MouseButton.RightButton)
    assert clock(panel).is_running
    click(target)
    assert not clock(panel).is_running
    panel.hide()
    panel.show()
    assert not clock(panel).is_running  # as it was left
    QTest.qWait(QTest.mouseDoubleClickInterval + 10)  # or it would be a double click
    click(target)
    assert clock(panel).is_running


def test_the_clock_goes_on_from_where_it_is_when_a_new_trial_comes(shown) -> None:
    panel = shown(trial())
    for _ in range(60):
        clock(panel)._tick()
    evaluation = panel.view.history.evaluation
    panel.view.history.evaluation = replace(evaluation, view=trial(45.0))
    panel.show_view(panel.view)
    assert clock(panel)._frame >= 60
    for _ in range(300):
        clock(panel)._tick()  # through the rest after the end and into the next round
    assert clock(panel)._frame < 220


@pytest.mark.parametrize("cell", ["gru", "lstm", "feedforward"])
def test_the_plants_state_is_a_road_in_the_unrolled_graph(
    show_panel, make_view, small, cell
) -> None:
    config = small("task={name='pendulum', length=8}", f"model.cell={cell}")
    for updates in (0, 1):
        panel = show_panel("unrolled-graph", make_view(config, updates))
        rows = {row.name: row for row in panel._data.rows}
        assert list(rows) == [*("sc" if cell == "lstm" else "s"), "h", "y", "L"]
        assert rows["s"].is_road
        assert rows["h"].is_road == (cell != "feedforward")
        assert (rows["s"].arriving is not None) == bool(updates)
        panel.grab()
    assert panel.describe(3.0, 0.0).startswith("s at t = 3: plant's state, ")
    assert "\n‖dL/ds‖ = " in panel.describe(3.0, 0.0)


def test_the_plants_gradient_is_a_line_over_the_bars(show_panel, make_view, small) -> None:
    run = make_view(small("task={name='pendulum', length=8}"), 1)
    panel = show_panel("timestep-gradient", run)
    steps, height = panel.plant.points()
    np.testing.assert_allclose(10.0**height, run.history.trace.dx, rtol=1e-6)
    assert list(steps) == list(range(1, 9))
    assert "‖dL/ds‖" in panel.describe(3.0, 0.0)
    assert "ds_mean" in panel.table().columns
    panel.show_view(make_view(small(), 1))
    assert not len(panel.plant.points()[0])
