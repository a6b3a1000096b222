"""Measurements of controller and plant together, against PyTorch, differences and closed forms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gradexplorer.analysis.dynamics import dynamics, lyapunov_spectrum
from gradexplorer.analysis.flow import flow_matrix
from gradexplorer.analysis.lag_profile import lag_profile
from gradexplorer.analysis.loop_steps import LoopSteps
from gradexplorer.analysis.spectra import weight_spectra
from gradexplorer.analysis.truncation import truncation_lens
from gradexplorer.analysis.units import measure_units
from gradexplorer.analysis.window import Batch, MeasuredWindow, run_window
from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.engine.closed_loop import ClosedLoopNetwork
from gradexplorer.engine.losses import LOSSES
from gradexplorer.engine.plants import PLANTS, Jacobians, Plant
from gradexplorer.engine.truncation import backward_plan
from gradexplorer.training.feed import Window

FOLDER = Path(__file__).parents[1] / "reference"
CASES = sorted(path.stem for path in FOLDER.glob("closed-loop-*-full-*.npz"))
CELLS = ["rnn", "lstm", "gru", "feedforward"]
KINDS = [
    ("rnn", "tanh"),
    ("rnn", "sigmoid"),
    ("lstm", "tanh"),
    ("gru", "tanh"),
    ("feedforward", "tanh"),
    ("feedforward", "linear"),
]


def run(network, inputs, targets, losses=None, state=None) -> MeasuredWindow:
    steps, batch = inputs.shape[:2]
    losses = tuple(range(steps)) if losses is None else losses
    window = Window(inputs, targets, losses, state, 0, backward_plan(steps, losses), steps, steps)
    loss = LOSSES["mean_squared_error"]
    return run_window(ExperimentConfig(), network, window, loss, Batch(0, 1, 0, batch))


def make(cell: str, *, plant="pendulum", losses=None, steps=7, scale=0.7, **options):
    """Return a random window of a controller and a plant."""
    generator, batch = np.random.default_rng(3), 3
    widths = (5, 4) if cell == "feedforward" else (4,)
    scales = np.linspace(1.0, 0.3, PLANTS[plant].measured_size)
    network = ClosedLoopNetwork(plant, scales, cell, widths, np.float64, **options)
    flat = network.parameters.flat
    flat[...] = scale * generator.standard_normal(flat.size)
    inputs = 0.1 * generator.standard_normal((steps, batch, 2))
    inputs[0] = generator.uniform(-2.0, 2.0, (batch, 2))
    count = steps if losses is None else len(losses)
    return run(network, inputs, generator.standard_normal((count, batch, len(scales))), losses)


def stored(name: str) -> tuple[MeasuredWindow, dict[str, np.ndarray]]:
    """Return the window of a stored case, and what PyTorch found of it."""
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as file:
        arrays = dict(file)
    cell = name.split("-")[2]
    widths = (5, 4) if cell == "feedforward" else (4,)
    learned = name.endswith("learned")
    scales = (1.0, 0.9, 0.4, 0.3)
    network = ClosedLoopNetwork(
        "pendulum", scales, cell, widths, np.float64, learns_initial_state=learned
    )
    for key, view in network.parameters.items():
        view[...] = arrays[f"given.{key}"]
    state = {key[6:]: values for key, values in arrays.items() if key.startswith("state.")}
    measured = run(network, arrays["given.inputs"], arrays["given.targets"], state=state or None)
    return measured, {key[9:]: part for key, part in arrays.items() if key[:9] == "expected."}


def test_every_cell_has_a_stored_case() -> None:
    assert [name.split("-")[2] for name in CASES] == ["feedforward", "gru", "lstm", "rnn"]


@pytest.mark.parametrize("name", CASES)
def test_the_flow_of_every_loss_is_pytorchs(name) -> None:
    measured, expected = stored(name)
    found, profile = flow_matrix(measured), lag_profile(measured)
    kinds = {"s": found.plant_norms, "h": found.norms, "c": found.cell_norms}
    means = {"s": profile.plant_mean, "h": profile.mean, "c": profile.cell_mean}
    assert (found.cell_norms is not None) == ("flow_c" in expected)
    for letter, norms in kinds.items():
        if norms is None:
            continue
        exact = 3 * np.linalg.norm(expected[f"flow_{letter}"], axis=3).mean(axis=2)
        below = np.tril_indices(len(norms))
        np.testing.assert_allclose(norms[below], exact[below], rtol=1e-10)
        assert np.isnan(norms[np.triu_indices(len(norms), 1)]).all()
        for k, mean in enumerate(means[letter]):
            assert mean == pytest.approx(np.diagonal(exact, -k).mean(), rel=1e-10)


@pytest.mark.parametrize("name", CASES)
def test_a_steps_jacobian_is_pytorchs(name) -> None:
    measured, expected = stored(name)
    steps = LoopSteps(measured.network)
    found = np.stack([steps.jacobian(t) for t in range(steps.count)])
    np.testing.assert_allclose(found, expected["jacobians"], rtol=1e-10, atol=1e-13)
    norms = np.linalg.norm(expected["jacobians"], 2, axis=(2, 3))
    np.testing.assert_allclose(dynamics(measured).jacobian_norms, norms, rtol=1e-10)


@pytest.mark.parametrize(("cell", "activation"), KINDS)
def test_a_steps_jacobian_is_what_central_differences_give(cell, activation) -> None:
    measured = make(cell, activation=activation)
    network, t, tiny = measured.network, 3, 1e-6
    found = LoopSteps(network).jacobian(t)
    before = {name: part.copy() for name, part in network.state_after(t).items()}
    names = list(network.state_names)
    twin, widths = network.twin(), [before[name].shape[1] for name in names]
    places = [(name, unit) for name, width in zip(names, widths, strict=True)
              for unit in range(width)]  # fmt: skip

    def after(name: str, unit: int, change: float) -> np.ndarray:
        moved = {key: part.copy() for key, part in before.items()}
        moved[name][:, unit] += change
        twin.forward(measured.window.inputs[t : t + 1], slice(0, 1), moved)
        return np.concatenate([twin.state_after(1)[key] for key in names], axis=1)

    for column, (name, unit) in enumerate(places):
        slope = (after(name, unit, tiny) - after(name, unit, -tiny)) / (2 * tiny)
        np.testing.assert_allclose(found[:, :, column], slope, rtol=1e-6, atol=1e-8)
    assert found.shape[1] == sum(widths)


@pytest.mark.parametrize("losses", [None, (6,), (1, 4)])
@pytest.mark.parametrize("cell", CELLS)
def test_one_sweep_gives_every_truncated_gradient(cell, losses) -> None:
    learned = {} if cell == "feedforward" else {"learns_initial_state": True}
    measured = make(cell, losses=losses, **learned)
    lens, network = truncation_lens(measured), measured.network
    full = network.gradients.flat.copy()
    for k2, bias in zip(lens.lengths, lens.bias, strict=True):
        plan = backward_plan(7, measured.window.loss_steps, 1, k2)
        network.backward(measured.loss.d_outputs, plan)
        distance = np.linalg.norm(network.gradients.flat - full) / np.linalg.norm(full)
        assert bias == pytest.approx(distance, rel=1e-9, abs=1e-14)
    assert lens.bias[-1] == 0.0
    assert lens.aicher is not None
    assert (lens.seconds > 0.0).all()
    assert (np.diff(lens.bytes) == lens.bytes[0]).all()


@pytest.mark.parametrize("cell", CELLS)
def test_chunks_that_follow_the_length_are_what_training_would_do(cell) -> None:
    measured = make(cell)
    lens, network = truncation_lens(measured, None), measured.network
    full = network.gradients.flat.copy()
    for k2, bias in zip(lens.lengths, lens.bias, strict=True):
        network.backward(measured.loss.d_outputs, backward_plan(7, range(7), None, k2))
        distance = np.linalg.norm(network.gradients.flat - full) / np.linalg.norm(full)
        assert bias == pytest.approx(distance, rel=1e-9, abs=1e-14)


class LinearPlant(Plant):
    """A mass on wheels: place and speed, pushed by the command. The controller sees both."""

    state_size, command_size, seen_size, measured_size = 2, 1, 2, 3
    by_state = np.array([[1.0, 0.1], [0.0, 1.0]])
    by_command = np.array([[0.0], [0.1]])

    def step(self, state, command):
        return state @ self.by_state.T + command @ self.by_command.T

    def see(self, state):
        return state

    def measure(self, state, command):
        return np.concatenate([state, command], axis=-1)

    def jacobians(self, states, commands):
        def everywhere(matrix):
            return np.broadcast_to(matrix, (*states.shape[:2], *matrix.shape))

        return Jacobians(
            everywhere(self.by_state),
            everywhere(self.by_command),
            everywhere(np.eye(2)),
            everywhere(np.eye(3)[:, :2]),
            everywhere(np.eye(3)[:, 2:]),
        )


@pytest.fixture
def linear(monkeypatch):
    """Give a function that makes a window of a linear controller and a linear plant."""
    monkeypatch.setitem(PLANTS, "linear", LinearPlant)
    return lambda cell, **options: make(cell, plant="linear", activation="linear", **options)


def test_placed_poles_are_the_loops_eigenvalues_exponents_and_decay(linear) -> None:
    """With u = -(g p + r v) the poles of the loop are those that g and r were solved for."""
    measured, poles = linear("feedforward", steps=200, losses=(199,)), np.array([0.9, 0.5])
    network, plant = measured.network, LinearPlant
    # (z - 0.9)(z - 0.5) = z^2 - (2 - 0.1 r) z + (1 - 0.1 r + 0.01 g)
    rate = (2.0 - poles.sum()) / 0.1
    gain = (poles.prod() - 1.0 + 0.1 * rate) / 0.01
    wanted = -np.array([[gain, rate]])
    weights = [network.parameters[f"layers.{index}.weight"] for index in range(2)]
    inner = np.linalg.lstsq((weights[1] @ weights[0]).T, wanted.T, rcond=None)[0].T
    network.parameters["readout.weight"][...] = inner
    measured = run(network, measured.window.inputs, measured.window.targets, (199,))
    found = dynamics(measured)
    np.testing.assert_allclose(np.sort(found.loop.eigenvalues.real), np.sort(poles), rtol=1e-9)
    assert (found.state, found.axis) == (("s",), "timestep")
    np.testing.assert_allclose(found.lyapunov.exponents, np.log(poles), atol=2e-2)
    assert found.lyapunov.horizon == np.inf
    closed = plant.by_state + plant.by_command @ wanted
    np.testing.assert_allclose(found.jacobian_norms, np.linalg.norm(closed, 2), rtol=1e-9)
    profile = lag_profile(measured)
    assert profile.fit.rate == pytest.approx(0.9, rel=1e-6)
    assert profile.predictions[0].rate == pytest.approx(0.9, rel=1e-2)
    assert profile.predictions[1].rate == pytest.approx(np.linalg.norm(closed, 2))
    np.testing.assert_allclose(profile.plant_mean[51:] / profile.plant_mean[50:-1], 0.9, rtol=1e-9)


def test_an_unstable_loop_doubles_errors_at_its_horizon(linear) -> None:
    measured = linear("rnn", steps=300, scale=0.6)
    steps, network = LoopSteps(measured.network), measured.network
    p, plant = network.parameters, LinearPlant
    through = plant.by_command @ p["readout.weight"]
    joint = np.block([
        [plant.by_state + through @ p["weight_ih_l0"], through @ p["weight_hh_l0"]],
        [p["weight_ih_l0"], p["weight_hh_l0"]],
    ])  # fmt: skip
    np.testing.assert_allclose(steps.jacobian(5), np.tile(joint, (3, 1, 1)), rtol=1e-12)
    sizes = np.sort(np.abs(np.linalg.eigvals(joint)))[::-1]
    assert sizes[0] > 1.0
    found = lyapunov_spectrum(steps)
    assert found.exponents[0] == pytest.approx(np.log(sizes[0]), abs=1e-2)
    assert found.exponents.sum() == pytest.approx(np.linalg.slogdet(joint)[1], rel=1e-9)
    assert found.horizon == pytest.approx(np.log(2) / found.exponents[0])


def test_the_controllers_own_weights_have_their_spectra() -> None:
    for cell, names in {"rnn": "h", "lstm": "ifgo", "gru": "rzn"}.items():
        measured = make(cell)
        found = dynamics(measured)
        assert "".join(one.gate for one in found.weights) == names
        block = measured.network.parameters["weight_hh_l0"][:4]
        values = np.linalg.svd(block, compute_uv=False)
        np.testing.assert_allclose(found.weights[0].singular_values, values)
        assert found.state == (("s", "h", "c") if cell == "lstm" else ("s", "h"))
        assert (
            len(found.lyapunov.exponents)
            == len(found.loop.eigenvalues)
            == 2 + 4 * (2 if cell == "lstm" else 1)
        )
    layers = weight_spectra(make("feedforward").network)
    assert [(one.gate, len(one.eigenvalues)) for one in layers] == [("l1", 0), ("l2", 0)]


def test_gates_and_units_are_the_controllers() -> None:
    for cell, gates in {"rnn": "", "lstm": "ifo", "gru": "rz"}.items():
        measured = make(cell)
        (layer,) = measure_units(measured).layers
        controller = measured.network.controller
        np.testing.assert_array_equal(layer.hidden, controller.states("h")[1:, 0])
        assert "".join(gate.name for gate in layer.gates) == gates
        for gate in layer.gates:
            values = controller.gate_values()[gate.name]
            np.testing.assert_allclose(gate.mean, values.mean(axis=(1, 2)))
    measured = make("feedforward", activation="relu")
    found = measure_units(measured)
    assert [layer.hidden.shape for layer in found.layers] == [(7, 5), (7, 4)]
    hidden = measured.network.controller.values()[1]
    dead = (hidden == 0.0).all(axis=(0, 1))
    assert found.layers[0].dead.tolist() == dead.tolist()
    assert found.axis == "timestep"
    assert list(found.gradients) == list(measured.network.parameters)
