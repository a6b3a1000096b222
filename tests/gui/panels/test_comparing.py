"""Pinned runs in the instruments and in the output panel: drawn, told, in tables, or left out."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from gradexplorer.analysis.request import KINDS, Request, analyze
from gradexplorer.gui.pinned import PinnedRun
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.theme import DARK, LIGHT

OVERLAID = {
    "lag-profile": "median",
    "truncation-lens": "bias",
    "jacobian-norms": "median",
    "lyapunov": "exponent",
}
OTHERS = {
    "lstm": ("model.cell=lstm",),
    "layers": ("model.cell=feedforward", "model.depth=4"),
    "short": ("task.length=6",),
    "seed": ("training.seed=7",),
}


@pytest.fixture(scope="module")
def analyzed(make_view, small):
    """Give a function that returns a run, measured on the batch of update 6."""
    known = {}

    def make(*sets):
        if sets not in known:
            view = make_view(small(*sets), 5)
            trace = view.history.trace
            found = analyze(Request(view.config, trace.weights, KINDS, trace.iteration))
            known[sets] = replace(view, analysis=found)
        return known[sets]

    return make


def pinned(place, view):
    return PinnedRun(place, view.config, view.shape, view.history, view.analysis)


@pytest.fixture
def several(analyzed):
    """A vanilla run with four others pinned."""
    runs = tuple(pinned(place, analyzed(*sets)) for place, sets in enumerate(OTHERS.values()))
    return replace(analyzed(), pinned=runs)


@pytest.fixture
def show(show_instruments):
    """Give a function that shows all instruments of a view, with room for four runs' names."""
    return partial(show_instruments, width=640)


def legend(panel):
    return [entry.text for entry in panel.plot.legend._entries]


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_every_instrument_draws_four_pinned_runs(show, several, colors):
    for panel in show(several, colors).values():
        assert not panel.grab().toImage().isNull()
        assert len({len(column) for column in panel.table().columns.values()}) == 1, panel.name
        (left, right), (low, high) = panel.plot.view.viewRange()
        for x in np.linspace(left, right, 7):
            for y in np.linspace(low, high, 7):
                panel.describe(x, y)


@pytest.mark.parametrize(("name", "column"), OVERLAID.items())
def test_curves_of_pinned_runs_are_drawn_told_and_in_the_table(show, several, name, column):
    panel = show(several)[name]
    drawn = [run for run, _ in panel.others]
    assert len(drawn) == (3 if name == "lyapunov" else 4)
    columns = panel.table().columns
    for run in drawn:
        x, y = panel.pinned.of(run).points()
        kept = np.ma.compressed(np.ma.masked_invalid(columns[f"{column}{run.sign}"]))
        heights = y[np.isfinite(y)]
        expected = kept if name == "lyapunov" else np.log10(kept[kept > 0.0])
        np.testing.assert_allclose(heights, expected)
        assert run.sign in panel.describe(float(x[0]), 0.0)
        assert run.sign in legend(panel) or f"{run.sign}, other data" in legend(panel)


def test_what_was_measured_on_other_data_says_so(show, several):
    panels = show(several)
    assert "④, other data" in legend(panels["lag-profile"])
    assert "①" in legend(panels["lag-profile"])
    assert "③, other data" in legend(panels["lag-profile"])  # sequences of another length
    assert "④" in legend(panels["eigenvalues"])  # weights are the same on any data


def test_what_cannot_be_drawn_is_left_out_with_a_reason(show, several):
    panels = show(several)
    assert "② feedforward: no exponents" in legend(panels["lyapunov"])
    assert "② no weight_hh_l0" in legend(panels["histograms"])
    fresh = [replace(run, analysis=None) for run in several.pinned[:2]]
    panel = panels["lag-profile"]
    panel.show_view(replace(several, pinned=(*fresh, *several.pinned[2:])))
    assert "①② not measured yet" in legend(panel)
    assert not len(panel.pinned.of(fresh[0]).points()[0])


def test_a_run_that_is_unpinned_goes_from_every_instrument(show, several):
    for panel in show(several).values():
        panel.show_view(replace(several, pinned=()))
        assert panel.chosen_run(panel.view) is None
        items = [items for name, items in vars(panel).items() if name.startswith("pinned")]
        for run in several.pinned:
            assert not any(len(one.of(run).points()[0]) for one in items if one)
        assert not any("①" in text for text in legend(panel))


