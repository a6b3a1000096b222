"""How a network's weights start."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from gradexplorer.training.build import build_generators
from gradexplorer.training.trainer import Trainer


def weights(config) -> dict[str, np.ndarray]:
    return Trainer(config).weights()


@pytest.mark.parametrize(("cell", "gates"), [("rnn", 1), ("lstm", 4)])
def test_names_and_shapes_are_those_of_torch(small, cell: str, gates: int) -> None:
    shapes = {name: values.shape for name, values in weights(small(f"model.cell={cell}")).items()}
    assert shapes == {
        "weight_ih_l0": (gates * 5, 2),
        "weight_hh_l0": (gates * 5, 5),
        "bias_ih_l0": (gates * 5,),
        "bias_hh_l0": (gates * 5,),
        "readout.weight": (1, 5),
        "readout.bias": (1,),
    }


def test_uniform_weights_fill_their_range(small) -> None:
    found = weights(small("model.hidden_size=64"))
    for name in ("weight_ih_l0", "weight_hh_l0", "readout.weight"):
        assert 0.1 < np.abs(found[name]).max() <= 0.125
        assert found[name].min() < 0.0


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_orthogonal_blocks_have_the_gain_as_their_singular_values(small, cell: str) -> None:
    found = weights(
        small(
            f"model.cell={cell}",
            "model.recurrent_init=orthogonal",
            "model.recurrent_gain=2",
            "training.precision=float64",
        )
    )
    for block in found["weight_hh_l0"].reshape(-1, 5, 5):
        assert_allclose(block @ block.T, 4.0 * np.eye(5), atol=1e-12)


def test_the_gain_scales_the_recurrent_weights_alone(small) -> None:
    one, half = weights(small()), weights(small("model.recurrent_gain=0.5"))
    assert np.array_equal(half.pop("weight_hh_l0"), 0.5 * one.pop("weight_hh_l0"))
    assert all(np.array_equal(half[name], one[name]) for name in one)


def test_the_forget_bias_is_added_to_the_forget_gates_alone(small) -> None:
    zero = weights(small("model.cell=lstm"))
    three = weights(small("model.cell=lstm", "model.forget_bias=3"))
    added = three["bias_ih_l0"] - zero["bias_ih_l0"]
    assert_allclose(added.reshape(4, 5), np.outer([0, 3, 0, 0], np.ones(5)), atol=1e-6)
    assert np.array_equal(three["bias_hh_l0"], zero["bias_hh_l0"])
    assert np.array_equal(
        weights(small("model.forget_bias=3"))["bias_ih_l0"], weights(small())["bias_ih_l0"]
    )


def test_weights_training_and_evaluation_draw_from_streams_of_their_own() -> None:
    draws = [generator.random(4).tolist() for generator in build_generators(3)]
    assert draws == [generator.random(4).tolist() for generator in build_generators(3)]
    assert len({tuple(draw) for draw in draws}) == 3
