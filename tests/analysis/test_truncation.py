"""The truncation lens against the engine's truncated passes, closed forms and the estimate."""

from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.analysis.lag_profile import lag_profile
from gradexplorer.analysis.truncation import aicher_estimate, smallest_length, truncation_lens
from gradexplorer.engine.truncation import backward_plan

CELLS = ["rnn", "lstm", "gru"]


def gradients(measured, k1, k2) -> np.ndarray:
    network, window = measured.network, measured.window
    plan = backward_plan(measured.steps, window.loss_steps, k1, k2)
    network.backward(measured.loss.d_outputs, plan)
    return network.gradients.flat.copy()


@pytest.mark.parametrize("losses", [None, (6,), (1, 4)])
@pytest.mark.parametrize("learned", [False, True])
@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
def test_one_sweep_gives_every_truncated_gradient(sized, cell, depth, learned, losses) -> None:
    measured = sized(cell, depth=depth, learned=learned, loss_steps=losses)
    lens = truncation_lens(measured)
    full = gradients(measured, None, None)
    for k2, bias, cosine in zip(lens.lengths, lens.bias, lens.cosine, strict=True):
        expected = gradients(measured, 1, k2)
        distance = np.linalg.norm(expected - full) / np.linalg.norm(full)
        assert bias == pytest.approx(distance, rel=1e-9, abs=1e-14)
        across = expected @ full / np.linalg.norm(expected) / np.linalg.norm(full)
        assert cosine == pytest.approx(across, rel=1e-12)
    assert lens.norm == pytest.approx(np.linalg.norm(full))
    assert lens.bias[-1] == 0.0


@pytest.mark.parametrize("k1", [None, 3])
def test_other_chunks_are_what_training_would_do(sized, k1) -> None:
    measured = sized("lstm", loss_steps=(0, 2, 4))
    lens = truncation_lens(measured, k1)
    after = measured.network.gradients.flat.copy()
    full = gradients(measured, None, None)
    np.testing.assert_array_equal(after, full)  # the window is left as it was
    for k2, bias in zip(lens.lengths, lens.bias, strict=True):
        expected = gradients(measured, None if k1 is None else min(k1, k2), k2)
        distance = np.linalg.norm(expected - full) / np.linalg.norm(full)
        assert bias == pytest.approx(distance, rel=1e-9, abs=1e-14)


def test_a_scalar_linear_net_has_the_bias_of_a_geometric_series(sized) -> None:
    """With h = w h + x and a loss at the end, what K leaves out of dL/dbias is w^K to w^(T-1)."""
    measured = sized("rnn", hidden=1, batch=1, activation="linear", steps=20, loss_steps=(19,))
    parameters = measured.network.parameters
    parameters["weight_hh_l0"][...] = 0.5
    parameters["weight_ih_l0"][...] = 0.0
    measured.window.inputs[...] = 0.0  # then h_t is a sum of biases, and only biases matter
    measured.network.forward(measured.window.inputs, slice(19, 20))
    measured.network.backward(measured.loss.d_outputs, measured.window.plan)
    gradient, lens = measured.network.gradients, truncation_lens(measured)
    scale = measured.loss.d_outputs[0, 0] @ parameters["readout.weight"][:, 0]
    assert gradient["bias_ih_l0"][0] == pytest.approx(scale * (2.0 - 0.5**19))
    bias = parameters["bias_ih_l0"][0] + parameters["bias_hh_l0"][0]
    h = bias * (2.0 - 0.5 ** np.arange(20.0))  # after each step
    before = np.concatenate([[0.0], h[:-1]])[::-1]  # by lag
    flow = scale * 0.5 ** np.arange(20.0)
    for k in (1, 5, 12):
        left_out = np.array([flow[k:].sum()] * 2 + [(flow * before)[k:].sum()])
        expected = np.linalg.norm(left_out) / lens.norm
        assert lens.bias[k - 1] == pytest.approx(expected, rel=1e-9)


def test_the_smallest_length_is_one_from_which_on_it_stays_small() -> None:
    assert smallest_length(np.array([0.5, 0.05, 0.2, 0.1, 0.0]), 0.1) == 4
    assert smallest_length(np.array([0.01, 0.0]), 0.1) == 1
    assert smallest_length(np.array([np.nan, 0.0]), 0.1) == 2


def test_aichers_estimate_bounds_the_exact_bias_of_a_geometric_decay(sized) -> None:
    measured = sized("rnn", hidden=1, batch=1, activation="linear", steps=40, loss_steps=(39,))
    measured.network.parameters["weight_hh_l0"][...] = 0.8
    profile = lag_profile(measured)
    estimate = aicher_estimate(profile, 40, 0.1)
    assert estimate.rate == pytest.approx(0.8)
    # In units of phi_0: the tail of an endless series over the largest lower bound known.
    lengths = np.arange(1, 41)
    tail = 0.8**lengths / 0.2
    known = (1 - 0.8**lengths) / 0.2
    np.testing.assert_allclose(estimate.bias, tail / (known - tail).max(), rtol=1e-9)
    assert estimate.smallest_k == int(lengths[estimate.bias <= 0.1][0])
    exact = np.array([(0.8**k - 0.8**40) / (1 - 0.8**40) for k in lengths])
    assert (estimate.bias >= exact).all()


def test_without_decay_there_is_no_estimate(sized) -> None:
    measured = sized("rnn", hidden=1, batch=1, activation="linear", steps=12, loss_steps=(11,))
    measured.network.parameters["weight_hh_l0"][...] = 1.1
    estimate = aicher_estimate(lag_profile(measured), 12, 0.1)
    assert np.isinf(estimate.bias).all()
    assert (estimate.smallest_k, round(estimate.rate, 9)) == (None, 1.1)


def test_a_longer_window_costs_more_time_and_memory(small, measure) -> None:
    lens = truncation_lens(measure(small()))
    np.testing.assert_allclose(lens.seconds / lens.lengths, lens.seconds[0])
    assert lens.seconds[0] > 0
    assert (np.diff(lens.bytes) > 0).all()


def test_truncating_layers_leaves_those_near_the_input_without_gradient(small, measure) -> None:
    measured = measure(small("model.cell=feedforward", "model.depth=4"))
    lens, gradient = truncation_lens(measured), measured.network.gradients
    below = np.concatenate([gradient[f"layers.{i}.{p}"].ravel() for i in (0, 1)
                            for p in ("weight", "bias")])  # fmt: skip
    assert lens.bias[1] == pytest.approx(np.linalg.norm(below) / lens.norm)
    assert lens.aicher is None
    assert (lens.bias[-1], lens.axis) == (0.0, "layer")
