"""The unrolled graph's cells opened, its values and gradients, marks of units, and its edges."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from gradexplorer.config.presets import load_preset
from gradexplorer.gui.figures import render_figure, render_image
from gradexplorer.gui.items.unrolled_style import UNKNOWN
from gradexplorer.gui.items.value_scale import ValueScale
from gradexplorer.gui.scale import INFINITE, NOT_A_NUMBER, ZERO
from gradexplorer.gui.text import magnitude, signed
from gradexplorer.gui.theme import DARK, LIGHT
from gradexplorer.training.inside import WHOLE, Detail

GRAPH = "unrolled-graph"
LSTM, GRU = "model.cell=lstm", "model.cell=gru"


@pytest.fixture
def whole(make_view, small):
    """Give a function that returns a run whose last trace has every detail."""
    return lambda *changes: make_view(small("training.iterations=3", *changes), 3)


@pytest.fixture
def toy(make_view):
    """Give a function that returns a toy network with a cell, after its last update."""
    return lambda *changes: make_view(
        load_preset("pocket-calculator", ["training.iterations=2", *changes]), 2
    )


def pixels(panel):
    return render_image(panel, 1.0).convertToFormat(QImage.Format.Format_RGB32)


def rows(panel):
    return {row.name + row.mark: row for row in panel._data.rows if not row.run}


def fed(panel):
    return {
        (link.low.name, link.high.name): link for link in panel._data.links if not link.is_recurrent
    }


@pytest.mark.parametrize(
    ("cell", "names", "feeds"),
    [
        (LSTM, "xifgochyL", {"xi", "xf", "xg", "xo", "ic", "fc", "gc", "oh", "ch", "hy", "yL"}),
        (GRU, "xrznhyL", {"xr", "xz", "xn", "rn", "zh", "nh", "hy", "yL"}),
    ],
)
def test_an_open_cell_shows_what_feeds_what(show_panel, whole, cell, names, feeds):
    view = whole(cell)
    panel = show_panel(GRAPH, view)
    closed = list(rows(panel))
    panel.choices.gates.trigger()
    assert "".join(rows(panel)) == names
    assert {low + high for low, high in fed(panel)} == feeds
    heights = [row.height for row in panel._data.rows]
    assert heights == sorted(heights)
    gates = {gate.name: gate for gate in view.trace.layers[0].gates}
    for (low, high), link in fed(panel).items():
        if low in gates:
            np.testing.assert_array_equal(link.magnitudes, gates[low].gradient)
        if high in gates and low == "x":
            np.testing.assert_array_equal(link.magnitudes, gates[high].passed_on)
    panel.choices.gates.trigger()
    assert list(rows(panel)) == closed


def test_of_a_stack_the_top_or_a_chosen_layer_is_opened(show_panel, whole):
    panel = show_panel(GRAPH, whole(LSTM, "model.layers=3"))
    panel.choices.gates.trigger()
    assert [name for name in rows(panel) if name[0] == "f"] == ["f³"]
    panel.choices.open(0)
    assert [name for name in rows(panel) if name[0] == "f"] == ["f¹"]
    assert ("h", "f") not in fed(panel)  # it is fed by the input
    panel.choices.open(1)
    assert ("h", "f") in fed(panel)


def test_a_vanilla_network_has_no_cell_to_open(show_panel, standing):
    panel = show_panel(GRAPH, standing("running"))
    assert not panel.choices.gates.isEnabled()
    assert panel.choices.opened is None
    assert panel.details == Detail.ENDS


def test_it_asks_for_what_it_shows_while_it_is_seen(show_panel, whole):
    panel = show_panel(GRAPH, whole(LSTM))
    assert panel.details == Detail.ENDS
    panel.choices.gates.trigger()
    assert panel.details == WHOLE
    panel.choices.ends.trigger()
    assert panel.details == Detail.GATES
    panel.hide()
    assert panel.details == Detail.NONE


def test_gates_that_were_not_recorded_are_said_so(show_panel, make_view, small):
    for updates in (0, 2):
        panel = show_panel(GRAPH, make_view(small(LSTM), updates))
        panel.choices.gates.trigger()
        assert "".join(rows(panel)) == "xifgochyL"
        told = [entry.text for entry in panel.plot.legend._entries]
        assert "gates were not recorded at this update" in told
        assert panel.describe(3.0, rows(panel)["f"].height)
        panel.grab()


def test_each_units_number_is_written_in_a_toy(show_panel, toy):
    view = toy(LSTM)
    panel = show_panel(GRAPH, view)
    panel.resize(1000, 620)
    panel.choices.gates.trigger()
    svg = render_figure(panel, "svg").decode()
    for gate in view.trace.layers[0].gates:
        for number in (*gate.values[:, 0].tolist(), *gate.gradients[:, 0].tolist()):
            assert f">{signed(number)}<" in svg
    panel.choices.choose_sides("values")
    assert f">{signed(view.trace.units.dh[0][3, 0])}<" not in render_figure(panel, "svg").decode()
    panel.choices.choose_sides("gradients")
    svg = render_figure(panel, "svg").decode()
    assert f">{signed(view.trace.units.dh[0][3, 0])}<" in svg
    assert f">{signed(view.trace.units.h[0][3, 0])}<" not in svg


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("length", [1, 2, 14, 60, 1000])
@pytest.mark.parametrize("cell", [LSTM, GRU])
def test_every_choice_is_another_picture_at_any_length(show_panel, whole, cell, length, colors):
    panel = show_panel(GRAPH, whole(cell, f"task.length={max(2, length)}", "bptt.k2=9"),
                       colors=colors)  # fmt: skip
    shown = [pixels(panel)]
    panel.choices.gates.trigger()
    shown.append(pixels(panel))
    for sides in ("values", "gradients"):
        panel.choices.choose_sides(sides)
        shown.append(pixels(panel))
    panel.stepping.playhead.move(1)
    shown.append(pixels(panel))
    assert all(one != other for one, other in pairwise(shown))


def test_values_are_coloured_on_a_map_of_their_own_that_is_named(show_panel, whole):
    panel = show_panel(GRAPH, whole(LSTM, "bptt.k2=5"))
    assert panel.plot.legend._scale is not None
    panel.choices.next.trigger()
    assert panel.choices.sides == "values"
    told = [entry.text for entry in panel.plot.legend._entries]
    assert panel.plot.legend._scale is None
    assert "value, of several units their root mean square" in told
    assert "← gradient" not in told
    assert "cut" not in told
    drawn = panel.item._data
    assert not drawn.cuts.any()
    assert all(link.magnitudes is None for link in drawn.links)
    panel.choices.next.trigger()
    assert "forward →" not in [entry.text for entry in panel.plot.legend._entries]
    panel.choices.next.trigger()
    assert panel.choices.sides == "both"


def test_the_scale_of_values_is_symmetric_and_round():
    scale = ValueScale(np.array([-0.3, 1.7, np.nan, np.inf]))
    assert scale.limit == 2.0
    kinds = scale.kinds(np.array([-2.0, -5.0, 2.0, 9.0, 0.0, np.nan, np.inf, 1e-9, -1e-9]))
    assert kinds.tolist() == [0, 0, 31, 31, ZERO, NOT_A_NUMBER, INFINITE, 16, 15]
    assert ValueScale(np.zeros(2)).limit == 1.0
    assert ValueScale(np.array([0.004])).limit == pytest.approx(0.005)


def test_single_units_keep_their_sign_several_have_none(show_panel, toy, whole):
    view = toy()
    panel = show_panel(GRAPH, view)
    np.testing.assert_array_equal(rows(panel)["h"].shown, view.trace.units.h[0][:, 0])
    view = whole()
    np.testing.assert_array_equal(
        rows(show_panel(GRAPH, view))["h"].shown, view.trace.layers[0].hidden
    )


def test_saturated_units_are_marked_told_and_in_the_table(show_panel, whole):
    view = whole("model.recurrent_gain=6", "task.length=30")
    panel = show_panel(GRAPH, view)
    share = view.trace.layers[0].ends.saturated
    assert list(panel.table().columns["h_saturated"]) == share.tolist()
    assert "share saturated" in [entry.text for entry in panel.plot.legend._entries]
    step = int(np.argmax(share)) + 1
    told = panel.describe(float(step), rows(panel)["h"].height)
    assert f"saturated: {share[step - 1]:.0%} of units and sequences" in told
    marked = pixels(panel)
    panel.choices.ends.trigger()
    assert pixels(panel) != marked
    assert "h_saturated" not in panel.table().columns


@pytest.mark.parametrize("depth", [4, 100])
def test_dead_units_of_layers_are_marked(show_panel, whole, depth):
    view = whole("model.cell=feedforward", "model.activation=relu", f"model.depth={depth}")
    panel, dead = show_panel(GRAPH, view), view.trace.layers[0].ends.dead
    assert dead.max() > 0.0
    assert list(panel.table().columns["h_dead"]) == dead.tolist()
    silent = view.trace.layers[0].ends.silent
    assert list(panel.table().columns["h_silent"]) == silent.tolist()
    assert "share dead" in [entry.text for entry in panel.plot.legend._entries]
    step = int(np.argmax(dead)) + 1
    told = panel.describe(float(step), rows(panel)["h"].height)
    assert f"0 in every sequence: {dead[step - 1]:.0%} of units" in told
    assert f"\n0: {silent[step - 1]:.0%} of units and sequences" in told
    marked = pixels(panel)
    panel.choices.ends.trigger()
    assert pixels(panel) != marked


def test_the_table_has_gates_and_values(show_panel, whole):
    view = whole(LSTM, "model.layers=2")
    panel = show_panel(GRAPH, view)
    panel.choices.open(0)
    columns, gate = panel.table().columns, view.trace.layers[0].gates[1]
    assert gate.name == "f"
    assert list(columns["df_l0"]) == gate.gradient.tolist()
    assert list(columns["f_l0_value"]) == gate.value.tolist()
    assert list(columns["f_l0_passed_on"]) == gate.passed_on.tolist()
    assert list(columns["f_l0_saturated"]) == gate.saturated.tolist()
    assert list(columns["h_l1_value"]) == view.trace.layers[1].hidden.tolist()


def test_nodes_and_edges_tell_values_gradients_and_shapes(show_panel, whole):
    view = whole(LSTM, "model.hidden_size=32")
    panel, trace = show_panel(GRAPH, view), view.trace
    panel.choices.gates.trigger()
    h, c, f = (rows(panel)[name].height for name in "hcf")
    told = panel.describe(5.0, h)
    assert told.startswith("h at t = 5: hidden state, 3 sequences × 32 units\n")
    assert f"value {signed(trace.hidden[4])}: root mean square, first sequence" in told
    told = panel.describe(5.5, h)
    assert told.split("\n") == [
        "h₅ → h₆: hidden state, handed on",
        f"gradient that flows back over it: {magnitude(trace.flow_h[4])}",
        "3 sequences × 32 units",
        "weight_hh_l0: 128 × 32",
    ]
    assert "forget gate, without weights" in panel.describe(5.5, c)
    gate = trace.layers[0].gates[1]
    told = panel.describe(5.0 + rows(panel)["f"].aside, f)
    assert f"‖dL/df‖ = {magnitude(gate.gradient[4])}" in told
    assert f"‖dL/da‖ = {magnitude(gate.passed_on[4])}" in told
    assert f"mean opening {signed(gate.value[4])}" in told
    middle = panel.describe(5.0 + 0.5 * rows(panel)["f"].aside, 0.5 * (f + c))
    assert middle.startswith("f₅ → c₅: forget gate to cell state\n")


def test_an_upright_edge_tells_its_weights(show_panel, whole):
    panel = show_panel(GRAPH, whole())
    assert "weight_ih_l0: 5 × 2" in panel.describe(5.0, 0.33)
    last = rows(panel)
    middle = 0.5 * (last["h"].height + last["y"].height)
    assert "readout.weight: 1 × 5" in panel.describe(12.0, middle)
    deep = show_panel(GRAPH, whole("model.cell=feedforward", "model.widths=5 4 3"))
    h = rows(deep)["h"].height
    assert "layers.1.weight: 4 × 5" in deep.describe(1.5, h)
    assert "3 sequences × 4 units" in deep.describe(2.0, h)


def test_where_rows_are_low_an_open_cell_is_strips(show_panel, whole):
    panel = show_panel(GRAPH, whole(LSTM))
    panel.choices.gates.trigger()
    assert not panel._spot(5.0, rows(panel)["f"].height).is_road
    assert panel._spot(5.5, rows(panel)["h"].height).is_road
    panel.resize(760, 140)
    panel.grab()
    assert not panel._spot(5.5, rows(panel)["h"].height).is_road
    assert panel.describe(5.4, rows(panel)["f"].height).startswith("f at t = 5: forget gate")


def test_where_columns_are_narrow_an_open_cell_is_strips(show_panel, whole):
    panel = show_panel(GRAPH, whole(LSTM, "task.length=60"))
    assert panel._spot(5.5, rows(panel)["h"].height).is_road
    panel.choices.gates.trigger()
    assert not panel._spot(5.5, rows(panel)["h"].height).is_road
    panel.resize(1600, 320)
    panel.grab()
    assert panel._spot(5.5, rows(panel)["h"].height).is_road


def test_a_cut_edge_tells_so(show_panel, whole):
    panel = show_panel(GRAPH, whole("bptt.k2=4"))
    step = list(panel.table().columns["cut_before"]).index("full") + 1
    assert "cut" in panel.describe(step - 0.5, rows(panel)["h"].height)


def test_a_click_on_a_node_opens_its_cell(show_panel, whole):
    panel = show_panel(GRAPH, whole(LSTM, "model.layers=2"))
    plot = panel.plot

    def click(name):
        place = plot.view.mapViewToScene(QPointF(4.0, rows(panel)[name].height))
        QTest.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=plot.mapFromScene(place))

    click("x")
    assert panel.choices.opened is None
    click("c¹")
    assert panel.choices.opened == 0
    click("h²")
    assert panel.choices.opened == 1
    click("h²")
    assert panel.choices.opened is None


def test_gates_come_as_they_are_computed(show_panel, toy):
    panel = show_panel(GRAPH, toy(LSTM))
    panel.resize(1000, 620)
    panel.choices.gates.trigger()
    f = rows(panel)["f"].height
    for _ in range(3):
        panel.stepping.on.trigger()
    assert "first sequence: f = " in panel.describe(3.0, f)
    assert "first sequence: f = " not in panel.describe(4.0, f)
    assert "dL/df" not in panel.describe(3.0, f)


def test_a_paused_run_shows_its_gates_at_once(make_window, small, settle, until):
    window = make_window(small("training.iterations=100000000", LSTM))
    window.step()
    settle(window)
    panel = window.panels[0]
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_G)
    until(lambda: rows(panel)["f"].nodes is not None)
    assert window.session.view.trace.iteration == 1
    window.step()
    until(lambda: panel._trace.iteration == 2)
    assert rows(panel)["f"].nodes is not None
    window.run()
    until(lambda: panel._trace.iteration > 2)
    window.session.pause()
    until(lambda: window.session.rest is not None and rows(panel)["f"].nodes is not None)


def test_moments_without_gates_can_be_shown(make_window, small, settle, until):
    window = make_window(small("training.iterations=100000000", LSTM))
    for _ in range(2):
        window.step()
        settle(window)
    panel = window.panels[0]
    panel.choices.gates.trigger()
    until(lambda: rows(panel)["f"].nodes is not None)
    window.session.travel.hold(1)
    assert rows(panel)["f"].nodes is None
    assert "gates were not recorded at this update" in [
        entry.text for entry in panel.plot.legend._entries
    ]
    window.session.travel.release()
    assert rows(panel)["f"].nodes is not None


def hover(plot, step):
    """Move the mouse to a step, or into a corner; never where it is, for that is no move."""
    QTest.mouseMove(plot.viewport(), plot.mapFromScene(QPointF(2.0, 2.0)))
    if step is not None:
        place = plot.view.mapViewToScene(QPointF(step, 1.0))
        QTest.mouseMove(plot.viewport(), plot.mapFromScene(place))


def test_other_views_tell_of_the_step_that_is_hovered(window, settle):
    window.step()
    settle(window)
    graph, bars = window.panels[:2]
    plot = graph.plot
    hover(plot, 5.0)
    notes = window.depth_axis._notes
    assert not notes[plot].isVisible()
    assert notes[bars.plot].isVisible()
    value = magnitude(window.session.view.trace.dh.mean[4])
    assert notes[bars.plot].text() == f"‖dL/dh₅‖ = {value}"
    shown = [note for note in notes.values() if note.isVisible()]
    for note in shown:
        assert note.parent().rect().contains(note.geometry())
    hover(plot, None)
    assert not notes[bars.plot].isVisible()


def test_every_view_of_the_axis_has_a_word_for_a_step(show_panels, standing):
    panels = show_panels(standing("lstm"))
    told = {name: panel.at_step(5) for name, panel in panels.items() if hasattr(panel, "at_step")}
    assert told.pop("output").startswith("input ")
    trace = standing("lstm").trace
    value = magnitude(trace.dh.mean[4])
    assert set(told) == {"unrolled-graph", "timestep-gradient", "gradient-heatmap"}
    assert all(value in text for text in told.values())
    for name in told:
        assert panels[name].at_step(0) == panels[name].at_step(13) == ""


def test_the_output_follows_where_it_has_steps(make_window, small, settle, until):
    window = make_window(small("training.iterations=100000000", "training.evaluate_every=1"))
    window.step()
    settle(window)
    graph = window.panels[0]
    output = next(panel for panel in window.panels if panel.name == "output")
    until(lambda: output._evaluation is not None)
    note = window.depth_axis._notes[output.plot]
    hover(graph.plot, 5.0)
    assert note.isVisible()
    assert note.text().startswith("input ")
    assert output.plot._cursor.isVisible()
    value = note.text()
    hover(graph.plot, None)
    assert not note.isVisible()
    assert output.at_step(5) == value


def test_instruments_follow_the_step(window, settle, until):
    window.step()
    settle(window)
    window.measuring.measure()
    until(lambda: window.measuring.view().analysis is not None)
    told = {}
    for panel in window.panels:
        if panel.name in ("units", "flow-matrix", "jacobian-norms"):
            panel.show_view(window.measuring.view())
            told[panel.name] = panel.at_step(3)
    assert told["jacobian-norms"].startswith("median ")
    assert told["flow-matrix"].startswith("‖dL₁₂/dh₃‖ = ")
    assert told["units"].startswith("hidden h: rms ")


def test_stepping_tells_how_open_the_gates_are(show_panel, whole):
    view = whole(LSTM)
    panel = show_panel(GRAPH, view)
    panel.stepping.on.trigger()
    opened = {gate.name: signed(gate.value[0]) for gate in view.trace.layers[0].gates}
    told = f"gates open on average: i {opened['i']}, f {opened['f']}, o {opened['o']}"
    assert told in panel.stepping.caption.text()


def test_the_button_says_what_it_does_or_why_it_does_nothing(show_panel, whole):
    panel = show_panel(GRAPH, whole(LSTM))
    button = panel.choices.button
    assert button.toolTip() == "Show the gates inside the top layer's cells (G)"
    panel.choices.gates.trigger()
    assert button.toolTip() == "Leave out the gates inside the cells (G)"
    panel.show_view(whole())
    assert "Only the cells of an LSTM or GRU" in button.toolTip()


def test_gates_that_are_not_computed_yet_do_not_look_like_exact_zeros(show_panel, toy):
    panel = show_panel(GRAPH, toy(LSTM))
    panel.choices.gates.trigger()
    panel.resize(900, 420)  # with room for discs, not for numbers
    panel.stepping.playhead.move(1)
    entries = {entry.text: entry for entry in panel.plot.legend._entries}
    unknown = entries["not known yet"]
    assert unknown.dashed
    style = panel.item._styles[False]
    assert style.rims[UNKNOWN].style() == unknown.dashes != style.rims[ZERO].style()


def test_an_edges_gradient_is_told_once_the_backward_pass_has_come_there(show_panel, whole):
    panel = show_panel(GRAPH, whole())
    head = panel.stepping.playhead
    head.move(1)
    road, upright = (5.5, rows(panel)["h"].height), (5.0, 0.33)
    for place in (road, upright):
        assert "flows back over it" not in panel.describe(*place)
    head.move(int(head.passes.backward(0, np.array([6]))[0]) - head.index)
    assert "flows back over it" not in panel.describe(*road)
    head.move(1)
    for place in (road, upright):
        assert "flows back over it" in panel.describe(*place)
