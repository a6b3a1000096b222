"""Controller and plant in one loop, against PyTorch, finite differences and the other networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from gradexplorer.engine.closed_loop import ClosedLoopNetwork
from gradexplorer.engine.gradient_check import check_directions
from gradexplorer.engine.losses import mean_squared_error
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.plants import Pendulum
from gradexplorer.engine.truncation import backward_plan
from tests.engine.helpers import assert_same

FOLDER = Path(__file__).parents[1] / "reference"
CASES = sorted(path.stem for path in FOLDER.glob("closed-loop-*.npz"))
SCALES = (1.0, 0.9, 0.4, 0.3)
CELLS = ["rnn", "lstm", "gru", "feedforward"]


def make(cell: str, *widths: int, dtype: type = np.float64, **options) -> ClosedLoopNetwork:
    """Return a network with random weights."""
    network = ClosedLoopNetwork("pendulum", SCALES, cell, widths or (4,), dtype, **options)
    flat = network.parameters.flat
    flat[...] = 0.7 * np.random.default_rng(0).standard_normal(flat.size)
    return network


def starts(steps: int, batch: int, dtype: type = np.float64) -> np.ndarray:
    inputs = np.zeros((steps, batch, 2), dtype)
    inputs[0] = np.random.default_rng(1).uniform(-2.0, 2.0, (batch, 2))
    return inputs


def upright(steps: int, batch: int) -> np.ndarray:
    return np.tile([1.0, 0.0, 0.0, 0.0], (steps, batch, 1))


def run(network: ClosedLoopNetwork, inputs: np.ndarray, k1=None, k2=None, state=None) -> float:
    steps, batch = inputs.shape[:2]
    loss = mean_squared_error(
        network.forward(inputs, slice(0, steps), state), upright(steps, batch)
    )
    network.backward(loss.d_outputs, backward_plan(steps, range(steps), k1, k2))
    return loss.value


def test_no_stored_case_is_missing():
    assert len(CASES) == 9


@pytest.mark.parametrize("name", CASES)
def test_gradients_are_pytorchs(name):
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as file:
        arrays = dict(file)
    given, state, expected = (
        {key.removeprefix(prefix): array for key, array in arrays.items() if prefix in key}
        for prefix in ("given.", "state.", "expected.")
    )
    _, _, kind, *truncation = name.split("-")
    cell, _, activation = kind.partition(".")
    widths = (5, 4) if cell == "feedforward" else (4,)
    network = make(
        cell,
        *widths,
        activation=activation or "tanh",
        learns_initial_state=name.endswith("learned"),
    )
    assert network.parameters.shapes.keys() == given.keys() - {"inputs", "targets"}
    for key, view in network.parameters.items():
        view[...] = given[key]
    steps, batch, _ = given["inputs"].shape
    k1, k2 = (None, None) if "full" in truncation else (int(truncation[1]), int(truncation[3]))
    outputs = network.forward(given["inputs"], slice(0, steps), state or None)
    loss = mean_squared_error(outputs, given["targets"])
    network.backward(loss.d_outputs, backward_plan(steps, range(steps), k1, k2))
    assert_same(outputs, expected["outputs"])
    assert loss.value == pytest.approx(float(expected["loss"]), rel=1e-10)
    for key, gradient in network.gradients.items():
        assert_same(gradient, expected[key])
    signals = [key for key in ("ds", "dy", "dh", "dc") if key in expected]
    for key in signals:
        assert_same(network.signal(key), expected[key])
    norms = network.gradient_norms()
    assert_same(norms.dx, batch * np.linalg.norm(expected["ds"], axis=2))
    assert_same(norms.dy, batch * np.linalg.norm(expected["dy"], axis=2))
    assert_same(norms.layers[0].dh, batch * np.linalg.norm(expected["dh"], axis=2))


def test_the_script_still_makes_the_stored_values():
    pytest.importorskip("torch")
    from tests.reference import make_closed_loop_reference

    made = make_closed_loop_reference.references()
    assert sorted(made) == CASES
    for name, arrays in made.items():
        with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as stored:
            assert sorted(stored) == sorted(arrays)
            for key, values in arrays.items():
                assert_same(values, stored[key], 1e-9)


@pytest.mark.parametrize("cell", CELLS)
def test_gradients_are_the_slopes_of_the_loss(cell):
    """Of parameters and of x_t, which enters the plant's state: so of that state, too."""
    network, inputs = make(cell, *((6, 4) if cell == "feedforward" else (4,))), starts(12, 3)
    generator, flat = np.random.default_rng(2), network.parameters.flat
    run(network, inputs)
    gradient, by_state = network.gradients.flat.copy(), network.signal("ds").copy()
    point = flat.copy()

    def of_weights(values: np.ndarray) -> float:
        flat[...] = values
        return run(network, inputs)

    check_directions(of_weights, point, gradient, generator)
    flat[...] = point
    check_directions(lambda x: run(network, x), inputs, by_state, generator)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_controller_computes_what_the_same_layer_does_elsewhere(cell):
    """Given what it saw; and its gradients there, given what came back from its commands."""
    network, steps, batch = make(cell, learns_initial_state=True), 8, 3
    run(network, starts(steps, batch))
    other = RecurrentNetwork(cell, 3, 4, 1, np.float64, learns_initial_state=True)
    other.parameters.flat[...] = network.parameters.flat
    seen = network.plant.see(network.plant_states)
    commands = other.forward(seen, slice(0, steps))
    assert_same(commands, network._commands)
    other.backward(network.signal("dy"), backward_plan(steps, range(steps)))
    for name, gradient in other.gradients.items():
        assert_same(network.gradients[name], gradient)
    for name in network.controller.signals():
        assert_same(network.signal(name), other.signal(name))
    gates, elsewhere = network.controller.gate_values(), other.layer.gate_values()
    assert list(gates) == list(elsewhere)
    for name, values in gates.items():
        assert_same(values, elsewhere[name])


