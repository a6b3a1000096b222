"""The digits as sequences of rows: the same images, the same split, the same matrix."""

from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.tasks.digit_rows import DigitRows
from gradexplorer.tasks.digits import Digits


@pytest.fixture(scope="module")
def tasks() -> tuple[DigitRows, Digits]:
    return DigitRows(), Digits()


def test_a_step_is_a_row_of_the_image(tasks) -> None:
    rows, whole = tasks
    for one, other in (
        (rows.draw(np.random.default_rng(3), 7), whole.draw(np.random.default_rng(3), 7)),
        (rows.draw_held_out(None), whole.draw_held_out(None)),
    ):
        count = one.inputs.shape[1]
        assert one.inputs.shape == (8, count, 8)
        for step in range(8):
            image_rows = other.inputs[0].reshape(count, 8, 8)[:, step]
            np.testing.assert_array_equal(one.inputs[step], image_rows)
        np.testing.assert_array_equal(one.targets, other.targets)
    assert list(rows.loss_steps) == [7]
    assert rows.held_out_size == 360


def test_it_is_shown_as_the_digits_are(tasks) -> None:
    rows, whole = tasks
    outputs = np.random.default_rng(0).normal(size=(1, 360, 10))
    one = rows.report(rows.draw_held_out(None), outputs, None)
    other = whole.report(whole.draw_held_out(None), outputs, None)
    assert one.figures == other.figures
    for name, values in vars(other.view).items():
        np.testing.assert_array_equal(getattr(one.view, name), values)
    assert rows.baselines == whole.baselines
