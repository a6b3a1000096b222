"""Measuring in a process of its own: results, progress, cancelling, failures."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import numpy as np
import pytest

from gradexplorer.analysis import remote
from gradexplorer.gui.measurer import Measurer
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
