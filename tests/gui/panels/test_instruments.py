"""Instruments: what was measured of real runs, drawn, told, and as tables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradexplorer.analysis.request import KINDS, Request, analyze
from gradexplorer.gui.panels.measured_panel import PRESS_MEASURE, MeasuredPanel
from gradexplorer.gui.theme import DARK, LIGHT
from gradexplorer.training.history import History
from gradexplorer.training.mailbox import Mail
from gradexplorer.training.moments import Moment

PENDULUM = "task={name='pendulum', length=12}"

RUNS = {
    "rnn": ("small", ()),
    "lstm": ("small", ("model.cell=lstm", "model.layers=2")),
    "gru": ("small", ("model.cell=gru",)),
    "relu": ("small", ("model.activation=relu",)),
    "layers": ("small", ("model.cell=feedforward", "model.depth=4")),
    "copy": ("small", ("task.name=copy", "task.delay=3")),
    "stream": ("small_stream", ("bptt.k2=12", "bptt.k1=6")),
    "one step": ("small", ("task.name=spirals",)),
    "closed loop": ("small", (PENDULUM, "model.cell=lstm")),
    "closed loop, layers": ("small", (PENDULUM, "model.cell=feedforward", "model.depth=2")),
}


@pytest.fixture(params=RUNS)
def view(request, make_view, small, small_stream):
    """A run of every kind, measured."""
    maker, sets = RUNS[request.param]
    config = {"small": small, "small_stream": small_stream}[maker](*sets)
    return measured(make_view(config, 5))


def measured(view):
    trace = view.history.trace
    found = analyze(Request(view.config, trace.weights, KINDS, trace.iteration))
    return replace(view, analysis=found)


@pytest.fixture
def show(show_instruments):
    """Give a function that shows all instruments of a view."""
    return show_instruments


def corners(panel):
    (left, right), (low, high) = panel.plot.view.viewRange()
    return [(x, y) for x in np.linspace(left, right, 7) for y in np.linspace(low, high, 7)]


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_every_instrument_draws_every_kind_of_run(show, view, colors):
    for name, panel in show(view, colors).items():
        empty = panel.grab().toImage()
        assert not empty.isNull()
        table = panel.table()
        lengths = {len(column) for column in table.columns.values()}
        assert len(lengths) == 1, name
        told = [panel.describe(x, y) for x, y in corners(panel)]
        if isinstance(panel, MeasuredPanel):
            is_stacked = panel.kind == "dynamics" and view.config.model.layers > 1
            of = ", layer 2 of 2" if is_stacked else ""
            assert panel.note(view).startswith(f"after update 5{of}")
            has_some = panel.hint(view) == ""
            assert any(told) == has_some or name == "eigenvalues"


def test_nothing_is_shown_before_anything_was_measured(show, make_view, small):
    view = make_view(small(), 2)
    for panel in show(view).values():
        if isinstance(panel, MeasuredPanel):
            assert panel.hint(view) == PRESS_MEASURE
            assert panel.table().columns == {}
            assert panel.describe(1.0, 1.0) == ""
            assert panel.hint(replace(view, measuring=0.4)) == "Measuring: 40%"
            assert panel.hint(replace(view, problem="No.")) == "No."


def test_what_was_measured_goes_with_its_run(show, make_view, small):
    view = measured(make_view(small("model.cell=lstm"), 3))
    panels = show(view)
    for panel in panels.values():
        panel.show_view(replace(view, analysis=None))
    assert not len(panels["lag-profile"].median.points()[0])
    assert panels["units"].item._value is None
    assert panels["units"].choices() == ()


def test_all_is_in_view_again_after_a_double_click(show, make_view, small):
    for panel in show(measured(make_view(small(), 3))).values():
        before = panel.plot.view.viewRange()
        panel.plot.view.scaleBy((0.1, 0.1))
        panel.plot.view.sigRangeChangedManually.emit([True, True])
        assert panel.plot.view.viewRange() != before
        panel.plot.follow()
        np.testing.assert_allclose(panel.plot.view.viewRange(), before, err_msg=panel.name)


def test_one_length_is_tried_in_all(show, make_view, small):
    panels = show(measured(make_view(small("task.name=copy", "task.delay=4"), 3)))
    lag, lens, matrix = (panels[name] for name in ("lag-profile", "truncation-lens", "flow-matrix"))
    lag.handle.line.setValue(6.2)  # lag 6 is the last of seven steps
    assert lag.reach.steps == 7
    assert lens.handle.line.value() == 7
    assert "K = 7" in lens.plot.legend._note
    assert "K = 7" in matrix.plot.legend._note
    lens.handle.line.setValue(10_000)
    assert lag.reach.steps == 24  # no longer than the sequence
    lens.handle.line.setValue(-3)
    assert lag.reach.steps == 1


def test_the_reach_begins_with_the_truncation_in_force(show, make_view, small):
    panels = show(measured(make_view(small("bptt.k2=4"), 3)))
    assert panels["lag-profile"].reach.steps == 4


def test_the_bias_that_is_looked_for_can_be_chosen(show, make_view, small):
    view = measured(make_view(small("task.name=copy", "task.delay=4"), 3))
    panel, lens = show(view)["truncation-lens"], view.analysis.truncation
    assert f"K = {lens.smallest_k} for 10%" in legend(panel)
    notes = []
    panel.headline_changed.connect(lambda _heading, note: notes.append(note))
    panel.reach.set_steps(5)
    cost = f"{1e3 * lens.seconds[4]:.2g} ms, {lens.bytes[4] / 1e6:.2g} MB"
    assert notes == [f"after update 3; K = 5 takes {cost}"]
    panel.choose_bias(0.5)
    assert panel.tolerance.value() == pytest.approx(np.log10(0.5))
    assert f"K = {lens.with_bias(0.5).smallest_k} for 50%" in legend(panel)
    panel.tolerance.setValue(np.log10(0.0234))  # as by dragging
    assert f"K = {lens.with_bias(0.023).smallest_k} for 2.3%" in legend(panel)
    panel.tolerance.setValue(3.0)
    assert "for 100%" in legend(panel)
    table = panel.table().columns
    np.testing.assert_array_equal(table["bias"], lens.bias)


def legend(panel) -> str:
    return " | ".join(entry.text for entry in panel.plot.legend._entries)


def test_the_band_of_the_matrix_keeps_what_it_says(show, make_view, small):
    view = measured(make_view(small("task.name=copy", "task.delay=3"), 3))
    panel = show(view)["flow-matrix"]
    panel.reach.set_steps(1)
    norms = np.nan_to_num(view.analysis.matrix.norms)
    share = np.trace(norms) / norms.sum()
    assert panel.plot.legend._note == f"K = 1 keeps {share:.1%}, drops {1 - share:.1%}"


def test_the_units_offer_states_and_gates_of_every_layer(show, make_view, small):
    view = measured(make_view(small("model.cell=lstm", "model.layers=2"), 3))
    panel = show(view)["units"]
    assert len(panel.choices()) == 2 * 5
    assert panel.choice == "hidden h, layer 2"
    panel.choose("forget gate f, layer 1")
    gate = next(gate for gate in view.analysis.units.layers[0].gates if gate.name == "f")
    columns = panel.table().columns
    np.testing.assert_array_equal(columns["unit_3"], gate.values[:, 2])
    assert f"{gate.values[4, 2]:.4g}" in panel.describe(5.0, -3.0)


def test_the_histograms_offer_every_parameter(show, make_view, small):
    view = measured(make_view(small(), 3))
    panel = show(view)["histograms"]
    assert set(panel.choices()) == set(view.history.trace.weights)
    assert panel.choice == "weight_hh_l0"
    panel.choose("readout.weight")
    counts = view.analysis.units.weights["readout.weight"].counts
    assert panel.weights.points()[1].max() == counts.max()


def test_the_unit_circle_is_round(show, make_view, small):
    panel = show(measured(make_view(small(), 3)))["eigenvalues"]
    panel.grab()
    wide, high = panel.plot.view.viewPixelSize()
    assert wide == pytest.approx(high, rel=0.02)
    spectrum = panel.result(panel.view).weights[0]
    value = spectrum.eigenvalues[0]
    assert f"|λ| = {abs(value):.4g}" in panel.describe(value.real, value.imag)


def test_a_closed_loop_is_drawn_with_its_plant(show, make_view, small):
    view = measured(make_view(small(PENDULUM), 3))
    panels, found = show(view), view.analysis
    np.testing.assert_allclose(10 ** panels["lag-profile"].plant.points()[1], found.lag.plant_mean)
    assert "plant's state" in panels["lag-profile"].describe(2.0, 0.0)
    assert ", plant" in panels["flow-matrix"].describe(2.0, -5.0)
    assert "∂(s, h)ₜ₊₁" in panels["jacobian-norms"].plot.left.labelText
    pole = found.dynamics.loop.eigenvalues[0]
    assert panels["eigenvalues"].describe(pole.real, pole.imag).startswith("loop: λ")
    assert "loop" in panels["eigenvalues"].table().columns["gate"]


def test_a_feedforward_controller_has_no_layer_to_choose(show, make_view, small):
    view = make_view(small(PENDULUM, "model.cell=feedforward", "model.layers=3"), 3)
    assert show(measured(view))["eigenvalues"].note(measured(view)) == "after update 3"


def test_all_singular_values_are_marked(show, make_view, small):
    view = measured(make_view(small(), 3))
    panel, weights = show(view)["eigenvalues"], view.analysis.dynamics.weights[0]
    np.testing.assert_allclose(panel.singular.points()[0], weights.singular_values)


def test_the_clipping_lens_tells_what_clipping_does(show, make_view, small):
    view = make_view(small("clipping.method=norm", "clipping.threshold=0.05"), 30)
    panel = show(view)["clipping-lens"]
    rows = dict(zip(*panel.table().columns.values(), strict=True))
    metrics = view.history.metrics
    assert rows["updates"] == 30
    assert rows["clipped_share"] == np.mean(metrics["clip_scale"] < 1.0)
    assert rows["norm_p50"] == pytest.approx(np.median(metrics["grad_norm"]))
    assert panel.after.points()[0].max() == pytest.approx(np.log10(0.05), abs=1e-6)


def test_the_clipping_lens_has_no_place_for_gradients_that_are_gone(show, make_view, small):
    view = make_view(small(), 6)
    rows = view.history.metrics.copy()
    rows["grad_norm"] = 0.0
    history = History()
    history.add(Mail(rows))
    panel = show(replace(view, history=history))["clipping-lens"]
    assert np.isfinite(panel.plot.view.viewRange()).all()
    assert panel.describe(400.0, 0.5).startswith("‖g‖ ≤ infinite: 100.0%")


def test_steps_of_another_number_are_shown_apart(show, make_view, small_stream):
    view = measured(make_view(small_stream("bptt.k2=12", "bptt.k1=6"), 5))
    steps = view.analysis.matrix.norms.shape[1]
    assert steps > len(view.history.trace.dh.mean)
    panels = show(view)
    for name in ("flow-matrix", "jacobian-norms", "units"):
        left, right = panels[name].plot.view.viewRange()[0]
        assert left < 1.0
        assert steps < right < steps + 2.0


def test_it_says_where_what_was_measured_is_not_of_the_moment_shown(show, make_view, small):
    view = measured(make_view(small(), 4))
    panel = show(view)["lag-profile"]
    assert panel.note(view) == "after update 4"
    earlier = make_view(small(), 3).history.trace
    held = replace(view, moment=Moment(earlier, None))
    panel.show_view(held)
    assert panel.note(held) == "after update 4, not 3"
    at_once = replace(view, moment=Moment(view.history.trace, None))
    assert panel.note(at_once) == "after update 4"


def test_an_empty_matrix_has_no_negative_losses(show, make_view, small):
    view = measured(make_view(small("task.name=copy", "task.delay=3"), 2))
    panel = show(view)["flow-matrix"]
    panel.show_view(replace(view, analysis=None))
    assert panel.plot.view.viewRange()[1] == [0.0, 1.0]
