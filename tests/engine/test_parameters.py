from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.parameters import Parameters

SHAPES = {"weight": (2, 3), "bias": (2,), "scale": ()}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_views_lie_in_the_flat_vector_in_order(dtype):
    parameters = Parameters(SHAPES, dtype)
    assert parameters.flat.dtype == dtype
    assert not parameters.flat.any()
    parameters.flat[...] = np.arange(9)
    assert {name: view.shape for name, view in parameters.items()} == SHAPES
    np.testing.assert_array_equal(parameters["weight"], [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(parameters["bias"], [6, 7])
    assert parameters["scale"] == 8
    parameters["bias"][1] = -1.0
    assert parameters.flat[7] == -1.0


def test_it_is_a_mapping_of_its_names():
    parameters = Parameters(SHAPES, np.float32)
    assert list(parameters) == ["weight", "bias", "scale"]
    assert len(parameters) == 3
    with pytest.raises(KeyError):
        parameters["absent"]


def test_copies_share_no_memory():
    parameters = Parameters(SHAPES, np.float32)
    copies = parameters.copies()
    parameters.flat[...] = 1.0
    assert copies.keys() == SHAPES.keys()
    assert not any(copy.any() for copy in copies.values())


def test_name_at_tells_where_a_position_lies():
    parameters = Parameters(SHAPES, np.float32)
    names = ["weight"] * 6 + ["bias"] * 2 + ["scale"]
    assert [parameters.name_at(index) for index in range(9)] == names
    with pytest.raises(IndexError):
        parameters.name_at(9)


@pytest.mark.parametrize(("cell", "gates"), [("rnn", 1), ("lstm", 4)])
def test_a_network_has_pytorchs_names_and_shapes(cell, gates):
    network = RecurrentNetwork(cell, 3, 5, 2, np.dtype(np.float32))
    expected = {
        "weight_ih_l0": (gates * 5, 3),
        "weight_hh_l0": (gates * 5, 5),
        "bias_ih_l0": (gates * 5,),
        "bias_hh_l0": (gates * 5,),
        "readout.weight": (2, 5),
        "readout.bias": (2,),
    }
    assert {name: view.shape for name, view in network.parameters.items()} == expected
    assert list(network.gradients) == list(network.parameters)
