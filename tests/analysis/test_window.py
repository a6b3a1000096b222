"""Which data are measured: those of the run's own next update."""

from __future__ import annotations

import re
from itertools import islice

import numpy as np
import pytest

from gradexplorer.analysis.window import MOST_DRAWN, Batch, measured_window
from gradexplorer.errors import InputError
from gradexplorer.training.trainer import Trainer


@pytest.mark.parametrize("updates", [0, 3])
@pytest.mark.parametrize("task", [(), ("task={name='pendulum', length=9}",)], ids=["", "loop"])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "feedforward"])
def test_it_is_the_batch_of_the_next_update(small, cell, task, updates) -> None:
    config = small(f"model.cell={cell}", *task)
    trainer = Trainer(config)
    list(islice(trainer, updates))
    weights = trainer.weights()
    measured = measured_window(config, weights, updates)
    snapshot = next(trainer)
    assert measured.loss.value == pytest.approx(snapshot.metrics.loss, rel=1e-5)
    norm = np.linalg.norm(measured.network.gradients.flat)
    assert norm == pytest.approx(snapshot.metrics.grad_norm, rel=1e-4)
    assert measured.batch.update == updates + 1
    assert str(measured.batch) == f"the 3 sequences of update {updates + 1} with seed 4"


def test_late_updates_have_an_early_batch_and_say_so(small) -> None:
    config = small()
    weights = Trainer(config).weights()
    late = measured_window(config, weights, MOST_DRAWN + 2)
    early = measured_window(config, weights, 2)
    assert late.batch.update == 3
    np.testing.assert_array_equal(late.window.inputs, early.window.inputs)


def test_a_stream_is_looked_back_on_farther_than_truncation_reaches(small_stream) -> None:
    config = small_stream("bptt.k2=6", "bptt.k1=3")
    weights = Trainer(config).weights()
    first = measured_window(config, weights)
    assert (first.steps, first.batch.first_step) == (100, 2)  # the first that far from the start
    assert list(first.loss_steps) == [97, 98, 99]
    later = measured_window(config, weights, 37)  # chunk 38 of 42
    assert (later.batch.update, later.batch.first_step) == (38, 14)
    assert str(later.batch).endswith("from step 15 of the stream")
    # The state before it is what these weights come to on the way there.
    series = Trainer(small_stream())._feed.inputs
    state = np.zeros((20, 5))
    for x in series[:14].astype(float):
        a = x @ weights["weight_ih_l0"].T + weights["bias_ih_l0"]
        state = np.tanh(a + state @ weights["weight_hh_l0"].T + weights["bias_hh_l0"])
    np.testing.assert_allclose(later.window.state["h_l0"], state, rtol=1e-6)
    again = measured_window(config, weights, 37 + 42)
    np.testing.assert_array_equal(again.window.inputs, later.window.inputs)


def test_one_sequence_is_not_plural() -> None:
    assert str(Batch(4, 2, 0, 1)) == "the sequence of update 2 with seed 4"


def test_it_is_computed_in_float64_without_truncation(small) -> None:
    config = small("bptt.k2=2")
    measured = measured_window(config, Trainer(config).weights())
    assert measured.network.parameters.flat.dtype == np.float64
    assert (np.abs(measured.network.signal("dh")).max(axis=(1, 2)) > 0).all()


def test_weights_of_another_network_are_refused(small) -> None:
    weights = Trainer(small("model.hidden_size=6")).weights()
    with pytest.raises(InputError, match=re.escape("not of this experiment's network")):
        measured_window(small(), weights)


def test_skipping_batches_tells_how_far_it_is(small) -> None:
    told: list[float] = []
    measured_window(small(), Trainer(small()).weights(), 200, told.append)
    assert told == sorted(told)
    assert 0.0 <= told[0] < told[-1] < 1.0