def test_a_state_may_be_carried_into_the_next_window():
    for cell in CELLS:
        network, inputs = make(cell), starts(10, 2)
        whole = network.forward(inputs, slice(0, 10)).copy()
        network.forward(inputs[:6], slice(0, 6))
        state = {name: part.copy() for name, part in network.state_after(6).items()}
        assert set(state) == set(network.state_names)
        assert_array_equal(network.forward(inputs[6:], slice(0, 4), state), whole[6:])


def test_a_twin_shares_the_weights_and_nothing_else():
    for cell in CELLS:
        network, inputs = make(cell), starts(5, 2)
        outputs = network.forward(inputs, slice(0, 5)).copy()
        twin = network.twin()
        assert_array_equal(twin.forward(inputs, slice(0, 5)), outputs)
        before = network.state_after(5)["s"].copy()
        twin.forward(2.0 * inputs, slice(0, 5))
        assert_array_equal(network.state_after(5)["s"], before)
        network.parameters.flat[...] = 0.0
        assert not twin.forward(inputs, slice(0, 5))[..., 3].any()


def test_a_copy_has_weights_of_its_own_in_its_own_precision():
    for cell in CELLS:
        network, inputs = make(cell), starts(5, 2)
        copy = network.copy(np.float32)
        found = copy.forward(inputs.astype(np.float32), slice(0, 5))
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, network.forward(inputs, slice(0, 5)), atol=1e-4)
        network.parameters.flat[...] = 0.0
        assert copy.parameters.flat.all()


def test_the_parts_of_a_states_gradient_add_up():
    network = make("gru")
    run(network, starts(9, 3))
    ds, flow, from_h = (network.signal(name) for name in ("ds", "flow_s", "ds_from_h"))
    jacobians = network.jacobians()
    own = np.einsum("tbn,tbnm->tbm", ds[1:], jacobians.next_by_state[:-1])
    assert_same(flow[:-1], own)
    assert not flow[-1].any()
    assert abs(ds - flow - from_h).max() > 0.0  # the loss's own part


