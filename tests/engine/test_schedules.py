from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gradexplorer.engine.schedules import constant, cosine, step, warmed_up

STORED = Path(__file__).parents[1] / "reference" / "schedules.npz"
SCHEDULES = {
    "constant": constant,
    "step": step(7, 0.4),
    "cosine": cosine(30, 0.1),
    "warm-up": warmed_up(8, 0.2, constant),
    "warm-up, step": warmed_up(8, 0.2, step(7, 0.4)),
    "warm-up, cosine": warmed_up(8, 0.2, cosine(30, 0.1)),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_fifty_updates_equal_pytorch(name):
    with np.load(STORED, allow_pickle=False) as reference:
        assert set(reference) == set(SCHEDULES)
        expected = reference[name]
    assert len(expected) == 50
    factors = [SCHEDULES[name](update) for update in range(50)]
    np.testing.assert_allclose(factors, expected, rtol=1e-9, atol=1e-12)


def test_a_cosine_falls_from_one_through_the_middle_to_its_floor():
    factor = cosine(10, 0.2)
    assert [factor(0), factor(5), factor(10)] == pytest.approx([1.0, 0.6, 0.2], rel=1e-14)


def test_a_step_by_hand():
    assert [step(2, 0.5)(update) for update in range(5)] == [1.0, 1.0, 0.5, 0.5, 0.25]


def test_a_step_that_has_gone_to_zero_stays_there():
    assert step(1, 0.0)(3) == 0.0
    assert step(1, 0.1)(100_000) == 0.0