def test_a_longer_pinned_run_is_in_view(show, analyzed):
    long = pinned(0, analyzed("task.length=20"))
    panels = show(replace(analyzed(), pinned=(long,)))
    for name in ("lag-profile", "truncation-lens", "jacobian-norms"):
        assert panels[name].plot.view.viewRange()[0][1] > 19.0, name
    assert panels["flow-matrix"].plot.view.viewRange()[0][1] > 20.0  # the depth axis is shared


def test_eigenvalues_of_pinned_runs_have_a_shape_each(show, several):
    panel = show(several)["eigenvalues"]
    entries = [entry for entry in panel.plot.legend._entries if entry.kind == "shape"]
    assert len({entry.shape for entry in entries}) == len(entries) == 4
    value = several.pinned[0].analysis.dynamics.weights[0].eigenvalues[0]
    assert panel.describe(value.real, value.imag).startswith("① W")
    assert set(panel.table().columns["run"]) == {"present", "①", "②", "③", "④"}


def test_histograms_have_both_outlines_of_each_run(show, several):
    panel = show(several)["histograms"]
    lstm = several.pinned[0]
    counts = lstm.analysis.units.weights["weight_hh_l0"].counts
    assert panel.pinned.of(lstm).points()[1].max() == counts.max()
    counts = lstm.analysis.units.gradients["weight_hh_l0"].counts
    assert panel.pinned_gradients.of(lstm).points()[1].max() == counts.max()
    assert "① weights" in panel.describe(0.0, 0.0)


def test_the_clipping_lens_holds_runs_against_each_other(show, make_view, small, analyzed):
    other = make_view(small("clipping.method=norm", "clipping.threshold=0.05"), 30)
    run = pinned(1, other)
    panel = show(replace(make_view(small(), 20), pinned=(run,)))["clipping-lens"]
    norms = other.history.metrics["grad_norm"]
    x, _ = panel.pinned.of(run).points()
    assert x[0] == pytest.approx(np.log10(norms.min()))
    assert x[-1] == pytest.approx(np.log10(norms.max()))
    share = np.mean(other.history.metrics["clip_scale"] < 1.0)
    rows = dict(
        zip(panel.table().columns["quantity"], panel.table().columns["value②"], strict=True)
    )
    assert rows["clipped_share"] == share
    assert f"② 100.0%; clipped {share:.1%}" in panel.describe(2.0, 0.5)


@pytest.mark.parametrize("name", ["units", "flow-matrix"])
def test_a_map_shows_the_run_that_is_chosen(show, several, name):
    panel = show(several)[name]
    own, switch = panel.table().columns, panel.switch
    assert not switch.isHidden()
    assert switch.present.isChecked()
    assert "Hidden" in switch.others[1].toolTip() or "Cell" in switch.others[1].toolTip()
    switch.others[2].click()  # six steps long
    assert len(next(iter(panel.table().columns.values()))) < len(next(iter(own.values())))
    assert panel.note(several) == "after update 5"
    assert panel.grab().toImage() != show(several)[name].grab().toImage()
    panel.show_view(replace(several, pinned=several.pinned[:2]))  # it is no longer pinned
    assert switch.present.isChecked()
    assert panel.table().columns.keys() == own.keys()
    panel.show_view(replace(several, pinned=()))
    assert switch.isHidden()


def test_the_maps_of_all_runs_have_one_scale(show, several):
    panel = show(several)["units"]
    values = []
    for button in (panel.switch.present, *panel.switch.others):
        button.click()
        values.append(panel.item._value)
    assert len({value.limit for value in values}) == 1
    assert values[0].limit == max(np.nanmax(np.abs(value.values)) for value in values)


def test_what_is_measured_of_a_pinned_run_later_widens_the_scale_at_once(show, analyzed):
    larger = pinned(0, analyzed("model.activation=linear", "model.recurrent_gain=3.0"))
    view = replace(analyzed(), pinned=(replace(larger, analysis=None),))
    panel = show(view)["units"]
    before = panel.item._value.limit
    panel.show_view(replace(view, pinned=(larger,)))
    limit = panel.item._value.limit
    assert limit > before
    assert f"{limit:.3g}" in legend(panel)


