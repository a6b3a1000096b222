"""Buffers outlive an update: the next one allocates nothing that grows with the window."""

from __future__ import annotations

import tracemalloc

import pytest

from tests.engine.helpers import Case, Problem

HIDDEN, SHORT, LONG = 16, 1100, 1800


def peak_of_second_update(cell: str, depth: int, steps: int) -> int:
    case = Case(cell, depth=depth, steps=steps, hidden=HIDDEN, loss_steps=tuple(range(steps)))
    problem = Problem(case)
    loss, plan = problem.forward(), problem.plan()
    tracemalloc.start()
    try:
        for _ in range(2):
            tracemalloc.reset_peak()
            before, _ = tracemalloc.get_traced_memory()
            problem.network.forward(problem.inputs, slice(None), problem.state)
            problem.network.backward(loss.d_outputs, plan)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_an_update_after_the_first_allocates_nothing_that_grows_with_t(cell, depth):
    grown = peak_of_second_update(cell, depth, LONG) - peak_of_second_update(cell, depth, SHORT)
    one_number_a_step = 8 * (LONG - SHORT)
    assert grown < one_number_a_step  # an array of (T, B, H) would be 32 times that
