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


@pytest.mark.parametrize(("cell", "gates"), [("rnn", 1), ("lstm", 4), ("gru", 3)])
def test_layers_and_learned_states_have_names_of_their_own(small, cell: str, gates: int) -> None:
    config = small(f"model.cell={cell}", "model.layers=3", "model.initial_state=learned")
    found = weights(config)
    for layer, inputs in enumerate((2, 5, 5)):
        assert found[f"weight_ih_l{layer}"].shape == (gates * 5, inputs)
        assert found[f"weight_hh_l{layer}"].shape == (gates * 5, 5)
        for state in ("h", "c") if cell == "lstm" else ("h",):
            assert found[f"initial_{state}_l{layer}"].tolist() == [0.0] * 5
    assert not np.array_equal(found["weight_hh_l1"], found["weight_hh_l2"])


def test_every_layer_starts_as_the_model_says(small) -> None:
    found = weights(
        small(
            "model.cell=lstm",
            "model.layers=2",
            "model.recurrent_init=orthogonal",
            "model.forget_bias=20",
            "training.precision=float64",
        )
    )
    for layer in range(2):
        for block in found[f"weight_hh_l{layer}"].reshape(-1, 5, 5):
            assert_allclose(block @ block.T, np.eye(5), atol=1e-12)
        assert (found[f"bias_ih_l{layer}"].reshape(4, 5).mean(axis=1) > 10).tolist() == [
            False,
            True,
            False,
            False,
        ]


def test_the_activation_is_the_vanilla_cells(small) -> None:
    trainers = [Trainer(small(f"model.activation={name}")) for name in ("linear", "sigmoid")]
    losses = [next(trainer).metrics.loss for trainer in trainers]
    assert losses[0] != losses[1]
    gated = [
        Trainer(small("model.cell=gru", f"model.activation={name}")) for name in ("tanh", "relu")
    ]
    assert len({next(trainer).metrics.loss for trainer in gated}) == 1


def test_a_learned_initial_state_learns_on_episodes(small) -> None:
    trainer = Trainer(small("model.initial_state=learned", "bptt.k2=12"))
    list(trainer)
    assert np.abs(trainer.weights()["initial_h_l0"]).min() > 0.0
    cut = Trainer(small("model.initial_state=learned", "bptt.k2=11"))
    list(cut)
    assert trainer.weights()["initial_h_l0"].tolist() != [0.0] * 5
    assert cut.weights()["initial_h_l0"].tolist() == [0.0] * 5


def test_on_a_stream_it_learns_from_the_first_window_alone(small_stream) -> None:
    trainer = Trainer(small_stream("model.initial_state=learned", "bptt={k1=25, k2=25}"))
    states = []
    for _ in range(11):  # five windows are a pass over the streams
        next(trainer)
        states.append(trainer.weights()["initial_h_l0"].tolist())
    changes = [before != after for before, after in zip([[0.0] * 5, *states], states, strict=False)]
    assert [number for number, changed in enumerate(changes) if changed] == [0, 5, 10]
