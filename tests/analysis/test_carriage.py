"""How a gradient fares on its way back, over several recorded updates."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from gradexplorer.analysis.carriage import MOST, Carriage, RecentCarriages, carriage_of, typical
from gradexplorer.analysis.evidence import Evidence
from gradexplorer.analysis.verdict import verdict
from gradexplorer.config.presets import load_preset
from gradexplorer.training.shape import window_shape
from gradexplorer.training.snapshot import METRICS_DTYPE
from gradexplorer.training.trainer import Trainer


def test_medians_stand_for_several() -> None:
    several = [Carriage(0.5, 1.0, None), Carriage(2.0, 90.0, 3), Carriage(0.7, 4.0, None)]
    assert typical(several) == Carriage(0.7, 4.0, None)
    assert typical([*several, Carriage(np.nan, 4.0, 5)]) == Carriage(0.7, 4.0, 5)
    assert np.isnan(typical([Carriage(np.nan, 1.0, None)]).rate)


def test_the_rate_of_an_orthogonal_linear_network_is_its_gain() -> None:
    changes = ["model.activation=linear", "model.recurrent_init=orthogonal",
               "model.recurrent_gain=0.8", "training.precision=float64"]  # fmt: skip
    trainer = Trainer(load_preset("vanishing-gradient", changes))
    trainer.want_trace()
    trace = next(trainer).trace
    assert trace is not None
    assert carriage_of(trace).rate == pytest.approx(0.8, rel=1e-12)


def test_the_latest_are_kept_each_once() -> None:
    config = load_preset("exploding-gradient")
    recent, seen = RecentCarriages(), []
    for snapshot in islice(Trainer(config), MOST + 5):
        recent.add(snapshot.trace)
        recent.add(replace(snapshot.trace))  # as one who waits makes it again
        recent.add(None)
        seen.append(carriage_of(snapshot.trace))
    assert recent.kept == tuple(seen[-MOST:])


def test_what_would_arrive_from_far_may_be_more_than_a_number_holds() -> None:
    config = load_preset("exploding-gradient", ["task.length=1000"])
    rows, carriages = np.zeros(0, METRICS_DTYPE), [Carriage(10.0, 1e30, None)]
    trace = next(Trainer(config)).trace
    evidence = Evidence(config, window_shape(config), rows, trace, carriages=carriages)
    assert evidence.arriving == np.inf


@pytest.mark.parametrize(("growth", "state"), [(1.5, "unknown"), (80.0, "exploding")])
def test_no_single_batch_decides(growth: float, state: str) -> None:
    config = load_preset("exploding-gradient")
    snapshots = list(islice(Trainer(config), 20))
    rows = np.array([tuple(snapshot.metrics) for snapshot in snapshots], METRICS_DTYPE)
    for trace in (snapshots[0].trace, snapshots[-1].trace):
        carriages = [Carriage(1.1, growth, None)] * 19 + [carriage_of(trace)]
        found = verdict(config, window_shape(config), rows, trace, carriages=carriages)
        assert found.state == state


def test_in_a_closed_loop_the_plant_carries_the_gradient() -> None:
    """A pendulum hardly loses a gradient; its controller's own memory is not what carries it."""
    trainer = Trainer(load_preset("pendulum-swing-up", ["training.iterations=2"]))
    trace = list(trainer)[-1].trace
    assert trace is not None
    factors = trace.flow_s[:-1] / trace.dx[1:]
    assert carriage_of(trace).rate == pytest.approx(np.exp(np.log(factors).mean()))
    assert 0.95 < carriage_of(trace).rate < 1.1
