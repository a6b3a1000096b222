"""The engine's gradients against finite differences, explicit Jacobians and live PyTorch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given

from gradexplorer.engine.gradient_check import STEP, check_components, check_directions
from gradexplorer.engine.truncation import backward_plan
from tests.engine.helpers import (
    Case,
    Problem,
    assert_all_equal,
    assert_same,
    cases,
    examples,
    signal_names,
)
from tests.engine.jacobians import truncated_gradients

EVERY = tuple(range(6))
CELLS = [("rnn", "tanh"), ("rnn", "relu"), ("rnn", "linear"), ("rnn", "sigmoid")]
CELLS += [("lstm", "tanh"), ("gru", "tanh")]
CORNERS = [
    Case(cell, activation, depth, loss, loss_steps=loss_steps, k1=k1, k2=k2, has_state=False)
    for cell, activation in CELLS
    for depth in (1, 2, 4)
    for loss, loss_steps, k1, k2 in [
        ("binary_cross_entropy", (1, 4, 5), 2, 3),
        ("mean_squared_error", EVERY, 1, 1),
        ("mean_squared_error", EVERY, 2, 5),
        ("softmax_cross_entropy", (5,), 4, 4),
        ("softmax_cross_entropy", (0, 2, 3), 2, 3),
    ]
]
CORNERS += [
    Case(
        cell,
        activation,
        steps=1,
        batch=1,
        inputs=1,
        hidden=1,
        outputs=1,
        loss_steps=(0,),
        k1=k1,
        k2=k2,
    )
    for cell, activation in CELLS
    for k1, k2 in [(None, None), (1, 1), (2, 3)]
]


def difference_step(case):
    """Return a step that is small where a kink might lie within it."""
    return 1e-6 if case.activation == "relu" else STEP


@given(cases(truncated=False))
@examples
def test_full_gradient_equals_central_differences(case):
    problem = Problem(case)
    problem.run()
    network = problem.network
    for name, view in network.parameters.items():

        def loss(values, view=view):
            view[...] = values
            return problem.forward().value

        weights = view.copy()
        check_components(loss, weights, network.gradients[name], step=difference_step(case))
        view[...] = weights


@pytest.mark.parametrize("depth", [1, 4])
@pytest.mark.parametrize(("cell", "activation"), CELLS)
def test_full_gradient_of_a_larger_network_along_random_directions(cell, activation, depth):
    case = Case(cell, activation, depth, steps=20, batch=4, hidden=16, loss_steps=(3, 11, 19))
    problem = Problem(replace(case, has_state=False, learned=True))
    flat = problem.network.parameters.flat
    flat *= 0.3  # as drawn, so large a network is chaotic
    problem.run()

    def loss(values):
        flat[...] = values
        return problem.forward().value

    gradient, generator = problem.network.gradients.flat, np.random.default_rng(1)
    step = difference_step(case)
    check_directions(loss, flat.copy(), gradient, generator, directions=10, step=step)


@pytest.mark.parametrize("case", CORNERS)
def test_truncated_gradient_equals_explicit_jacobians_in_the_corners(case):
    assert_equals_jacobians(case)


@given(cases(truncated=True))
@examples
def test_truncated_gradient_equals_explicit_jacobians(case):
    assert_equals_jacobians(case)


def assert_equals_jacobians(case):
    problem = Problem(case)
    problem.run()
    network, expected = problem.network, truncated_gradients(problem)
    for name, gradient in network.gradients.items():
        assert_same(gradient, expected[name])
    results = problem.results()
    signals = [f"{name}_l{k}" for name in signal_names(case.cell) for k in range(case.depth)]
    for name in signals:
        assert_same(results[name], expected[name])
    for name in [*signals, "dy", "dx"]:
        norms = np.linalg.norm(expected[name], axis=2) * case.batch
        assert_same(results[f"norms.{name}"], norms)


@given(cases(truncated=True))
@example(Case("lstm", loss_steps=EVERY, k1=None, k2=None))
@examples
def test_truncated_gradient_equals_pytorch(case):
    pytest.importorskip("torch")
    from tests.reference import make_reference

    problem = Problem(case)
    loss = problem.run()
    arrays = {
        **problem.network.parameters,
        "inputs": problem.inputs,
        "targets": problem.targets,
        "loss_steps": np.array(case.loss_steps),
    }
    expected = make_reference.truncated_bptt(
        f"{case.cell}.{case.activation}.{case.depth}",
        {
            "mean_squared_error": "mse",
            "masked_mean_squared_error": "mse",
            "softmax_cross_entropy": "xent",
            "binary_cross_entropy": "bce",
        }[case.loss],
        arrays,
        problem.state or {},
        case.k1,
        case.k2,
    )
    results = problem.results()
    assert loss.value == pytest.approx(float(expected["loss"]), rel=1e-12, abs=1e-15)
    signals = [name for name in results if name[:4] in ("dh_l", "dc_l")]
    for name in [*problem.network.parameters, *signals]:
        assert_same(results[name], expected[name])
    for name in ["dx", *signals]:
        norms = np.linalg.norm(expected[name], axis=2) * case.batch
        assert_same(results[f"norms.{name}"], norms)


@given(cases(truncated=False))
@examples
def test_truncation_beyond_the_window_is_full_bptt_to_the_bit(case):
    problem = Problem(case)
    loss = problem.run()
    full = problem.results()
    for k1, k2 in [(None, case.steps), (1, case.steps), (2, case.steps + 3)]:
        plan = backward_plan(case.steps, case.loss_steps, k1, max(k2, k1 or 1))
        problem.network.backward(loss.d_outputs, plan)
        assert_all_equal(problem.results(), full)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_with_k2_of_one_nothing_flows_along_the_recurrent_edges(cell):
    problem = Problem(Case(cell, depth=2, loss_steps=EVERY, k1=1, k2=1))
    loss = problem.run()
    results = problem.results()
    local = loss.d_outputs @ problem.network.parameters["readout.weight"]
    assert_same(results["dh_l1"], local, 1e-14)
    for name in ("flow_h_l0", "flow_h_l1") + ("flow_c_l0", "flow_c_l1") * (cell == "lstm"):
        assert not results[name].any()
