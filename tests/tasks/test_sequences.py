"""What the tasks that show some of their sequences share."""

from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.tasks.sequences import few, softmax


@pytest.mark.parametrize(
    ("length", "sequences", "shown"), [(50, 128, 8), (50, 3, 3), (20_000, 9, 1)]
)
def test_the_longer_the_fewer_are_shown(length: int, sequences: int, shown: int) -> None:
    assert few(length, sequences) == shown


def test_logits_of_any_size_are_probabilities() -> None:
    logits = np.array([[0.0, np.log(3.0)], [1e30, -1e30], [-1e30, -1e30]])
    np.testing.assert_allclose(softmax(logits), [[0.25, 0.75], [1.0, 0.0], [0.5, 0.5]], rtol=1e-6)
    assert np.isnan(softmax(np.array([np.nan, 0.0]))).all()
    assert np.isnan(softmax(np.array([np.inf, 0.0]))).any()
