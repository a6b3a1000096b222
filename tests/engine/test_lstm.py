"""Where the cell state is all that carries gradient, its gradient is known."""

from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.truncation import backward_plan

STEPS, SIZE = 30, 4
OPEN, SHUT = 40.0, -40.0


def cell_alone(forget_bias, input_bias):
    """Return a network in which nothing but c goes from step to step."""
    generator = np.random.default_rng(0)
    network = RecurrentNetwork("lstm", 2, SIZE, 1, np.dtype(np.float64))
    network.parameters["weight_ih_l0"][...] = generator.standard_normal((4 * SIZE, 2))
    network.parameters["weight_ih_l0"][: 2 * SIZE] = 0.0
    bias = network.parameters["bias_ih_l0"]
    bias[:SIZE], bias[SIZE : 2 * SIZE] = input_bias, forget_bias
    network.parameters["readout.weight"][...] = generator.standard_normal((1, SIZE))
    state = {name: generator.standard_normal((3, SIZE)) for name in ("h_l0", "c_l0")}
    inputs = generator.standard_normal((STEPS, 3, 2))
    outputs = network.forward(inputs, slice(STEPS - 1, STEPS), state)
    network.backward(np.ones_like(outputs), backward_plan(STEPS, [STEPS - 1]))
    return network, state


def test_an_open_forget_gate_keeps_the_cell_and_its_gradient():
    network, state = cell_alone(OPEN, SHUT)
    c, dc = network.layer.states("c"), network.signal("dc")
    assert dc[-1].any()
    np.testing.assert_allclose(c, np.tile(state["c_l0"], (STEPS + 1, 1, 1)), rtol=1e-12)
    np.testing.assert_allclose(dc, np.tile(dc[-1], (STEPS, 1, 1)), rtol=1e-12)
    np.testing.assert_array_equal(network.signal("flow_c")[:-1], dc[:-1])


@pytest.mark.parametrize("bias", [-2.0, 0.0, 1.0, 3.0])
def test_gradient_of_the_cell_falls_by_the_forget_gate(bias):
    network, _ = cell_alone(bias, input_bias=0.5)
    norms = network.gradient_norms().layers[0]
    forget = 1.0 / (1.0 + np.exp(-bias))
    falls = forget ** np.arange(STEPS - 1.0, -1.0, -1.0)[:, None]
    np.testing.assert_allclose(norms.dc, falls * norms.dc[-1], rtol=1e-11)
    assert not norms.dh[:-1].any()


def test_a_shut_forget_gate_lets_nothing_back():
    network, _ = cell_alone(SHUT, OPEN)
    assert network.gradient_norms().layers[0].dc[-2].max() < 1e-12
