"""Measuring in a process of its own: results, progress, cancelling, failures."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import numpy as np
import pytest

from gradexplorer.analysis import remote
from gradexplorer.analysis.request import Request
from gradexplorer.gui.measurer import Beside, Measurer
from gradexplorer.gui.state import State


@pytest.fixture
def measurer(qapp):
    """A measurer that is given up after the test."""
    measurer = Measurer()
    yield measurer
    measurer.forget()
    measurer.deleteLater()


def test_it_measures_what_is_asked_for(measurer, make_view, small, until):
    view = make_view(small(), 4)
    fractions = []
    measurer.progressed.connect(lambda: fractions.append(measurer.fraction))
    measurer.measure(view.config, view.history.trace, ("lag", "units"))
    assert measurer.fraction == 0.0
    until(lambda: measurer.analysis is not None)
    found = measurer.analysis
    assert found.updates == 4
    assert found.lag.mean.shape == (len(view.history.trace.dh.mean),)
    assert found.units is not None
    assert found.matrix is None
    assert fractions[0] == 0.0
    assert fractions[-1] is None
    measurer.forget()
    assert measurer.analysis is None


def test_a_measurement_can_be_given_up_at_once(measurer, make_view, small):
    view = make_view(small(), 4)
    measurer.measure(view.config, view.history.trace, ("lag",))
    measurer.cancel()
    assert measurer.fraction is None
    assert measurer.analysis is None
    assert measurer.problem == ""


def test_what_cannot_be_measured_is_told(measurer, make_view, small, until):
    view = make_view(small(), 4)
    trace = replace(view.history.trace, weights={"readout.bias": np.zeros(1)})
    told, drawn = [], []
    measurer.failed.connect(told.append)
    measurer.progressed.connect(lambda: drawn.append(measurer.problem))
    measurer.measure(view.config, trace, ("lag",))
    until(lambda: bool(told))
    assert "weights" in told[0]
    assert drawn[-1] == told[0]  # the panels say it too, and not only at the next frame of a run
    assert measurer.problem == told[0]


def test_a_process_that_dies_is_told(measurer, make_view, small, until, monkeypatch):
    monkeypatch.setattr(remote, "_COMMAND", ("-c", "raise SystemExit(3)"))
    view = make_view(small(), 4)
    measurer.measure(view.config, view.history.trace, ("lag",))
    until(lambda: bool(measurer.problem))
    assert "is gone" in measurer.problem


def test_a_process_that_cannot_be_started_is_told(measurer, make_view, small, until, monkeypatch):
    def refuse(*_args, **_options):
        raise OSError("no more processes")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    view = make_view(small(), 4)
    measurer.measure(view.config, view.history.trace, ("lag",))
    until(lambda: bool(measurer.problem))
    assert "could not be started" in measurer.problem


def test_the_window_measures_what_its_visible_instruments_show(make_window, small, until):
    window = make_window(small("training.iterations=6"))
    assert not window.actions_["measure"].isEnabled()
    window.run()
    until(lambda: window.session.state is State.FINISHED)
    docks = {dock.panel.name: dock for dock in window.docks}
    dock = docks["lag-profile"]
    dock.raise_()
    until(lambda: dock.panel.is_in_sight)
    assert not docks["flow-matrix"].panel.is_in_sight
    window.actions_["measure"].trigger()
    until(lambda: window.measurer.analysis is not None)
    assert window.measurer.analysis.matrix is None
    assert len(dock.panel.median.points()[0]) == len(window.session.view.history.trace.dh.mean)
    window.reach.set_steps(3)
    window.actions_["use_reach"].trigger()
    assert window.form.config.bptt.k2 == 3
    window.reset()
    assert window.measurer.analysis is None
    assert not len(dock.panel.median.points()[0])


def beside(view, name="Run ①"):
    trace = view.history.trace
    request = Request(view.config, trace.weights, ("lag",), trace.iteration, batch_after=4)
    return Beside(view.history, name, request)


def test_runs_beside_are_measured_afterwards_one_by_one(measurer, make_view, small, until):
    view, others = make_view(small(), 4), [make_view(small("model.cell=lstm"), n) for n in (2, 3)]
    found, fractions = [], []
    measurer.found.connect(lambda history, analysis: found.append((history, analysis)))
    measurer.progressed.connect(lambda: fractions.append(measurer.fraction))
    measurer.measure(
        view.config, view.history.trace, ("lag",), beside=[beside(one) for one in others]
    )
    until(lambda: measurer.fraction is None)
    assert [history for history, _ in found] == [None, *(one.history for one in others)]
    assert [analysis.updates for _, analysis in found] == [4, 2, 3]
    assert len({analysis.batch for _, analysis in found}) == 1
    assert measurer.analysis is found[0][1]
    told = fractions[:-1]
    assert told == sorted(told)
    assert told[-1] >= 2 / 3


def test_one_beside_that_cannot_be_measured_holds_up_no_other(measurer, make_view, small, until):
    view = make_view(small(), 4)
    bad = beside(view, "Run ②")
    bad = bad._replace(request=replace(bad.request, weights={"readout.bias": np.zeros(1)}))
    found, told = [], []
    measurer.found.connect(lambda _, analysis: found.append(analysis))
    measurer.failed.connect(told.append)
    measurer.measure(view.config, view.history.trace, ("lag",), beside=[bad, beside(view)])
    until(lambda: measurer.fraction is None and len(found) == 2)
    assert told[0].startswith("Run ②: These weights are not")
    assert measurer.problem == ""


def test_giving_up_gives_up_what_waits_too(measurer, make_view, small, qtbot):
    view = make_view(small(), 4)
    found = []
    measurer.found.connect(lambda _, analysis: found.append(analysis))
    measurer.measure(view.config, view.history.trace, ("lag",), beside=[beside(view)])
    measurer.cancel()
    qtbot.wait(200)
    assert found == []
    assert measurer.fraction is None


@pytest.fixture
def finished(make_window, small, until):
    """Give a window whose run of six updates is over, with one instrument in sight."""
    window = make_window(small("training.iterations=6"))
    window.run()
    until(lambda: window.session.state is State.FINISHED)
    dock = next(dock for dock in window.docks if dock.panel.name == "lag-profile")
    dock.raise_()
    until(lambda: dock.panel.is_in_sight)
    return window


def measure(window, until):
    window.actions_["measure"].trigger()
    until(lambda: window.measurer.fraction is None)


def panel(window, name):
    return next(panel for panel in window.panels if panel.name == name)


def test_what_was_measured_stays_with_a_pinned_run(finished, small, until):
    measure(finished, until)
    found = finished.measurer.analysis
    finished.comparing.compare_with(small("training.iterations=6", "model.cell=lstm"))
    until(lambda: finished.session.state is State.FINISHED)
    (run,) = finished.session.view.pinned
    assert run.analysis is found
    lags = panel(finished, "lag-profile")
    assert not lags.others  # nothing to hold it against yet
    measure(finished, until)
    (run,) = finished.session.view.pinned
    assert run.analysis is found  # it was there, on the same batch
    assert finished.measurer.analysis.batch == found.batch
    x, y = lags.pinned.of(run).points()
    np.testing.assert_allclose(y, np.log10(found.lag.median))
    assert len(x) == len(found.lag.lags)


def test_pinned_runs_are_measured_with_the_present_on_its_batch(finished, small, until):
    finished.comparing.compare_with(small("training.iterations=9", "model.cell=lstm"))
    until(lambda: finished.session.state is State.FINISHED)
    measure(finished, until)
    (run,) = finished.session.view.pinned
    assert run.analysis.updates == 6
    assert run.analysis.batch == finished.measurer.analysis.batch
    assert run.analysis.batch.update == 10
    lags = panel(finished, "lag-profile")
    assert lags.note(lags.view) == "after update 9; ① 6"
    assert "①" in lags.describe(2.0, 0.0)


def test_a_present_run_that_is_pinned_keeps_what_is_measured_later(finished, small, until):
    finished.comparing.pin()
    measure(finished, until)
    (run,) = finished.session.pins.runs
    assert run.analysis.lag is finished.measurer.analysis.lag
    next(dock for dock in finished.docks if dock.panel.name == "eigenvalues").raise_()
    next(dock for dock in finished.docks if dock.panel.name == "gradient-norm").raise_()
    until(lambda: panel(finished, "eigenvalues").is_in_sight)
    until(lambda: not panel(finished, "lag-profile").is_in_sight)
    measure(finished, until)
    analysis = finished.measurer.analysis
    assert analysis.dynamics is not None
    assert analysis.lag is run.analysis.lag  # of the same weights: it stays


def test_a_run_that_goes_on_from_a_moment_has_nothing_measured(make_window, small, until):
    window = make_window(small("training.iterations=100000000"))
    window.run()
    until(lambda: len(window.session.history.moments) > 1)
    window.session.pause()
    measure(window, until)
    window.session.travel.hold(1)
    window.editing.go_on(paused=True)
    assert window.measurer.analysis is None
    assert window.measuring.view().analysis is None
