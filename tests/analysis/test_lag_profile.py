"""The lag profile against the flow matrix and closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.analysis.flow import flow_matrix
from gradexplorer.analysis.lag_profile import fit_decay, lag_profile


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_it_is_the_mean_along_the_diagonals_of_the_flow_matrix(sized, cell) -> None:
    measured = sized(cell, depth=2)
    matrix, profile = flow_matrix(measured), lag_profile(measured)
    for k in profile.lags:
        diagonal = np.diagonal(matrix.norms, -k)
        assert profile.counts[k] == len(diagonal)
        assert profile.mean[k] == pytest.approx(diagonal.mean(), rel=1e-12)
        below = np.diagonal(matrix.layers[0], -k).mean()
        assert profile.layer_means[0][k] == pytest.approx(below, rel=1e-12)
        if cell == "lstm":
            cells = np.diagonal(matrix.cell_norms, -k).mean()
            assert profile.cell_mean[k] == pytest.approx(cells, rel=1e-12)
    assert (profile.low <= profile.median).all()
    assert (profile.median <= profile.high).all()


def test_the_band_is_over_sequences_and_losses(sized) -> None:
    measured = sized(steps=4, batch=5)
    profile, norms = lag_profile(measured), []
    for row, s in enumerate(measured.loss_steps):
        if s < 1:
            continue
        alone = np.zeros_like(measured.loss.d_outputs)
        alone[row] = measured.loss.d_outputs[row]
        measured.network.backward(alone, measured.window.plan)
        norms.extend(5 * np.linalg.norm(measured.network.signal("dh")[s - 1], axis=1))
    low, middle, high = np.percentile(norms, (10, 50, 90))
    found = profile.low[1], profile.median[1], profile.high[1]
    assert found == pytest.approx((low, middle, high), rel=1e-12)


def test_a_linear_orthogonal_net_decays_as_both_of_its_predictions(sized) -> None:
    measured = sized("rnn", hidden=6, steps=30, activation="linear", loss_steps=(29,))
    rotation = np.linalg.qr(np.random.default_rng(0).standard_normal((6, 6)))[0]
    measured.network.parameters["weight_hh_l0"][...] = 0.9 * rotation
    profile = lag_profile(measured)
    assert profile.fit.rate == pytest.approx(0.9, rel=1e-12)
    assert (profile.fit.first, profile.fit.last) == (3, 29)
    assert profile.fit.r_squared == pytest.approx(1.0)
    np.testing.assert_allclose(profile.fit.line(profile.lags), profile.mean, rtol=1e-10)
    assert [one.rate for one in profile.predictions] == pytest.approx([0.9, 0.9])
    assert [one.is_bound for one in profile.predictions] == [False, True]


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "linear"])
def test_no_step_stretches_more_than_the_largest_singular_value_lets_it(sized, activation) -> None:
    profile = lag_profile(sized(activation=activation, steps=12, loss_steps=(11,)))
    bound = next(one.rate for one in profile.predictions if one.is_bound)
    assert (profile.mean[1:] <= bound * profile.mean[:-1] * (1 + 1e-12)).all()


def test_an_lstm_that_only_carries_decays_as_its_forget_gate(sized) -> None:
    """Without recurrent weights the gradient goes along c alone, times f at each step."""
    measured = sized("lstm", steps=12, loss_steps=(11,), hidden=1, batch=1)
    parameters = measured.network.parameters
    for name in ("weight_hh_l0", "weight_ih_l0"):
        parameters[name][...] = 0.0
    measured.network.forward(measured.window.inputs, slice(11, 12))
    profile = lag_profile(measured)
    gate = 1 / (1 + np.exp(-(parameters["bias_ih_l0"] + parameters["bias_hh_l0"])[1]))
    np.testing.assert_allclose(profile.cell_mean[1:] / profile.cell_mean[:-1], gate, rtol=1e-12)
    assert profile.predictions[0].rate == pytest.approx(gate)


def test_a_fit_leaves_out_what_vanished_and_what_few_losses_reach() -> None:
    counts = np.full(40, 10)
    phi = 3.0 * 0.5 ** np.arange(40.0)
    phi[0] = 100.0  # the first lags are left out
    phi[30:] = 0.0
    fit = fit_decay(phi, counts)
    assert (fit.first, fit.last) == (3, 29)
    assert (fit.rate, fit.start) == pytest.approx((0.5, 3.0))
    counts[20:] = 0
    assert fit_decay(phi, counts).last == 19
    assert fit_decay(phi[:2], counts[:2]) is None
    assert fit_decay(np.zeros(9), counts[:9]) is None


def test_layers_are_lags_of_a_feedforward_network(small, measure) -> None:
    measured = measure(small("model.cell=feedforward", "model.depth=5"))
    profile = lag_profile(measured)
    np.testing.assert_allclose(profile.mean, flow_matrix(measured).norms[0, ::-1])
    (bound,) = profile.predictions
    weights = [measured.network.parameters[f"layers.{i}.weight"] for i in range(1, 5)]
    assert bound.rate == max(np.linalg.norm(weight, 2) for weight in weights)
    assert profile.axis == "layer"
