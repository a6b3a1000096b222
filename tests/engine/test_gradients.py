"""The engine's gradients against finite differences, explicit Jacobians and live PyTorch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given

from gradexplorer.engine.gradient_check import check_components, check_directions
from gradexplorer.engine.truncation import backward_plan
from tests.engine.helpers import (
    Case,
    Problem,
    assert_all_equal,
    assert_same,
    cases,
    examples,
)
from tests.engine.jacobians import truncated_gradients

EVERY = tuple(range(6))
CORNERS = [
    Case(cell, loss, loss_steps=loss_steps, k1=k1, k2=k2)
    for cell in ("rnn", "lstm")
    for loss, loss_steps, k1, k2 in [
        ("binary_cross_entropy", (1, 4, 5), 2, 3),
        ("mean_squared_error", EVERY, 1, 1),
        ("mean_squared_error", EVERY, 2, 5),
        ("softmax_cross_entropy", (5,), 4, 4),
        ("softmax_cross_entropy", (0, 2, 3), 2, 3),
    ]
]
CORNERS += [
    Case(cell, steps=1, batch=1, inputs=1, hidden=1, outputs=1, loss_steps=(0,), k1=k1, k2=k2)
    for cell in ("rnn", "lstm")
    for k1, k2 in [(None, None), (1, 1), (2, 3)]
]


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
        check_components(loss, weights, network.gradients[name])
        view[...] = weights


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_full_gradient_of_a_larger_network_along_random_directions(cell):
    problem = Problem(Case(cell, steps=20, batch=4, hidden=16, loss_steps=(3, 11, 19)))
    flat = problem.network.parameters.flat
    flat *= 0.3  # as drawn, so large a network is chaotic
    problem.run()

    def loss(values):
        flat[...] = values
        return problem.forward().value

    check_directions(
        loss, flat.copy(), problem.network.gradients.flat, np.random.default_rng(1), directions=10
    )


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
    has_cell_state = case.cell == "lstm"
    for name in ["dh", "flow_h"] + ["dc", "flow_c"] * has_cell_state:
        assert_same(network.layer.signal(name), expected[name])
    norms = network.gradient_norms()
    for name in ["dh", "flow_h", "dy", "dx"] + ["dc", "flow_c", "dc_from_h"] * has_cell_state:
        assert_same(getattr(norms, name), np.linalg.norm(expected[name], axis=2) * case.batch)


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
        case.cell,
        {
            "mean_squared_error": "mse",
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
    for name in [*problem.network.parameters, "dh"] + ["dc"] * (case.cell == "lstm"):
        assert_same(results[name], expected[name])
    for name in ("dh", "dx") + ("dc",) * (case.cell == "lstm"):
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


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_with_k2_of_one_nothing_flows_along_the_recurrent_edges(cell):
    problem = Problem(Case(cell, loss_steps=EVERY, k1=1, k2=1))
    loss = problem.run()
    results = problem.results()
    assert not results["flow_h"].any()
    local = loss.d_outputs @ problem.network.parameters["readout.weight"]
    assert_same(results["dh"], local, 1e-14)
    if cell == "lstm":
        assert not results["flow_c"].any()
