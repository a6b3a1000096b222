"""The one way in, in this process and in a child."""

from __future__ import annotations

import pickle
from dataclasses import replace
from threading import Event, Thread

import numpy as np
import pytest

from gradexplorer.analysis.dynamics import dynamics
from gradexplorer.analysis.flow import flow_matrix
from gradexplorer.analysis.lag_profile import lag_profile
from gradexplorer.analysis.remote import RemoteAnalysis
from gradexplorer.analysis.request import KINDS, Request, analyze
from gradexplorer.analysis.sentences import sentences
from gradexplorer.analysis.truncation import truncation_lens
from gradexplorer.analysis.units import measure_units
from gradexplorer.analysis.watch import Cancelled
from gradexplorer.analysis.window import measured_window
from gradexplorer.errors import InputError
from gradexplorer.training.trainer import Trainer


def asked(config, *kinds: str, **options) -> Request:
    return Request(config, Trainer(config).weights(), kinds or KINDS, **options)


def timeless(analysis):
    """Leave out what is measured by the clock."""
    if analysis.truncation is None:
        return analysis
    return replace(analysis, truncation=replace(analysis.truncation, seconds=np.zeros(0)))


PENDULUM = "task={name='pendulum', length=9}"


@pytest.mark.parametrize(
    "changes", [[], ["model.cell=lstm"], ["model.cell=feedforward"], [PENDULUM, "model.cell=gru"]]
)
def test_all_kinds_are_what_their_functions_give(small, same, changes) -> None:
    request = asked(small(*changes), updates=2)
    found = timeless(analyze(request))
    measured = measured_window(request.config, request.weights, 2)
    assert same(found.lag, lag_profile(measured))
    assert same(found.matrix, flow_matrix(measured))
    lens = replace(truncation_lens(measured), seconds=np.zeros(0))
    assert same(found.truncation, lens)
    assert same(found.dynamics, dynamics(measured))
    assert same(found.units, measure_units(measured))
    assert (found.updates, found.batch.update, found.loss) == (2, 3, measured.loss.value)
    assert same(pickle.loads(pickle.dumps(found)), found)


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_characters_are_measured_as_the_run_reads_them(small, cell) -> None:
    config = small("task={name='characters'}", f"model.cell={cell}", "bptt.k2=6")
    trainer = Trainer(config)
    found = analyze(Request(config, trainer.weights(), KINDS))
    whole = analyze(Request(config, trainer.weights(), ("truncation",), k1=None))
    measured = measured_window(config, trainer.weights())
    assert measured.window.inputs.ndim == 2
    assert found.truncation.bias[-1] < 1e-12  # the sum over the lags is the engine's own gradient
    assert whole.truncation.bias[-1] < 1e-12
    assert found.loss == pytest.approx(np.log(measured.loss.d_outputs.shape[2]), rel=0.2)


def test_only_what_is_asked_for_is_there(small) -> None:
    found = analyze(asked(small(), "matrix"))
    assert found.matrix is not None
    assert (found.lag, found.truncation, found.dynamics, found.units) == (None,) * 4


def test_chunks_that_follow_the_length(small) -> None:
    found = analyze(asked(small(), "truncation", k1=None, chosen_bias=0.5)).truncation
    assert (found.k1, found.chosen_bias) == (None, 0.5)


def test_progress_ascends_from_nothing_to_all(small) -> None:
    told: list[float] = []
    analyze(asked(small(), k1=None, updates=100), told.append)
    assert (told[0], told[-1]) == (0.0, 1.0)
    assert told == sorted(told)
    assert len(told) > 30


def test_it_can_be_cancelled(small) -> None:
    told: list[float] = []
    with pytest.raises(Cancelled):
        analyze(asked(small()), told.append, lambda: len(told) > 3)
    assert len(told) == 4


def test_an_unknown_kind_is_refused(small) -> None:
    with pytest.raises(InputError, match="no measurement 'magic'; choose from lag, matrix"):
        analyze(asked(small(), "magic"))


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("size", [0.0, 1e30, 1e200])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru", "feedforward"])
@pytest.mark.parametrize("task", ["task.length=6", PENDULUM])
def test_what_overflows_is_measured_without_complaint(small, task, cell, size, activation) -> None:
    request = asked(small(task, f"model.cell={cell}", f"model.activation={activation}"))
    weights = {name: size * values.astype(float) for name, values in request.weights.items()}
    said = sentences(analyze(replace(request, weights=weights)))
    assert len(said) == len(KINDS)
    assert not any("nan" in said[kind] for kind in ("dynamics", "truncation"))
    assert "nan%" not in said["matrix"]


def test_weights_that_are_not_finite_are_refused(small) -> None:
    request = asked(small())
    request.weights["readout.bias"][0] = np.nan
    with pytest.raises(InputError, match="not finite"):
        analyze(request)


def test_a_child_gives_the_same(small, same) -> None:
    request, told = asked(small("model.cell=gru")), []
    found = RemoteAnalysis(request).run(told.append)
    assert same(timeless(found), timeless(analyze(request)))
    assert not found.matrix.norms.flags.writeable
    assert told[0] == 0.0


def test_a_child_says_what_is_wrong(small) -> None:
    request = replace(asked(small()), weights={})
    with pytest.raises(InputError, match="not of this experiment's network"):
        RemoteAnalysis(request).run()


def test_a_child_can_be_cancelled_before_and_while_it_measures(small) -> None:
    remote = RemoteAnalysis(asked(small()))
    remote.cancel()
    with pytest.raises(Cancelled):
        remote.run()
    long = asked(small("task.length=4000", "model.hidden_size=64"), "dynamics")
    remote, begun, ended = RemoteAnalysis(long), Event(), []

    def run() -> None:
        try:
            remote.run(lambda _: begun.set())
        except Cancelled:
            ended.append("cancelled")

    thread = Thread(target=run)
    thread.start()
    assert begun.wait(30)
    remote.cancel()
    thread.join(10)
    assert ended == ["cancelled"]


def test_runs_are_measured_on_the_same_batch_whatever_they_are(small) -> None:
    """The batch of an update depends on the data and the seed, not on network or weights."""
    first = measured_window(*_run(small()), 7)
    for changes in (["model.cell=lstm"], ["model.cell=feedforward"], ["bptt.k2=3"]):
        other = analyze(asked(small(*changes), "lag", updates=2, batch_after=7))
        assert (other.updates, other.batch_after) == (2, 7)
        assert other.batch == first.batch
    window = measured_window(*_run(small("model.cell=lstm")), 7).window
    np.testing.assert_array_equal(window.inputs, first.window.inputs)
    np.testing.assert_array_equal(window.targets, first.window.targets)


def _run(config):
    return config, Trainer(config).weights()


def test_measurements_of_the_same_weights_on_the_same_batch_are_joined(small) -> None:
    lag, units = (analyze(asked(small(), kind, updates=2)) for kind in ("lag", "units"))
    both = units.joined_with(lag)
    assert both.has(("lag", "units"))
    assert not both.has(KINDS)
    assert both.lag is lag.lag
    later = analyze(asked(small(), "units", updates=3))
    assert later.joined_with(lag) is later
    elsewhere = analyze(asked(small(), "units", updates=2, batch_after=5))
    assert elsewhere.joined_with(lag).lag is None
    assert units.joined_with(None) is units
