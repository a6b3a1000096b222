"""A run that stops being finite stops before the bad update, and says where it began."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gradexplorer.training.trainer import Trainer

# Finite weights of a small RNN on 12 steps, each with what overflows first. Unnamed ones are 0.
CASES = {
    "an output squared": ({"readout.bias": 1e30}, ("loss", 12, "the loss itself, of an output")),
    "an output": (
        {"bias_ih_l0": 50.0, "readout.weight": 3e38, "readout.bias": 3e38},
        ("loss", 12, "the output"),
    ),
    "a hidden state": (
        {"bias_ih_l0": 3e38, "bias_hh_l0": 3e38, "weight_hh_l0": -3e38},
        ("loss", 2, "the hidden state"),
    ),
    "a gradient on its way back": (
        {"weight_hh_l0": 1e10, "readout.weight": 1e30, "readout.bias": 10.0},
        ("gradient", 11, "dL/dh, going back in time,"),
    ),
    "a gradient in its sum": (
        {"readout.weight": 4e37, "readout.bias": 10.0},
        ("gradient", None, "the gradient of weight_ih_l0"),
    ),
    "an update": (
        {"readout.weight": 1e36, "readout.bias": 10.0},
        ("update", None, "weight_ih_l0"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_place_where_it_began_is_found(small, same, case: str) -> None:
    weights, (quantity, timestep, where) = CASES[case]
    trainer = Trainer(small("training.batch_size=4", "optimizer.learning_rate=1000"))
    parameters = trainer._network.parameters
    parameters.flat[...] = 0.0
    for name, value in weights.items():
        parameters[name][...] = value
    before = trainer.weights()

    snapshot = next(trainer)

    divergence = snapshot.divergence
    assert divergence is trainer.divergence
    assert (divergence.iteration, divergence.quantity, divergence.timestep) == (
        1,
        quantity,
        timestep,
    )
    assert divergence.where.startswith(where)
    assert same(trainer.weights(), before)
    assert trainer.iteration == 0
    assert next(trainer, None) is None


def test_a_cell_state_is_looked_at_as_well(small) -> None:
    trainer = Trainer(small("model.cell=lstm"))
    for name in ("bias_ih_l0", "bias_hh_l0"):
        trainer._network.parameters[name][...] = 3e38
    trainer._network.parameters["weight_hh_l0"][...] = -3e38
    divergence = next(trainer).divergence
    assert (divergence.quantity, divergence.timestep) == ("loss", 2)
    assert divergence.where in ("the hidden state", "the cell state")


def test_a_run_ends_with_the_last_finite_weights(experiment, same) -> None:
    config = experiment(
        "optimizer.learning_rate=1000",
        "training.iterations=1000",
        "training.evaluate_every=1",
        "training.record_every=1000",
    )
    trainer = Trainer(config)
    snapshots, weights = [], [trainer.weights()]
    for snapshot in trainer:
        snapshots.append(snapshot)
        weights.append(trainer.weights())
    *good, last = snapshots
    assert last.divergence is trainer.divergence
    assert last.divergence.iteration == last.metrics.iteration == len(snapshots)
    assert trainer.iteration == len(good) > 1
    assert same(weights[-1], weights[-2])
    assert not same(weights[-2], weights[-3])
    assert all(np.isfinite(values).all() for values in weights[-1].values())
    assert all(math.isfinite(snapshot.metrics.loss) for snapshot in good)
    assert all(snapshot.divergence is None for snapshot in good)
    assert math.isnan(last.metrics.clip_scale)
    assert last.evaluation is None
    assert last.trace is not None
    assert next(trainer, None) is None


def test_it_is_told_in_a_sentence(small) -> None:
    trainer = Trainer(small("optimizer.learning_rate=1000", "training.iterations=1000"))
    *_, last = trainer
    text = str(last.divergence)
    assert text.startswith(f"At update {last.metrics.iteration:,} the loss was not finite. It be")
    assert text.endswith("at timestep 12. The weights before this update are kept.")


def test_clipping_keeps_finite_what_diverged_without(small) -> None:
    overrides = ["optimizer.learning_rate=20", "training.iterations=300"]
    free = Trainer(small(*overrides))
    clipped = Trainer(small(*overrides, "clipping={method='norm', threshold=0.01}"))
    assert len(list(free)) < len(list(clipped)) == 300
    assert free.divergence
    assert clipped.divergence is None


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_the_layer_in_which_a_state_overflowed_is_told(small, layer: int) -> None:
    trainer = Trainer(small("model.activation=linear", "model.layers=3"))
    parameters = trainer._network.parameters
    parameters.flat[...] = 0.0
    parameters[f"bias_ih_l{layer}"][...] = 3e38
    parameters[f"weight_hh_l{layer}"][...] = 1.0
    divergence = next(trainer).divergence
    assert (divergence.quantity, divergence.timestep) == ("loss", 2)
    assert divergence.where == f"the hidden state of layer {layer + 1}"


def test_the_layer_in_which_a_gradient_overflowed_is_told(small) -> None:
    trainer = Trainer(small("model.layers=3", "training.batch_size=4"))
    parameters = trainer._network.parameters
    parameters.flat[...] = 0.0
    parameters["readout.weight"][...] = 1e20
    parameters["readout.bias"][...] = 1e3
    parameters["weight_ih_l2"][...] = 1e10
    parameters["weight_ih_l1"][...] = 1e10
    divergence = next(trainer).divergence
    assert (divergence.quantity, divergence.timestep) == ("gradient", 12)
    assert divergence.where == "dL/dh of layer 1, going back in time,"
