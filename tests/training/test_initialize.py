"""Each way to start reaches the parameters it is about, and no others."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from gradexplorer.config.presets import load_preset
from gradexplorer.training.trainer import Trainer

DOUBLE = "training.precision=float64"
CELLS = pytest.mark.parametrize("cell", ["rnn", "lstm"])


@pytest.fixture
def start(small):
    """Give a function that returns the initial weights of a network of 20 units."""

    def weights(*model: str) -> dict[str, np.ndarray]:
        settings = [f"model.{one}" for one in ("hidden_size=20", *model)]
        return Trainer(small(DOUBLE, *settings)).weights()

    return weights


def blocks(weights: dict[str, np.ndarray]) -> np.ndarray:
    return weights["weight_hh_l0"].reshape(-1, 20, 20)


def radius(matrix: np.ndarray) -> float:
    return float(np.abs(np.linalg.eigvals(matrix)).max())


@CELLS
def test_recurrent_weights_of_every_kind(start, cell) -> None:
    def drawn(kind, *more):
        return blocks(start(f"cell={cell}", f"recurrent_init={kind}", *more))

    for block in drawn("identity", "recurrent_gain=0.5"):
        np.testing.assert_array_equal(block, 0.5 * np.eye(20))
    glorot = drawn("glorot", "recurrent_gain=2")
    assert 0.9 < np.abs(glorot).max() / (2 * np.sqrt(3 / 20)) <= 1.0
    gaussian = drawn("gaussian", "recurrent_std=0.3", "recurrent_gain=9")
    assert gaussian.std() == pytest.approx(0.3, rel=0.1)
    for block in drawn("spectral", "spectral_radius=1.2", "recurrent_gain=9"):
        assert radius(block) == pytest.approx(1.2)
    for block in drawn("sparse", "connections=4"):
        assert radius(block) == pytest.approx(0.95)
        assert (np.count_nonzero(block, axis=1) == 4).all()


@CELLS
@pytest.mark.parametrize(
    "kind", ["orthogonal", "glorot", "identity", "spectral", "sparse", "gaussian"]
)
def test_recurrent_weights_leave_the_others_alone(start, same, cell, kind) -> None:
    plain, other = start(f"cell={cell}"), start(f"cell={cell}", f"recurrent_init={kind}")
    assert not same(plain.pop("weight_hh_l0"), other.pop("weight_hh_l0"))
    assert same(plain, other)


@CELLS
def test_other_weights_of_every_kind(start, cell) -> None:
    gaussian = start(f"cell={cell}", "other_init=gaussian", "other_std=0.5")
    drawn = np.concatenate([gaussian["weight_ih_l0"].ravel(), gaussian["readout.weight"].ravel()])
    assert drawn.std() == pytest.approx(0.5, rel=0.25)
    glorot = start(f"cell={cell}", "other_init=glorot")
    for name, fans in (("weight_ih_l0", 22), ("readout.weight", 21)):
        assert 0.8 < np.abs(glorot[name]).max() / np.sqrt(6 / fans) <= 1.0
    for weights in (gaussian, glorot):
        assert not any(weights[name].any() for name in weights if "bias" in name)
        assert np.array_equal(blocks(weights), blocks(start(f"cell={cell}")))


def gate_biases(weights: dict[str, np.ndarray]) -> np.ndarray:
    return (weights["bias_ih_l0"] + weights["bias_hh_l0"]).reshape(4, 20)


def test_chrono_sets_input_and_forget_gates_to_times_of_the_window(start) -> None:
    plain = gate_biases(start("cell=lstm"))
    chrono = gate_biases(start("cell=lstm", "gate_bias=chrono", "forget_bias=3"))
    times = np.exp(chrono[1])
    assert 1.0 <= times.min() < 4.0
    assert 8.0 < times.max() <= 11.0
    np.testing.assert_array_equal(chrono[0], -chrono[1])
    np.testing.assert_array_equal(chrono[2:], plain[2:])
    longer = gate_biases(start("cell=lstm", "gate_bias=chrono", "chrono_t_max=1001"))
    assert 500.0 < np.exp(longer[1]).max() <= 1000.0


def test_chrono_on_a_stream_takes_the_truncation_length(small_stream) -> None:
    weights = Trainer(
        small_stream("model={cell='lstm', hidden_size=20, gate_bias='chrono'}", "bptt.k2=30")
    ).weights()
    assert 20.0 < np.exp(gate_biases(weights)[1]).max() <= 29.0


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("vanishing-gradient", "9d2136b4cb1970ec"),
        ("lstm-remembers", "353f0823ed0de027"),
        ("sunspots-truncated", "4120fd2c8f97fd32"),
    ],
)
def test_the_bundled_presets_start_from_the_same_bits_as_ever(name, digest) -> None:
    weights = Trainer(load_preset(name)).weights()
    data = b"".join(weights[key].astype("<f4").tobytes() for key in sorted(weights))
    assert hashlib.sha256(data).hexdigest()[:16] == digest
