"""Where the vanilla layer is linear, its gradients are known."""

from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.engine.initializers import orthogonal
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.truncation import backward_plan


@pytest.mark.parametrize("gain", [0.5, 1.0, 1.3])
def test_gradient_falls_or_grows_by_the_gain_of_an_orthogonal_matrix(gain):
    steps, size = 40, 8
    generator = np.random.default_rng(0)
    network = RecurrentNetwork("rnn", 2, size, 1, np.dtype(np.float64))
    network.parameters["weight_hh_l0"][...] = gain * orthogonal(generator, size)
    network.parameters["readout.weight"][...] = generator.standard_normal((1, size))
    # With neither inputs nor biases h is zero, where tanh is the identity.
    outputs = network.forward(np.zeros((steps, 3, 2)), slice(steps - 1, steps))
    network.backward(np.ones_like(outputs) / 3, backward_plan(steps, [steps - 1]))
    norms = network.gradient_norms().layers[0]
    from_readout = np.linalg.norm(network.parameters["readout.weight"])
    expected = from_readout * gain ** np.arange(steps - 1.0, -1.0, -1.0)
    np.testing.assert_allclose(norms.dh, np.tile(expected[:, None], (1, 3)), rtol=1e-12)
    np.testing.assert_array_equal(norms.flow_h[:-1], norms.dh[:-1])


def test_state_of_a_one_unit_network_follows_its_equation():
    network = RecurrentNetwork("rnn", 1, 1, 1, np.dtype(np.float64))
    for name, value in [("weight_ih_l0", 0.5), ("weight_hh_l0", -0.7), ("bias_ih_l0", 0.1)]:
        network.parameters[name][...] = value
    network.parameters["bias_hh_l0"][...] = 0.2
    network.parameters["readout.weight"][...] = 2.0
    network.parameters["readout.bias"][...] = -1.0
    outputs = network.forward(np.array([1.0, -2.0]).reshape(2, 1, 1), slice(None))
    first = np.tanh(0.5 + 0.3)
    second = np.tanh(-1.0 - 0.7 * first + 0.3)
    np.testing.assert_allclose(outputs.ravel(), [2 * first - 1, 2 * second - 1], rtol=1e-14)
