"""Records of the backward pass, weights shared and exchanged, and both precisions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from gradexplorer.engine.clipping import global_norm
from gradexplorer.engine.network import RecurrentNetwork
from tests.engine.helpers import (
    Case,
    Problem,
    assert_all_equal,
    assert_same,
    cases,
    examples,
    network_norms,
)

EVERY = tuple(range(6))
both_cells = pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])


@given(cases(truncated=True))
@examples
def test_dh_is_what_came_from_the_next_step_and_from_the_readout(case):
    problem = Problem(case)
    loss = problem.run()
    network = problem.network
    local = np.zeros_like(network.signal("dh"))
    local[list(case.loss_steps)] = loss.d_outputs @ network.parameters["readout.weight"]
    assert_same(network.signal("from_above"), local, 1e-14)
    assert_same(network.signal("dh"), network.signal("flow_h") + local, 1e-14)
    norms = np.linalg.norm(local[list(case.loss_steps)], axis=2) * case.batch
    assert_same(network.gradient_norms().flow_y, norms)


@given(cases(truncated=True).filter(lambda case: case.cell == "lstm"))
@examples
def test_dc_is_what_came_from_the_next_step_and_from_h(case):
    problem = Problem(case)
    problem.run()
    network = problem.network
    for index, layer in enumerate(network.layers):
        h, c = (layer.states(name)[1:] for name in ("h", "c"))
        o = h / np.tanh(c)
        from_h = network.signal("dh", index) * o * (1.0 - np.tanh(c) ** 2)
        assert_same(network.signal("dc_from_h", index), from_h)
        assert_same(network.signal("dc", index), network.signal("flow_c", index) + from_h)


@both_cells
@pytest.mark.parametrize("loss", ["mean_squared_error", "softmax_cross_entropy"])
def test_norms_are_of_each_sequences_own_loss(cell, loss):
    problem = Problem(Case(cell, loss=loss, batch=3, loss_steps=(1, 4, 5), k1=2, k2=4))
    problem.run()
    together = problem.results()
    for index in range(3):
        alone = problem.one_sequence(index)
        alone.run()
        for name, norms in alone.results().items():
            if name.startswith("norms."):
                assert_same(together[name][:, [index]], norms)


@both_cells
def test_norms_of_a_batch_twice_over_are_the_same(cell):
    once, twice = Problem(Case(cell)), Problem(replace(Case(cell), batch=4))
    twice.network.parameters.flat[...] = once.network.parameters.flat
    twice.inputs = np.tile(once.inputs, (1, 2, 1))
    twice.targets = np.tile(once.targets, (1, 2, 1))
    twice.state = {name: np.tile(part, (2, 1)) for name, part in once.state.items()}
    assert once.run().value == pytest.approx(twice.run().value, rel=1e-14)
    expected, actual = once.results(), twice.results()
    for name in expected:
        if name.startswith("norms."):
            assert_same(actual[name], np.tile(expected[name], (1, 2)))


@both_cells
@pytest.mark.parametrize(
    ("dtype", "scale"),
    [
        (np.float32, 1e-25),
        (np.float32, 1e-16),
        (np.float32, 1e25),
        (np.float64, 1e-200),
        (np.float64, 1e200),
    ],
)
def test_norms_hold_where_squares_leave_the_range(cell, dtype, scale):
    case = Case(cell, loss_steps=EVERY)
    expected, problem = Problem(case), Problem(case, dtype)
    loss = expected.run()
    problem.forward()
    problem.network.backward((loss.d_outputs * scale).astype(dtype), problem.plan())
    tolerance = 1e-4 if dtype is np.float32 else 1e-12
    measured = network_norms(problem.network)
    for name, norms in network_norms(expected.network).items():
        np.testing.assert_allclose(measured[name] / scale, norms, rtol=tolerance)
    actual = global_norm(problem.network.gradients.flat) / scale
    assert actual == pytest.approx(global_norm(expected.network.gradients.flat), rel=tolerance)


@both_cells
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_norms_tell_what_is_not_finite(cell, bad):
    problem = Problem(Case(cell, loss_steps=EVERY))
    loss = problem.forward()
    loss.d_outputs[3, 0, 0] = bad
    with np.errstate(invalid="ignore"):
        problem.network.backward(loss.d_outputs, problem.plan())
        norms = problem.network.gradient_norms()
    dh = norms.layers[0].dh
    assert np.isfinite(dh[4:]).all()
    assert np.isfinite(dh[:, 1]).all()
    assert not np.isfinite(dh[:4, 0]).any()
    assert not np.isfinite(norms.flow_y[3, 0])
    assert not np.isfinite(global_norm(problem.network.gradients.flat))


@both_cells
def test_norms_are_of_the_weights_that_the_backward_pass_saw(cell):
    problem = Problem(Case(cell))
    problem.run()
    before = problem.results()
    problem.network.parameters.flat[...] *= 2.0
    assert_all_equal(problem.results(), before)


@both_cells
def test_weights_interchange_with_pytorch(cell):
    torch = pytest.importorskip("torch")
    case = Case(cell, depth=3, batch=3, inputs=4, hidden=5, outputs=2, loss_steps=EVERY)
    problem = Problem(case)
    weights = {name: torch.from_numpy(part) for name, part in problem.network.parameters.items()}
    readout = torch.nn.Linear(5, 2).double()
    readout.load_state_dict({name: weights.pop(f"readout.{name}") for name in ("weight", "bias")})
    kind = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell]
    layer = kind(4, 5, num_layers=3).double()
    layer.load_state_dict(weights)
    state = [
        torch.from_numpy(np.stack([problem.state[f"{name}_l{index}"] for index in range(3)]))
        for name in problem.network.layer.state_names
    ]
    with torch.no_grad():
        hidden, _ = layer(
            torch.from_numpy(problem.inputs), tuple(state) if cell == "lstm" else state[0]
        )
        expected = readout(hidden).numpy()
    outputs = problem.network.forward(problem.inputs, slice(None), problem.state)
    assert_same(outputs, expected, 1e-12)


@both_cells
def test_outputs_are_those_at_the_loss_steps_however_these_are_told(cell):
    problem = Problem(Case(cell))
    every = problem.network.forward(problem.inputs, slice(None), problem.state)
    as_slice = problem.network.forward(problem.inputs, slice(2, 5), problem.state).copy()
    as_array = problem.network.forward(problem.inputs, np.array([2, 3, 4]), problem.state)
    assert_same(as_slice, as_array, 1e-14)
    assert_same(as_slice, every[2:5], 1e-14)


@both_cells
def test_a_twin_shares_weights_but_no_window(cell):
    problem = Problem(Case(cell))
    problem.run()
    before = problem.results()
    twin = problem.network.twin()
    twin.forward(2.0 * problem.inputs[:, :1], slice(None))
    twin.gradients.flat.fill(7.0)
    assert_all_equal(problem.results(), before)

    problem.network.parameters.flat *= 0.5
    outputs = problem.network.forward(problem.inputs, slice(None), problem.state)
    assert_same(twin.forward(problem.inputs, slice(None), problem.state), outputs, 1e-14)


@given(cases(truncated=True))
@examples
def test_precisions_agree(case):
    double, single = Problem(case), Problem(case, np.float32)
    assert single.run().value == pytest.approx(double.run().value, rel=1e-4, abs=1e-6)
    expected, actual = double.results(), single.results()
    for name, values in expected.items():
        kind = np.float64 if name.startswith("norms.") else np.float32
        assert actual[name].dtype == kind
        np.testing.assert_allclose(
            actual[name], values, rtol=1e-3, atol=1e-4 * max(1.0, np.abs(values).max())
        )


@given(cases(truncated=True))
@examples
def test_the_same_call_gives_the_same_bits(case):
    problem = Problem(case)
    first_loss, first = problem.run(), problem.results()
    second_loss, second = problem.run(), problem.results()
    assert first_loss.value == second_loss.value
    assert_all_equal(second, first)


def test_an_unknown_cell_is_an_error():
    with pytest.raises(KeyError, match="tanh"):
        RecurrentNetwork("tanh", 1, 1, 1)
