"""Gates and units against their equations and states made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.analysis.units import BINS, histogram, measure_units


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


@pytest.mark.parametrize(("cell", "names"), [("lstm", "ifo"), ("gru", "rz")])
def test_gates_without_weights_are_their_biases(sized, cell, names) -> None:
    measured = sized(cell)
    parameters = measured.network.parameters
    for name in ("weight_ih_l0", "weight_hh_l0", "bias_hh_l0"):
        parameters[name][...] = 0.0
    parameters["bias_ih_l0"][:4] = 5.0, -5.0, 0.0, 1.0  # of the first gate
    measured.network.forward(measured.window.inputs, slice(None))
    first = measure_units(measured).layers[0].gates[0]
    assert "".join(gate.name for gate in measure_units(measured).layers[0].gates) == names
    np.testing.assert_allclose(first.values, np.tile(sigmoid(np.array([5, -5, 0, 1.0])), (7, 1)))
    np.testing.assert_allclose(first.mean, sigmoid(np.array([5, -5, 0, 1.0])).mean())
    assert (first.open.tolist(), first.shut.tolist()) == ([1, 0, 0, 0], [0, 1, 0, 0])
    assert (first.low < first.mean).all()
    assert (first.mean < first.high).all()


def test_saturated_tanh_units_are_counted_over_steps_and_sequences(sized) -> None:
    measured = sized(steps=2, batch=2)
    measured.network.layer.states("h")[1:, :, 0] = [[0.96, -0.99], [0.94, 0.0]]
    measured.network.layer.states("h")[1:, :, 1:] = 0.0
    found = measure_units(measured)
    assert found.layers[0].saturated.tolist() == [0.5, 0.0, 0.0, 0.0]
    assert found.saturated == 0.125
    np.testing.assert_array_equal(found.layers[0].hidden[:, 0], [0.96, 0.94])
    assert (found.layers[0].cell, found.dead, found.axis) == (None, 0.0, "timestep")


def test_a_relu_unit_with_a_very_low_bias_is_dead(sized, small, measure) -> None:
    measured = sized(activation="relu")
    measured.network.parameters["bias_ih_l0"][2] = -1e6
    measured.network.forward(measured.window.inputs, slice(None))
    alive = (measured.network.layer.states("h")[1:] > 0).any(axis=(0, 1))
    found = measure_units(measured)
    assert found.layers[0].dead.tolist() == (~alive).tolist()
    assert found.layers[0].dead[2]
    assert found.dead == np.mean(~alive)
    deep = measure(small("model.cell=feedforward", "model.activation=relu", "model.widths=5 4"))
    deep.network.parameters["layers.1.bias"][...] = -1e6
    deep.network.forward(deep.window.inputs)
    dead = measure_units(deep)
    assert dead.layers[1].dead.all()
    assert dead.dead >= 4 / 9
    assert (dead.layers[0].hidden.shape, dead.layers[1].hidden.shape) == ((1, 5), (1, 4))


def test_sigmoid_units_have_two_ends(small, measure) -> None:
    measured = measure(small("model.activation=sigmoid", "model.hidden_size=3"))
    states = measured.network.layer.states("h")
    states[1:, :, 0], states[1:, :, 1], states[1:, :, 2] = 0.05, 0.95, 0.5
    assert measure_units(measured).layers[0].saturated.tolist() == [1.0, 1.0, 0.0]


def test_cell_states_and_every_parameter_are_there(sized) -> None:
    measured = sized("lstm", depth=2)
    found, network = measure_units(measured), measured.network
    np.testing.assert_array_equal(found.layers[1].cell, network.layers[1].states("c")[1:, 0])
    assert list(found.weights) == list(found.gradients) == list(network.parameters)
    for name, values in network.gradients.items():
        assert found.gradients[name].counts.sum() == values.size
        assert found.gradients[name].mean == pytest.approx(values.mean())


def test_a_histogram_counts_zeros_and_what_is_not_finite_apart() -> None:
    found = histogram(np.array([[-2.0, 0.0, 0.0], [1.0, np.nan, np.inf]]))
    assert (found.zeros, found.bad, found.counts.sum()) == (2, 2, 4)
    assert (found.counts[0], found.counts[BINS // 2]) == (1, 2)
    assert (found.edges[0], found.edges[-1], found.mean) == (-2.0, 2.0, -0.25)
    assert np.isnan(histogram(np.array([np.nan])).mean)
    assert histogram(np.zeros(3)).counts[BINS // 2] == 3