def test_truncation_cuts_plant_and_controller():
    network = make("lstm")
    inputs = starts(12, 2)
    run(network, inputs, 4, 4)
    cut = network.signal("ds").copy()
    for start in (0, 4, 8):  # each chunk by itself, from where the whole run came
        assert not network.signal("flow_s")[start + 3].any()
        assert not network.signal("flow_h")[start + 3].any()
        assert not network.signal("flow_c")[start + 3].any()
    run(network, inputs)
    assert_same(network.signal("ds")[8:], cut[8:])
    assert abs(network.signal("ds")[:4] - cut[:4]).max() > 1e-6


def test_float32_computes_in_float32():
    for cell in CELLS:
        network = make(cell, dtype=np.float32)
        inputs = starts(6, 2, np.float32)
        outputs = network.forward(inputs, slice(0, 6))
        targets = upright(6, 2).astype(np.float32)
        network.backward(mean_squared_error(outputs, targets).d_outputs, backward_plan(6, range(6)))
        assert outputs.dtype == np.float32
        assert network.signal("ds").dtype == network.signal("dh").dtype == np.float32
        double = make(cell)
        run(double, inputs.astype(np.float64))
        assert_same(network.gradients.flat, double.gradients.flat, 1e-3)


@pytest.fixture(scope="module")
def gymnasium() -> dict[str, np.ndarray]:
    """See tests/reference/make_pendulum_reference.py."""
    with np.load(FOLDER / "pendulum-gymnasium.npz", allow_pickle=False) as file:
        return dict(file)


def commands_for(torques: np.ndarray) -> np.ndarray:
    return np.arctanh(np.clip(torques / 2.0, -1.0 + 1e-15, 1.0 - 1e-15))[..., None]


def test_the_pendulum_is_gymnasiums(gymnasium):
    plant, states = Pendulum(), gymnasium["states"]
    commands = commands_for(gymnasium["torques"])
    assert (np.abs(states[:, :, 1]) == 8.0).any()  # it meets its limit
    np.testing.assert_allclose(plant.step(states[:-1], commands), states[1:], atol=1e-12)
    state = states[0]
    for t, command in enumerate(commands):
        state = plant.step(state, command)
        np.testing.assert_allclose(state, states[t + 1], atol=1e-6)
    # These are float32.
    np.testing.assert_allclose(plant.see(states), gymnasium["observations"], atol=1e-6)


def test_what_is_measured_is_what_gymnasium_charges_for(gymnasium):
    """Its cost from the angle, the rate and the torque that are measured."""
    states, torques = gymnasium["states"][:-1], gymnasium["torques"]
    measured = Pendulum().measure(states, commands_for(torques))
    cosine, sine, rate, torque = np.moveaxis(measured, -1, 0)
    cost = np.arctan2(sine, cosine) ** 2 + 0.1 * rate**2 + 0.001 * torque**2
    np.testing.assert_allclose(-cost, gymnasium["rewards"], atol=1e-9)


def test_the_pendulums_jacobians_are_its_slopes():
    generator = np.random.default_rng(3)
    plant, small = Pendulum(), 1e-6
    states = generator.uniform(-3.0, 3.0, (20, 2, 2))
    states[::4, 0, 1] = 7.95
    commands = generator.standard_normal((20, 2, 1))
    found = plant.jacobians(states, commands)
    for column in range(2):
        change = small * np.eye(2)[column]
        for function, jacobian in (
            (lambda s: plant.step(s, commands), found.next_by_state),
            (plant.see, found.seen_by_state),
            (lambda s: plant.measure(s, commands), found.measured_by_state),
        ):
            slope = (function(states + change) - function(states - change)) / (2.0 * small)
            np.testing.assert_allclose(jacobian[..., column], slope, atol=1e-8)
    for function, jacobian in (
        (plant.step, found.next_by_command),
        (plant.measure, found.measured_by_command),
    ):
        slope = function(states, commands + small) - function(states, commands - small)
        np.testing.assert_allclose(jacobian[..., 0], slope / (2.0 * small), atol=1e-8)
    clipped = np.abs(plant._unclipped(states, commands)) > 8.0
    assert clipped.any()
    assert not found.next_by_state[clipped][:, 1].any()
