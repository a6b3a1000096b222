"""Stepping through an update in the unrolled graph."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from gradexplorer.config.presets import load_preset
from gradexplorer.gui.figures import render_figure, render_image
from gradexplorer.gui.items.unrolled_cards import Cards
from gradexplorer.gui.passes import Passes
from gradexplorer.gui.session import State
from gradexplorer.gui.text import signed
from gradexplorer.gui.theme import DARK, LIGHT

GRAPH = "unrolled-graph"


@pytest.fixture
def toy(make_view):
    """Give a function that returns a view of the toy after an update."""
    return lambda *changes, updates=1: make_view(load_preset("pocket-calculator", changes), updates)


def at(panel, index):
    """Step to a place, and return what is told of it."""
    panel.stepping.playhead.leave()
    for _ in range(index + 1):
        panel.stepping.on.trigger()
    return panel.stepping.caption.text()


def pixels(panel):
    return render_image(panel, 1.0).convertToFormat(QImage.Format.Format_RGB32)


def test_forward_pass_and_backward_pass_are_told_in_numbers(show_panel, toy):
    view = toy()
    panel, units = show_panel(GRAPH, view), view.trace.units
    h, dh = units.h[0][:, 0], units.dh[0][:, 0]
    recurrent = signed(units.before["weight_hh_l0"][0, 0])
    assert at(panel, 3).startswith("h₄ = W_hh h + W_ih x + b = ")
    assert f"{recurrent} · {signed(h[2])}" in at(panel, 3)
    assert at(panel, 3).endswith(f" = {signed(h[3])}")
    assert at(panel, 9).endswith(f" = {signed(view.trace.outputs[0, 0])}")
    assert at(panel, 10).endswith(f"L = {signed(view.trace.losses[0])}")
    assert at(panel, 11).endswith(f" = {signed(dh[9])}")
    assert at(panel, 12) == (
        f"dL/dh₉ = W_hh dL/dh₁₀ = {recurrent} · {signed(dh[9])} = {signed(dh[8])}"
    )


def number(text):
    digits, _, power = text.strip("()").replace("−", "-").partition("·10")
    plain = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
    return float(digits) * 10.0 ** int(power.translate(plain) or 0)


def test_the_update_told_is_the_one_made(show_panel, toy):
    view = toy()
    panel = show_panel(GRAPH, view)
    changes = at(panel, 21).split(";  ")
    names = [change.split(" = ")[0] for change in changes]
    assert names == ["W_hh", "W_ih₁", "W_ih₂", "W_y"]
    for change in changes:
        _, step, new = change.split(" = ")
        old, product = step.split(" − ")
        rate, gradient = product.split(" · ")
        assert number(old) - number(rate) * number(gradient) == pytest.approx(number(new), abs=3e-3)
    new = changes[0].split(" = ")[-1]
    assert new == signed(view.trace.weights["weight_hh_l0"][0, 0])


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_slopes_are_factors_of_what_is_told(show_panel, toy, activation):
    view = toy(f"model.activation={activation}", updates=2)
    panel = show_panel(GRAPH, view)
    for index in range(12, 21):
        product, value = at(panel, index).split(" = ")[-2:]
        factors = [number(factor) for factor in product.split(" · ")]
        assert len(factors) == 3
        assert np.prod(factors) == pytest.approx(number(value), rel=0.02)


def test_other_optimizers_are_told_without_a_rule(show_panel, toy):
    panel = show_panel(GRAPH, toy("optimizer.name=adam"))
    assert " → " in at(panel, 21)
    assert " · " not in at(panel, 21)


@pytest.mark.parametrize("state", ["running", "lstm", "cut", "layers", "200 steps", "stream, cut"])
def test_any_network_is_stepped_through(show_panel, standing, state):
    panel = show_panel(GRAPH, standing(state))
    head = panel.stepping.playhead
    panel.stepping.on.trigger()
    seen = [panel.stepping.caption.text()]
    while not head.is_at_end:
        panel.stepping.on.trigger()
        seen.append(panel.stepping.caption.text())
    assert all(seen)
    assert all(one != other for one, other in pairwise(seen))
    steps = len(standing(state).trace.dh.mean)
    assert len(seen) == 2 * steps + 2


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("state", ["lstm", "cut in part", "spoilt", "1000 steps, lstm, cut"])
def test_every_place_is_painted(show_panel, standing, state, colors):
    panel = show_panel(GRAPH, standing(state), colors=colors)
    head, shown = panel.stepping.playhead, []
    head.move(1)
    count = head.passes.update
    for place in (0, count // 4, head.passes.loss, 3 * count // 4, count):
        head.move(place - head.index)
        shown.append(pixels(panel))
    assert all(one != other for one, other in pairwise(shown))
    head.leave()
    before = pixels(panel)
    head.move(1)
    head.leave()
    assert pixels(panel) == before


def test_what_is_to_come_is_not_told(show_panel, toy):
    panel = show_panel(GRAPH, toy())
    height = next(row.height for row in panel._data.rows if row.name == "h")
    assert at(panel, 2)
    assert "h = " in panel.describe(3.0, height)
    assert "h = " not in panel.describe(4.0, height)
    assert "dL/dh" not in panel.describe(3.0, height)
    assert at(panel, 12)
    assert "dL/dh" in panel.describe(9.0, height)
    assert "dL/dh" not in panel.describe(8.0, height)


def test_small_networks_have_their_numbers_written(show_panel, toy, standing):
    panel = show_panel(GRAPH, toy())
    svg = render_figure(panel, "svg").decode()
    trace = panel._trace
    for numbers in (
        trace.units.h[0],
        trace.units.dh[0],
        trace.inputs[:, :1],
        trace.losses[:, None],
    ):
        assert all(f">{signed(value)}<" in svg for value in numbers[:, 0].tolist())
    rows = show_panel(GRAPH, standing("running"))._data.rows
    assert Cards.fitting(rows, 60.0, 60.0) is None  # ten lines
    assert Cards.fitting(panel._data.rows, 20.0, 100.0) is None  # no room


def test_few_weights_are_told_above(show_panel, toy, standing):
    svg = render_figure(show_panel(GRAPH, toy()), "svg").decode()
    assert ">W_hh = 0.5<" in svg
    assert "W_hh" not in render_figure(show_panel(GRAPH, standing("running")), "svg").decode()


def test_only_what_is_computed_is_written(show_panel, toy):
    panel = show_panel(GRAPH, toy())
    h = panel._trace.units.h[0][:, 0]
    assert at(panel, 4)
    svg = render_figure(panel, "svg").decode()
    written = [f">{signed(value)}<" in svg for value in h.tolist()]
    assert written == [True] * 5 + [False] * 5


def test_a_stack_has_a_row_for_every_layer(make_view, show_panel, small):
    view = make_view(small("model.cell=lstm", "model.layers=2"))
    panel = show_panel(GRAPH, view)
    names = [row.name + row.mark for row in panel._data.rows]
    assert names == ["x", "c¹", "h¹", "c²", "h²", "y", "L"]
    columns = panel.table().columns
    for index, layer in enumerate(view.trace.layers):
        np.testing.assert_array_equal(columns[f"dh_l{index}"], layer.dh.mean)
        np.testing.assert_array_equal(columns[f"dc_l{index}"], layer.dc.mean)
    up = panel._data.links[2]  # from the lower layer's h
    np.testing.assert_array_equal(up.magnitudes, view.trace.layers[0].from_above)
    before = show_panel(GRAPH, make_view(small("model.cell=lstm", "model.layers=2"), 0))
    assert [row.name + row.mark for row in before._data.rows] == names
    assert "layer 1 of 2" in panel.describe(3.0, panel._data.rows[2].height)
    assert panel.stepping.playhead.passes == Passes(12, 2)


def test_without_an_update_there_is_nothing_to_step_through(show_panel, standing):
    panel = show_panel(GRAPH, standing("empty"))
    stepping = panel.stepping
    assert not any(action.isEnabled() for action in (stepping.play, stepping.on, stepping.back))


def graph(window):
    return next(panel for panel in window.panels if panel.name == GRAPH)


def test_arrow_keys_step_once_the_graph_has_the_focus(window, settle):
    window.step()
    settle(window)
    panel = graph(window)
    window.activateWindow()
    panel.plot.setFocus()
    QTest.keyClick(panel.plot, Qt.Key.Key_Right)
    QTest.keyClick(panel.plot, Qt.Key.Key_Right)
    assert panel.stepping.playhead.index == 1
    QTest.keyClick(panel.plot, Qt.Key.Key_Left)
    assert panel.stepping.playhead.index == 0
    assert panel.stepping.caption.isVisible()
    QTest.keyClick(panel.plot, Qt.Key.Key_Escape)
    assert not panel.stepping.playhead.is_active
    assert not panel.stepping.caption.isVisible()


def test_the_pulse_is_played_from_anywhere_and_stops_out_of_sight(window, settle):
    window.step()
    settle(window)
    head = graph(window).stepping.playhead
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ShiftModifier)
    assert head.is_playing
    assert head.is_running
    dock = next(dock for dock in window.docks if dock.panel.name == GRAPH)
    dock.hide()
    assert not head.is_running
    dock.show()
    assert head.is_running
    QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ShiftModifier)
    assert not head.is_running


def test_while_a_run_goes_on_the_same_update_is_stepped_through(window, until):
    window.run()
    until(lambda: graph(window)._trace is not None)
    panel = graph(window)
    panel.stepping.on.trigger()
    held = panel._trace
    begun = len(window.session.history)
    until(lambda: window.session.view.trace is not held)
    until(lambda: len(window.session.history) > begun)
    assert panel._trace is held
    panel.stepping.end.trigger()
    assert panel._trace is window.session.view.trace


def test_the_next_update_is_stepped_through_from_its_start(window, settle):
    for _ in range(2):
        window.step()
        settle(window)
        panel = graph(window)
        assert panel._trace is window.session.view.trace
        assert panel.stepping.playhead.index == 0
        panel.stepping.playhead.move(4)
    assert window.session.state is State.PAUSED
    window.reset()
    assert not panel.stepping.playhead.is_active


def test_its_controls_are_named_and_tell_their_keys(window):
    controls = graph(window).controls
    tips = [widget.toolTip() for widget in controls.findChildren(QWidget) if widget.toolTip()]
    for key in ("(Left)", "(Right)", "(Shift+S)", "(Esc)"):
        assert sum(key in tip for tip in tips) == 1


def test_the_default_window_has_room_for_the_pocket_calculators_numbers(make_window, until):
    window = make_window(load_preset("pocket-calculator"))
    window.resize(1440, 900)
    window.session.step()
    until(lambda: window.session.view.trace is not None)
    panel = next(panel for panel in window.panels if panel.name == "unrolled-graph")
    until(lambda: panel._data.has_numbers)
    width, height = panel.plot.view.viewPixelSize()
    cards = Cards.fitting(panel._data.rows, 1.0 / width, 1.0 / height)
    assert cards is not None
    assert cards.letters >= 9
