"""Products of Jacobians whose norms are known, read off the engine's own backward pass."""

from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.engine.initializers import orthogonal
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.truncation import backward_plan

LARGEST_SLOPE = {"tanh": 1.0, "sigmoid": 0.25, "linear": 1.0}
NON_NORMAL = np.array([[0.9, 5.0], [0.0, 0.9]])


def jacobians(activation, weight, steps, inputs=None):
    """Return dh_T/dh_k for every k, shape (T, H, H); sequence b of the batch loses (h_T)_b."""
    size = len(weight)
    network = RecurrentNetwork("rnn", 1, size, size, np.dtype(np.float64), activation=activation)
    network.parameters["weight_hh_l0"][...] = weight
    network.parameters["weight_ih_l0"][...] = 1.0
    network.parameters["readout.weight"][...] = np.eye(size)
    inputs = np.zeros(steps) if inputs is None else inputs
    batch = np.repeat(inputs[:, None, None], size, axis=1)
    network.forward(batch, slice(steps - 1, steps))
    network.backward(np.eye(size)[None], backward_plan(steps, [steps - 1]))
    return network.signal("dh")


def norms(products):
    return np.linalg.norm(products, ord=2, axis=(1, 2))


@pytest.mark.parametrize("alpha", [0.5, 0.9, 1.0, 1.1])
@pytest.mark.parametrize("size", [1, 2, 16])
def test_a_linear_network_of_a_scaled_orthogonal_matrix_falls_or_grows_by_the_scale(alpha, size):
    steps, generator = 60, np.random.default_rng(size)
    weight = alpha * orthogonal(generator, size)
    found = jacobians("linear", weight, steps, generator.standard_normal(steps))
    expected = alpha ** np.arange(steps - 1.0, -1.0, -1.0)
    np.testing.assert_allclose(norms(found), expected, rtol=1e-12)


@pytest.mark.parametrize("activation", LARGEST_SLOPE)
@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_no_product_exceeds_the_bound_of_pascanu(activation, scale):
    steps, size, generator = 30, 8, np.random.default_rng(3)
    weight = scale * generator.standard_normal((size, size)) / np.sqrt(size)
    found = norms(jacobians(activation, weight, steps, generator.standard_normal(steps)))
    factor = LARGEST_SLOPE[activation] * np.linalg.norm(weight, ord=2)
    bound = factor ** np.arange(steps - 1.0, -1.0, -1.0)
    assert (found <= bound * (1.0 + 1e-12)).all()
    assert (found > 0.0).all()


def test_a_sigmoid_at_rest_meets_the_bound():
    """Without inputs, of a network whose pre-activations are zero: the slope is 1/4 throughout."""
    weight = 2.0 * np.array([[1.0, -1.0], [-1.0, 1.0]])  # takes (1/2, 1/2) to zero
    found = norms(jacobians("sigmoid", weight, 20)[1:])  # the initial state is zero, not 1/2
    np.testing.assert_allclose(found, (0.25 * 4.0) ** np.arange(18.0, -1.0, -1.0), rtol=1e-12)


def test_a_matrix_that_is_not_normal_grows_first_and_dies_later():
    found = norms(jacobians("linear", NON_NORMAL, 51))
    after = found[::-1][[1, 5, 10, 20, 50]]
    np.testing.assert_allclose(after, [5.2, 16.4, 19.4, 13.5, 1.4], atol=0.05)
    assert np.abs(np.linalg.eigvals(NON_NORMAL)).max() < 1.0


def test_what_goes_through_a_shut_gate_is_right_to_its_last_digits():
    """At a = -60, where (tanh(a / 2) + 1) / 2 is exactly zero in float64."""
    network = RecurrentNetwork("gru", 1, 1, 1, np.dtype(np.float64))
    network.parameters["bias_ih_l0"][1] = -60.0  # z is shut: all that is carried on goes through it
    network.parameters["readout.weight"][...] = 1.0
    network.forward(np.zeros((4, 1, 1)), slice(3, 4))
    network.backward(np.ones((1, 1, 1)), backward_plan(4, [3]))
    expected = np.exp(-60.0 * np.arange(3.0, -1.0, -1.0))
    np.testing.assert_allclose(network.signal("dh").ravel(), expected, rtol=1e-13)
