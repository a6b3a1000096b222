"""The numbers of small windows: against the engine, by hand, and only where they can be read."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from gradexplorer.config.presets import load_preset
from gradexplorer.training.snapshot import Snapshot, WindowTrace
from gradexplorer.training.trainer import Trainer
from gradexplorer.training.unit_values import MOST_NUMBERS


def last(config, updates: int = 3) -> tuple[Trainer, Snapshot]:
    trainer = Trainer(config)
    for _ in range(updates):
        trainer.want_trace()
        snapshot = next(trainer)
    return trainer, snapshot


def units(config, updates: int = 3):
    trace = last(config, updates)[1].trace
    assert trace is not None
    return trace.units


@pytest.mark.parametrize(
    "overrides",
    [
        (),
        ("model.cell=lstm",),
        ("model.cell=gru", "model.layers=2"),
        ("model.cell=lstm", "model.layers=3"),
        ("bptt.k2=4", "bptt.k1=2"),
        ("model.cell=feedforward", "model.depth=4"),
    ],
)
def test_they_are_the_engines_of_the_first_sequence(small, overrides) -> None:
    trainer, snapshot = last(small(*overrides))
    network, found = trainer._network, snapshot.trace.units
    batch = trainer.config.training.batch_size
    pairs = [("h", "dh", found.h, found.dh)]
    if "model.cell=lstm" in overrides:
        pairs.append(("c", "dc", found.c, found.dc))
    else:
        assert found.c == found.dc == ()
    for state, signal, values, gradients in pairs:
        assert len(values) == len(gradients) == len(network.layers)
        for index, layer in enumerate(network.layers):
            first = [step[0] for step in layer.states(state)[1:]]
            np.testing.assert_array_equal(values[index], first)
            own = [step[0] * batch for step in network.signal(signal, index)]
            np.testing.assert_allclose(gradients[index], own, rtol=1e-6)


def test_with_one_sequence_their_norms_are_those_of_the_trace(small) -> None:
    trace = last(small("training.batch_size=1", "model.cell=lstm", "model.layers=2"))[1].trace
    for index, layer in enumerate(trace.layers):
        for gradients, band in ((trace.units.dh, layer.dh), (trace.units.dc, layer.dc)):
            norms = np.linalg.norm(gradients[index], axis=1)
            np.testing.assert_allclose(norms, band.mean, rtol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(trace.units.dy, axis=1), trace.dy, rtol=1e-6)


def by_hand(trace: WindowTrace) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Return h, dh, dL/dW_hh and the loss of a linear unit with one loss, in plain sums."""
    weights = {name: values.ravel() for name, values in trace.units.before.items()}
    recurrent, bias = weights["weight_hh_l0"][0], weights["bias_ih_l0"][0]
    bias += weights["bias_hh_l0"][0]
    h = [0.0]
    for x in trace.inputs:
        h.append(recurrent * h[-1] + float(np.sum(weights["weight_ih_l0"] * x)) + bias)
    y = weights["readout.weight"][0] * h[-1] + weights["readout.bias"][0]
    error = y - trace.targets[0, 0]
    last = 2.0 * error * weights["readout.weight"][0]
    steps = len(trace.inputs)
    dh = np.array([last * recurrent ** (steps - t) for t in range(1, steps + 1)])
    return np.array(h[1:]), dh, float(np.sum(dh * h[:-1])), error**2


@pytest.mark.parametrize("update", [1, 7])
def test_a_linear_unit_is_followed_by_hand(update: int) -> None:
    config = load_preset("pocket-calculator")
    trace = last(config, update)[1].trace
    h, dh, gradient, loss = by_hand(trace)
    np.testing.assert_allclose(trace.units.h[0][:, 0], h, rtol=1e-12)
    np.testing.assert_allclose(trace.units.dh[0][:, 0], dh, rtol=1e-12)
    np.testing.assert_allclose(trace.losses, loss, rtol=1e-12)
    name = "weight_hh_l0"
    np.testing.assert_allclose(trace.units.gradients[name], gradient, rtol=1e-12)
    moved = trace.units.before[name] - config.optimizer.learning_rate * gradient
    np.testing.assert_allclose(trace.weights[name], moved, rtol=1e-12)


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop", "nesterov"])
def test_an_update_leads_from_the_weights_before_to_those_after(small, optimizer) -> None:
    config = small(f"optimizer.name={optimizer}", "training.record_every=1")
    first, second = (one.trace for one in islice(Trainer(config), 2))
    for name, values in second.units.before.items():
        np.testing.assert_array_equal(values, first.weights[name])
        assert not np.array_equal(values, second.weights[name])


def test_gradients_are_those_after_clipping(small) -> None:
    clip = ("clipping.method=norm", "clipping.threshold=1e-3")
    found = units(small(*clip))
    total = np.sqrt(sum(np.sum(part**2) for part in found.gradients.values()))
    assert total == pytest.approx(1e-3, rel=1e-4)


def test_where_a_run_diverges_the_weights_stay(small) -> None:
    changes = ("model.recurrent_gain=4.0", "optimizer.learning_rate=900.0")
    *_, snapshot = Trainer(small(*changes, "training.iterations=500"))
    assert snapshot.divergence is not None
    for name, values in snapshot.trace.units.before.items():
        np.testing.assert_array_equal(values, snapshot.trace.weights[name])


@pytest.mark.parametrize(
    "overrides",
    [
        ("task.length=41",),
        ("model.hidden_size=17",),
        ("model.layers=4",),
        ("model.cell=feedforward", "model.widths='3 2'"),
        ("task.length=2", "model.hidden_size=50"),
        ("task.name=pendulum",),
    ],
)
def test_large_windows_have_none(small, overrides) -> None:
    assert units(small(*overrides), 1) is None


def test_the_largest_that_has_them(small) -> None:
    assert units(small(f"task.length={MOST_NUMBERS // 5}"), 1).h[0].size == MOST_NUMBERS


def test_they_cannot_be_changed(small) -> None:
    found = units(small())
    arrays = (*found.h, *found.dh, found.dy, *found.before.values(), *found.gradients.values())
    assert not any(array.flags.writeable for array in arrays)