def test_a_chosen_run_that_is_not_measured_says_what_to_do(show, several):
    panel = show(replace(several, pinned=(replace(several.pinned[0], analysis=None),)))["units"]
    panel.switch.others[0].click()
    assert panel.hint(panel.view) == "Run ① is not measured yet: press Measure (M)"
    assert panel.table().columns == {}


def test_trying_lengths_stays_with_the_present_run(show, analyzed):
    panels = show(replace(analyzed(), pinned=(pinned(0, analyzed("task.length=6")),)))
    panels["flow-matrix"].switch.others[0].click()
    panels["flow-matrix"].reach.set_steps(100)
    assert panels["flow-matrix"].reach.steps == 12


def test_forecasts_are_drawn_together(show_panel, make_view, small_stream):
    views = [make_view(small_stream(*sets), 11) for sets in ((), ("model.cell=lstm",))]
    run = pinned(0, views[1])
    panel = show_panel("output", replace(views[0], pinned=(run,)))
    assert panel.switch.isHidden()
    forecast = views[1].evaluation.view
    drawing = panel.drawings[type(forecast)]
    np.testing.assert_allclose(drawing.pinned.of(run).points()[1], forecast.free_running)
    columns = panel.table().columns
    np.testing.assert_allclose(columns["one_step①"], forecast.one_step)
    time = forecast.times[forecast.held_out_from]
    assert "① one step" in panel.describe(float(time), 0.0)
    assert any(text.startswith("① Cell LSTM") for text in legend(panel))
    panel.show_view(views[0])
    assert not len(drawing.pinned.of(run).points()[0])


def test_dots_are_drawn_together_and_another_task_is_left_out(show_panel, make_view, small):
    own, other = make_view(small(), 11), make_view(small("model.cell=gru"), 11)
    runs = pinned(0, other), pinned(1, make_view(small("task.name=copy"), 11))
    panel = show_panel("output", replace(own, pinned=runs))
    assert not panel.switch.isHidden()  # a sequence takes all the room
    panel.choice.as_dots.setChecked(True)
    assert panel.switch.isHidden()
    x, y = panel.dots.pinned.of(runs[0]).points()
    assert set(zip(x, y, strict=True)) == set(
        zip(other.evaluation.truth, other.evaluation.output, strict=True)
    )
    assert "② another task" in legend(panel)
    np.testing.assert_array_equal(panel.table().columns["output①"], other.evaluation.output)
    truth, output = other.evaluation.truth[0], other.evaluation.output[0]
    assert "① sequence 1" in panel.describe(float(truth), float(output))


def test_a_matrix_is_that_of_the_chosen_run(show_panel, make_view, small):
    sets = ("task.name=digits", "model.cell=feedforward")
    views = [make_view(small(*sets, f"training.seed={seed}"), 11) for seed in (1, 2)]
    panel = show_panel("output", replace(views[0], pinned=(pinned(0, views[1]),)))
    panel.switch.others[0].click()
    counts = views[1].evaluation.view.counts
    np.testing.assert_array_equal(panel.table().columns["count"], counts.ravel())
    panel.switch.present.click()
    counts = views[0].evaluation.view.counts
    np.testing.assert_array_equal(panel.table().columns["count"], counts.ravel())


def test_answers_to_a_plant_are_drawn_together(show_panel, make_view, small):
    sets = ("task.name=plant_identification", "training.evaluate_every=5")
    views = [make_view(small(*sets, f"model.cell={cell}"), 11) for cell in ("rnn", "gru")]
    run = pinned(2, views[1])
    panel = show_panel("output", replace(views[0], pinned=(run,)))
    assert panel.switch.isHidden()
    response = views[1].evaluation.view
    drawing = panel.drawings[type(response)]
    _, y = drawing.pinned.of(run).points()
    assert np.corrcoef(y, response.output)[0, 1] == pytest.approx(1.0)
    assert not panel.grab().toImage().isNull()
    np.testing.assert_array_equal(panel.table().columns["output③"], response.output)
    assert f"③ network {magnitude(float(response.output[0]))}" in panel.describe(
        float(response.times[0]), 0.0
    )
    panel.show_view(views[0])
    assert not len(drawing.pinned.of(run).points()[0])
