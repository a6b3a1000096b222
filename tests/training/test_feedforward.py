"""A feedforward network is trained and recorded as a recurrent one is."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from gradexplorer.errors import InputError
from gradexplorer.training.shape import window_shape
from gradexplorer.training.trainer import Trainer

DEEP = ("model.cell=feedforward", "model.depth=4", "model.hidden_size=6")


def test_its_layers_are_the_steps_of_a_trace(small):
    trainer = Trainer(small(*DEEP, "model.widths='9 5 7'"))
    trainer.want_trace()
    trace = next(trainer).trace
    shape = window_shape(trainer.config)
    assert trace.axis == shape.axis == "layer"
    assert len(trace.dh.mean) == shape.steps == 3
    assert trace.loss_steps.tolist() == list(shape.loss_steps) == [2]
    assert trace.input_steps.tolist() == list(shape.input_steps) == [0]
    assert trace.dx.shape == (1,)
    assert not trace.cuts.any()
    assert trace.cut_off == 0
    assert trace.flow_h[-1] == 0.0
    np.testing.assert_array_equal(trace.flow_h[:-1], trace.dh.mean[:-1])
    np.testing.assert_allclose(trace.layers[0].from_above[-1], trace.flow_y[0])
    assert trace.weights["layers.1.weight"].shape == (5, 9)


def test_it_learns(small):
    config = small(
        *DEEP, "model.depth=2", "model.hidden_size=24", "model.activation=relu",
        "optimizer.name=adam", "optimizer.learning_rate=0.01", "training.batch_size=32",
        "training.iterations=600",
    )  # fmt: skip
    losses = [snapshot.metrics.loss for snapshot in Trainer(config)]
    assert np.mean(losses[-20:]) < 0.1 * np.mean(losses[:5])


def test_it_repeats_to_the_bit_and_truncation_changes_nothing(small, same):
    one = list(islice(Trainer(small(*DEEP)), 8))
    other = list(islice(Trainer(small(*DEEP, "bptt.k2=1")), 8))
    assert same([s.metrics for s in one], [s.metrics for s in other])


@pytest.mark.parametrize("overrides", [("task.name=sunspots",), ("task.name=copy",)])
def test_a_task_that_needs_time_is_refused_in_words(small, overrides):
    with pytest.raises(InputError, match=r"model\.cell is 'feedforward', a network without time"):
        Trainer(small(*DEEP, *overrides))


@pytest.mark.parametrize("widths", ["8 0", "8 -3", "8 x", "2049", "1.5", "²"])
def test_bad_widths_are_told(small, widths):
    with pytest.raises(InputError, match=r"model\.widths.*whole numbers from 1 to 2,048"):
        small(*DEEP, f"model.widths='{widths}'")


def test_a_divergence_names_the_layer(small):
    config = small(*DEEP, "model.activation=linear", "optimizer.learning_rate=900")
    *_, last = Trainer(config)
    assert last.divergence is not None
    assert last.divergence.axis == "layer"
    assert "at layer" in str(last.divergence) or last.divergence.timestep is None


def test_weights_start_within_the_bound_of_their_inputs(small):
    weights = Trainer(small(*DEEP, "model.widths='100 4'")).weights()
    for name in ("layers.0", "layers.1", "readout"):
        bound = 1.0 / np.sqrt(weights[f"{name}.weight"].shape[1])
        assert np.abs(weights[f"{name}.weight"]).max() <= bound
        assert np.abs(weights[f"{name}.bias"]).max() <= bound
    assert np.abs(weights["layers.1.weight"]).max() > 0.09
