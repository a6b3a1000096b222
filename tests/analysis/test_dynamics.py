"""Jacobians, spectra and exponents against PyTorch, differences and closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.analysis.dynamics import (
    autonomous,
    dynamics,
    lyapunov_spectrum,
)
from gradexplorer.analysis.spectra import weight_spectra
from gradexplorer.analysis.steps import layer_steps
from gradexplorer.engine.network import RecurrentNetwork

KINDS = [
    ("rnn", "tanh"),
    ("rnn", "relu"),
    ("rnn", "sigmoid"),
    ("rnn", "linear"),
    ("lstm", "tanh"),
    ("gru", "tanh"),
]


def state_before(network, layer, t) -> dict[str, np.ndarray]:
    return {f"{name}_l0": layer.states(name)[t].copy() for name in layer.state_names}


@pytest.mark.parametrize(("cell", "activation"), KINDS)
def test_a_jacobian_is_what_central_differences_give(sized, cell, activation) -> None:
    measured = sized(cell, activation=activation, batch=2)
    network, t = measured.network, 4
    (steps,) = layer_steps(network, measured.window.inputs)
    found = steps.jacobian(t)
    before = state_before(network, network.layer, t)
    names, size, tiny = network.layer.state_names, 4, 1e-6
    twin = network.twin()

    def after(column: int, change: float) -> np.ndarray:
        moved = {name: part.copy() for name, part in before.items()}
        moved[f"{names[column // size]}_l0"][:, column % size] += change
        twin.forward(measured.window.inputs[t : t + 1], slice(0, 1), moved)
        return np.concatenate([twin.layer.states(name)[1] for name in names], axis=1)

    for column in range(steps.width):
        slope = (after(column, tiny) - after(column, -tiny)) / (2 * tiny)
        np.testing.assert_allclose(found[:, :, column], slope, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("cell", "activation"), KINDS)
def test_one_step_back_is_the_jacobian_transposed(sized, cell, activation) -> None:
    measured = sized(cell, activation=activation)
    (steps,) = layer_steps(measured.network, measured.window.inputs)
    generator, t, has_c = np.random.default_rng(0), 3, cell == "lstm"
    dh, dc = generator.standard_normal((2, 1, 3, 4))
    back = steps.back(dh, dc if has_c else None, slice(t, t + 1))
    flows = [back.flow_h[0], back.flow_c[0]] if has_c else [back.flow_h[0]]
    state = np.concatenate([dh[0], dc[0]] if has_c else [dh[0]], axis=1)
    expected = np.einsum("bi,bij->bj", state, steps.jacobian(t))
    np.testing.assert_allclose(np.concatenate(flows, axis=1), expected, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_jacobian_is_pytorchs(sized, cell) -> None:
    torch = pytest.importorskip("torch")
    measured = sized(cell, batch=1)
    network, t = measured.network, 2
    (steps,) = layer_steps(network, measured.window.inputs)
    kind = {"rnn": torch.nn.RNNCell, "lstm": torch.nn.LSTMCell, "gru": torch.nn.GRUCell}[cell]
    layer = kind(2, 4).double()
    weights = {
        name.removesuffix("_l0"): v for name, v in network.parameters.items() if "_l0" in name
    }
    layer.load_state_dict({name: torch.tensor(values) for name, values in weights.items()})
    x = torch.tensor(measured.window.inputs[t])

    def step(state):
        parts = state.reshape(1, -1).split(4, dim=1)
        after = layer(x, tuple(parts) if cell == "lstm" else parts[0])
        return torch.cat(after, dim=1)[0] if cell == "lstm" else after[0]

    before = np.concatenate([part[0] for part in state_before(network, network.layer, t).values()])
    expected = torch.autograd.functional.jacobian(step, torch.tensor(before)).numpy()
    np.testing.assert_allclose(steps.jacobian(t)[0], expected, rtol=1e-11, atol=1e-14)


def test_a_scaled_rotation_has_every_exponent_at_the_log_of_its_scale(sized) -> None:
    measured = sized(activation="linear", hidden=8, steps=20)
    rotation = np.linalg.qr(np.random.default_rng(0).standard_normal((8, 8)))[0]
    measured.network.parameters["weight_hh_l0"][...] = 0.6 * rotation
    found = dynamics(measured)
    np.testing.assert_allclose(found.lyapunov.exponents, np.log(0.6), rtol=1e-12)
    np.testing.assert_allclose(found.lyapunov.by_sequence, np.log(0.6), rtol=1e-12)
    np.testing.assert_allclose(found.jacobian_norms, 0.6, rtol=1e-12)
    assert (found.lyapunov.horizon, found.lyapunov.steps) == (np.inf, 18)
    (weights,) = found.weights
    np.testing.assert_allclose(np.abs(weights.eigenvalues), 0.6, rtol=1e-12)
    np.testing.assert_allclose(weights.singular_values, 0.6, rtol=1e-12)
    assert weights.radius == pytest.approx(0.6)


def test_exponents_of_a_fixed_map_are_the_logs_of_its_eigenvalues(sized) -> None:
    measured = sized(activation="linear", hidden=4, steps=400)
    basis = np.random.default_rng(1).standard_normal((4, 4))
    weight = basis @ np.diag([1.2, 0.9, -0.5, 0.1]) @ np.linalg.inv(basis)
    measured.network.parameters["weight_hh_l0"][...] = weight
    (steps,) = layer_steps(measured.network, measured.window.inputs)
    found = lyapunov_spectrum(steps)
    np.testing.assert_allclose(found.exponents, np.log([1.2, 0.9, 0.5, 0.1]), atol=1e-3)
    assert found.horizon == pytest.approx(np.log(2) / np.log(1.2), rel=1e-2)
    first = lyapunov_spectrum(steps, count=2)
    np.testing.assert_allclose(first.exponents, found.exponents[:2], atol=1e-3)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_exponents_add_up_to_the_mean_log_volume(sized, cell) -> None:
    """Their sum is the mean of log |det J|, whatever the frame."""
    measured = sized(cell, steps=30)
    (steps,) = layer_steps(measured.network, measured.window.inputs)
    found = lyapunov_spectrum(steps, settle=0)
    volumes = [np.linalg.slogdet(steps.jacobian(t))[1] for t in range(30)]
    np.testing.assert_allclose(found.by_sequence.sum(axis=1), np.mean(volumes, axis=0), rtol=1e-7)
    assert found.exponents.shape == (8 if cell == "lstm" else 4,)


def test_a_random_network_of_gain_two_is_as_chaotic_as_published() -> None:
    found = []
    for seed in range(3):
        network = RecurrentNetwork("rnn", 1, 256, 1, np.float64)
        weight = np.random.default_rng(seed).standard_normal((256, 256))
        network.parameters["weight_hh_l0"][...] = 2.0 / 16.0 * weight
        steps = autonomous(network, 500, seed=seed)
        found.append(lyapunov_spectrum(steps, count=1, settle=100))
    largest = np.mean([one.exponents[0] for one in found])
    assert largest == pytest.approx(0.149, abs=0.03)
    assert found[0].horizon == pytest.approx(np.log(2) / found[0].exponents[0])


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_frame_carried_over_several_steps_gives_the_same(sized, cell, monkeypatch) -> None:
    measured = sized(cell, steps=60, hidden=6)
    (steps,) = layer_steps(measured.network, measured.window.inputs)
    found = lyapunov_spectrum(steps)
    monkeypatch.setattr("gradexplorer.analysis.dynamics._MOST_STEPS", 1)
    exact = lyapunov_spectrum(steps).by_sequence
    np.testing.assert_allclose(found.by_sequence, exact, rtol=1e-5)
    np.testing.assert_allclose(found.by_sequence[:, 0], exact[:, 0], rtol=1e-10)


def test_a_dead_direction_has_an_exponent_of_minus_infinity(sized) -> None:
    measured = sized(activation="linear", hidden=3)
    measured.network.parameters["weight_hh_l0"][...] = np.diag([0.5, 0.5, 0.0])
    (steps,) = layer_steps(measured.network, measured.window.inputs)
    exponents = lyapunov_spectrum(steps).exponents
    assert exponents[-1] == -np.inf
    np.testing.assert_allclose(exponents[:2], np.log(0.5))


def test_each_gate_has_its_spectrum_and_each_layer_its_dynamics(sized) -> None:
    measured = sized("lstm", depth=2)
    network = measured.network
    assert [one.gate for one in weight_spectra(network)] == ["i", "f", "g", "o"]
    block = network.parameters["weight_hh_l1"][4:8]
    found = weight_spectra(network)[1].singular_values
    np.testing.assert_allclose(found, np.linalg.svd(block, compute_uv=False))
    assert [dynamics(measured, layer).layer for layer in (0, 1, -1)] == [0, 1, 1]


def test_layers_of_a_feedforward_network_have_jacobians_and_no_exponents(small, measure) -> None:
    measured = measure(small("model.cell=feedforward", "model.widths=5 5 3"))
    found = dynamics(measured)
    weight = measured.network.parameters["layers.1.weight"]
    h = measured.network.layers[0].states("h")[2][1]
    expected = np.linalg.norm(np.diag(1 - h**2) @ weight, 2)
    assert found.jacobian_norms[1, 1] == pytest.approx(expected)
    assert found.jacobian_norms.shape == (3, 3)
    assert found.lyapunov is None
    assert [len(one.eigenvalues) for one in found.weights] == [0, 5, 0]
    assert np.isnan(found.weights[0].radius)
