"""Classes as inputs: the same as the one-hot vectors that they stand for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given

from tests.engine.helpers import Problem, assert_all_equal, cases, examples


@given(cases(truncated=True))
@examples
def test_classes_are_one_hot_vectors_to_the_bit(case):
    wide = replace(case, inputs=case.inputs + 2)
    classes = np.random.default_rng(case.seed).integers(0, wide.inputs, (case.steps, case.batch))
    results = []
    for inputs in (np.eye(wide.inputs)[classes], classes.astype(np.uint16)):
        problem = Problem(wide)
        problem.run()  # so that the buffers have something else in them
        problem.inputs = inputs
        loss = problem.run()
        results.append({**problem.results(), "value": np.array(loss.value)})
    assert_all_equal(*results)
