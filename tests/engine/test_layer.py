"""Windows one after another: the state carried between them, and buffers used again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.helpers import (
    Case,
    Problem,
    assert_same,
    cases,
    examples,
)

both_cells = pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])


@given(cases(truncated=False), st.data())
@examples
def test_a_window_cut_anywhere_goes_on_where_it_was_left(case, data):
    problem = Problem(case)
    network, inputs = problem.network, problem.inputs
    whole = network.forward(inputs, slice(None), problem.state).copy()
    ends = {name: part.copy() for name, part in network.state_after(case.steps).items()}
    cuts = data.draw(st.lists(st.integers(0, case.steps), max_size=3).map(sorted), label="cuts")
    state, parts = problem.state, []
    for start, stop in zip([0, *cuts], [*cuts, case.steps], strict=True):
        if start < stop:
            parts.append(network.forward(inputs[start:stop], slice(None), state).copy())
            state = network.state_after(stop - start)  # views of what forward writes next
    assert_same(np.concatenate(parts), whole, 1e-13)
    for name, part in state.items():
        assert_same(part, ends[name], 1e-13)


@both_cells
def test_state_after_some_steps_is_that_of_a_window_which_ends_there(cell):
    problem = Problem(Case(cell))
    network = problem.network
    network.forward(problem.inputs[:4], slice(None), problem.state)
    expected = {name: part.copy() for name, part in network.state_after(4).items()}
    network.forward(problem.inputs, slice(None), problem.state)
    assert network.state_after(0).keys() == problem.state.keys()
    for name, given_state in problem.state.items():
        np.testing.assert_array_equal(network.state_after(0)[name], given_state)
        assert_same(network.state_after(4)[name], expected[name], 1e-13)


@given(st.lists(cases(truncated=True), min_size=2, max_size=4))
@examples
def test_buffers_used_again_give_what_fresh_ones_give(several):
    """T and B change from window to window, on one network."""
    networks = {}
    for case in several:
        fresh = Problem(case)
        fresh.run()
        used = Problem(case)
        key = (case.cell, case.activation, case.depth, case.learned)
        key += (case.inputs, case.hidden, case.outputs)
        used.network = networks.setdefault(key, used.network)
        used.network.parameters.flat[...] = fresh.network.parameters.flat
        used.run()
        for name, values in used.results().items():
            assert_same(values, fresh.results()[name], 1e-13)


@both_cells
def test_windows_of_changing_length_and_batch(cell):
    """As above along the path that a stream takes: shorter, longer, another batch, cut or not."""
    shared = Problem(Case(cell)).network
    for steps, batch, k1, k2 in [
        (6, 2, 1, 3),
        (3, 2, None, None),
        (5, 2, 2, 4),
        (9, 2, 1, 2),
        (4, 3, 1, 4),
        (4, 1, None, 2),
        (6, 2, None, None),
    ]:
        case = Case(cell, steps=steps, batch=batch, loss_steps=tuple(range(1, steps)), k1=k1, k2=k2)
        fresh, used = Problem(case), Problem(case)
        used.network = shared
        used.network.parameters.flat[...] = fresh.network.parameters.flat
        fresh.run()
        used.run()
        for name, values in fresh.results().items():
            assert_same(used.results()[name], values, 1e-13)


@both_cells
def test_without_a_state_a_window_starts_from_zero_again(cell):
    problem = Problem(Case(cell, has_state=False))
    first = problem.network.forward(problem.inputs, slice(None)).copy()
    np.testing.assert_array_equal(problem.network.forward(problem.inputs, slice(None)), first)
    for part in problem.network.state_after(0).values():
        assert not part.any()


@both_cells
def test_gate_values_are_what_the_states_are_made_of(cell):
    problem = Problem(Case(cell))
    problem.forward()
    layer = problem.network.layer
    gates = layer.gate_values()
    assert {"rnn": [], "lstm": ["i", "f", "g", "o"], "gru": ["r", "z", "n"]}[cell] == list(gates)
    h = layer.states("h")
    if cell == "lstm":
        c = layer.states("c")
        assert_same(gates["f"] * c[:-1] + gates["i"] * gates["g"], c[1:], 1e-13)
        assert_same(gates["o"] * np.tanh(c[1:]), h[1:], 1e-13)
    if cell == "gru":
        assert_same((1 - gates["z"]) * gates["n"] + gates["z"] * h[:-1], h[1:], 1e-13)
        into = problem.inputs @ problem.network.parameters["weight_ih_l0"][:3].T
        into += h[:-1] @ problem.network.parameters["weight_hh_l0"][:3].T
        into += sum(problem.network.parameters[f"bias_{kind}_l0"][:3] for kind in ("ih", "hh"))
        assert_same(gates["r"], 1 / (1 + np.exp(-into)), 1e-12)
