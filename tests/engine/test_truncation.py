from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from gradexplorer.engine.truncation import Cut, backward_plan
from tests.engine.helpers import cases, examples, reach


def planned_reach(plan, loss_step):
    """Return the first step that the plan carries a loss to; each loss must be in one span only."""
    [span] = [
        span for spans in plan.passes for span in spans if span.loss_from <= loss_step < span.stop
    ]
    return span.start


def expected_cut(case, t):
    """Follow every loss behind step t along the edge to t - 1, from the definition alone."""
    arriving = [reach(case, s) for s in case.loss_steps if s >= t and reach(case, s) <= t]
    if not any(first == t for first in arriving) or t == 0:
        return Cut.NONE
    return Cut.PARTIAL if any(first < t for first in arriving) else Cut.FULL


@given(cases(truncated=True))
@examples
def test_each_loss_goes_back_once_and_as_far_as_defined(case):
    plan = backward_plan(case.steps, case.loss_steps, case.k1, case.k2)
    assert [planned_reach(plan, s) for s in case.loss_steps] == [
        reach(case, s) for s in case.loss_steps
    ]
    bearing = [step for step, row in enumerate(plan.loss_row) if row >= 0]
    assert tuple(bearing) == case.loss_steps
    assert [plan.loss_row[step] for step in bearing] == list(range(len(bearing)))


@given(cases(truncated=True))
@examples
def test_passes_are_few_and_their_spans_run_from_last_to_first_without_overlap(case):
    plan = backward_plan(case.steps, case.loss_steps, case.k1, case.k2)
    everywhere = [span for spans in plan.passes for span in spans]
    depth = [sum(span.start <= t < span.stop for span in everywhere) for t in range(case.steps)]
    assert len(plan.passes) == max(depth)
    for spans in plan.passes:
        edges = [edge for span in spans for edge in (span.stop, span.start)]
        assert edges == sorted(edges, reverse=True)


@given(cases(truncated=True))
@examples
def test_cuts_tell_what_truncation_does_to_each_edge(case):
    plan = backward_plan(case.steps, case.loss_steps, case.k1, case.k2)
    assert plan.cuts.tolist() == [expected_cut(case, t) for t in range(case.steps)]


@pytest.mark.parametrize(
    ("loss_steps", "k1", "k2", "cuts"),
    [
        (range(6), None, None, "000000"),
        (range(6), 2, 6, "000000"),
        (range(6), None, 2, "002020"),  # the usual detach between chunks
        (range(6), None, 4, "001000"),  # the last chunk is short and reaches into the first
        (range(6), 1, 1, "022222"),
        (range(6), 1, 3, "011100"),
        (range(5, 6), 2, 4, "002000"),  # one loss: what is cut, is cut for good
        ((1, 4), 1, 2, "000200"),
        # The first chunk's loss is at its beginning: none of it comes by where the second ends.
        ((2, 4, 5), 2, 3, "020200"),
    ],
)
def test_cuts_by_hand(loss_steps, k1, k2, cuts):
    plan = backward_plan(6, loss_steps, k1, k2)
    assert "".join(str(int(cut)) for cut in plan.cuts) == cuts


def test_cuts_are_read_only_as_plans_are_shared():
    plan = backward_plan(6, range(6), 1, 3)
    assert plan.cuts.dtype == np.uint8
    with pytest.raises(ValueError, match="read-only"):
        plan.cuts[0] = 1


@pytest.mark.parametrize(
    ("k1", "k2"),
    [(3, 2), (7, 6), (0, 2), (-1, 2), (0, None), (None, 0), (None, -1), (0, 0), (0, 9), (10, 9)],
)
def test_k1_above_k2_or_below_one_is_refused(k1, k2):
    with pytest.raises(ValueError, match=rf"1 <= k1 <= k2, got k1={k1}, k2={k2}"):
        backward_plan(6, range(6), k1, k2)
