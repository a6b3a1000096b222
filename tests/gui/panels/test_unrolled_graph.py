"""The unrolled graph: its rows, its read-outs, its table."""

from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.gui.text import magnitude, signed


@pytest.fixture
def graph(show_panel, standing):
    """Give a function that returns the panel showing a state."""
    return lambda state: show_panel("unrolled-graph", standing(state))


def column(panel, name):
    return panel.table().columns[name]


@pytest.mark.parametrize(
    ("state", "rows"),
    [("empty", "xhyL"), ("running", "xhyL"), ("empty lstm", "xchyL"), ("lstm", "xchyL")],
)
def test_rows_from_the_input_up_to_the_loss(graph, state, rows):
    panel = graph(state)
    ticks = panel.plot.plot.getAxis("left")._tickLevels[0]
    assert [label.split()[1] for _, label in ticks] == list(rows)
    assert [name for name in panel.table().columns if len(name) == 2] == [f"d{r}" for r in rows]


def heights(panel):
    ticks = panel.plot.plot.getAxis("left")._tickLevels[0]
    return {label.split()[1]: height for height, label in ticks}


def test_nodes_say_what_arrives_at_them(graph, standing):
    trace = standing("lstm").history.trace
    panel = graph("lstm")
    shown = {"x": trace.dx, "c": trace.dc.mean, "h": trace.dh.mean}
    for name, values in shown.items():
        lines = panel.describe(5.2, heights(panel)[name] - 0.3).split("\n")
        assert lines[0].startswith(f"{name} at t = 5: ")
        assert lines[1] == f"‖dL/d{name}‖ = {magnitude(values[4])}"
    last = panel.describe(5.0, heights(panel)["c"]).split("\n")[2]
    assert last == f"arriving from c₆: {magnitude(trace.flow_c[4])}"


def test_only_the_steps_that_bear_a_loss_have_outputs(graph, standing):
    trace = standing("running").history.trace
    panel = graph("running")
    y, loss, h = (heights(panel)[name] for name in "yLh")
    assert panel.describe(12.0, y).split("\n") == [
        "y at t = 12: output, 3 sequences × 1 number",
        f"‖dL/dy‖ = {magnitude(trace.dy[0])}",
        f"first sequence: y = {signed(trace.outputs[0, 0])}",
        f"first sequence: dL/dy = {signed(trace.units.dy[0, 0])}",
    ]
    mean = f"mean over the batch: {signed(trace.losses[0])}"
    assert panel.describe(12.0, loss) == f"L at t = 12: loss, mean over 3 sequences\n{mean}"
    assert panel.describe(11.0, y) == "t = 11"
    assert "arriving" not in panel.describe(12.0, h)  # nothing comes from a step after the last


@pytest.mark.parametrize(("x", "y"), [(0.4, 1.0), (12.6, 1.0), (5.0, -0.6), (5.0, 3.6)])
def test_outside_there_is_nothing(graph, x, y):
    assert graph("running").describe(x, y) == ""


def test_before_the_first_update_nodes_have_names_only(graph):
    assert graph("empty").describe(3.0, 0.65) == "h at t = 3: hidden state"


def test_a_cut_is_told_apart_from_a_cut_in_part(graph, standing):
    panel = graph("cut in part")
    cuts = standing("cut in part").history.trace.cuts
    full, part, none = (int(np.argmax(cuts == kind)) + 1 for kind in (2, 1, 0))
    assert "nothing passes on to the left: cut" in panel.describe(full, 2.0)
    said = panel.describe(part, 2.0)
    assert "nothing passes" not in said
    assert "others are cut here" in said
    assert "cut" not in panel.describe(none, 2.0)
    assert "cut" not in panel.describe(full, 0.0)  # not on the inputs' row


def test_the_cuts_of_a_window_are_known_before_it_runs(make_view, show_panel, small):
    panel = show_panel("unrolled-graph", make_view(small("bptt.k2=4"), 0))
    cuts = column(panel, "cut_before")
    assert cuts.count("full") == 1
    assert "cut" in panel.describe(cuts.index("full") + 1, 1.0)


def test_its_table_has_every_step(graph, standing):
    trace = standing("running").history.trace
    panel = graph("running")
    assert list(column(panel, "timestep")) == list(range(1, 13))
    np.testing.assert_array_equal(column(panel, "dh"), trace.dh.mean)
    np.testing.assert_array_equal(column(panel, "dh_from_next_step"), trace.flow_h)
    assert column(panel, "dy") == [None] * 11 + [trace.dy[0]]
    assert set(column(panel, "cut_before")) == {"none"}


def test_its_colours_have_a_scale(graph, standing):
    panel = graph("running")
    scale = standing("running").scale
    assert panel.plot.legend._scale == (scale.low, scale.high)


def test_layers_are_the_steps_of_a_feedforward_network(graph, standing):
    panel, trace = graph("layers"), standing("layers").history.trace
    assert panel.plot.bottom.labelText == "layer l"
    columns = panel.table().columns
    assert next(iter(columns)) == "layer"
    assert columns["dx"] == [pytest.approx(trace.dx[0]), *[None] * 5]  # enters at the first alone
    assert panel.describe(1.0, 0.0).startswith("x at l = 1: input")
    assert panel.describe(2.0, 0.0) == "l = 2"
    assert graph("lstm").plot.bottom.labelText == "timestep t"


def test_where_rows_are_close_not_all_are_named(show_panel, make_view, small):
    panel = show_panel("unrolled-graph", make_view(small("model.cell=lstm"), 3))
    names = lambda: [name for _, name in panel.plot.left._tickLevels[0]]  # noqa: E731
    every = ["input x", "cell c", "hidden h", "output y", "loss L"]
    assert names() == every
    panel.resize(400, 90)
    panel.grab()
    assert names()[-1] == "loss L"
    assert len(names()) < len(every)
    panel.resize(400, 320)
    panel.grab()
    assert names() == every
