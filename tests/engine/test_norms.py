from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.engine.norms import norms


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_of_every_size_side_by_side(dtype):
    limits = np.finfo(dtype)
    sizes = np.geomspace(float(limits.tiny) * 1e7, float(limits.max) / 1e7, 61)
    values = (sizes[:, None, None] * np.array([[2.0, -3.0, 6.0], [0.0, 0.0, 1.0]])).astype(dtype)
    measured = norms(values) / sizes[:, None]
    assert measured.dtype == np.float64
    np.testing.assert_allclose(measured, np.tile([7.0, 1.0], (61, 1)), rtol=4 * limits.eps)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_zero_infinity_and_nan_are_told_apart(dtype):
    values = [[0.0, 0.0], [3.0, 4.0], [1.0, -np.inf], [np.nan, 1.0], [np.inf, np.nan]]
    np.testing.assert_array_equal(
        norms(np.array(values, dtype)), [0.0, 5.0, np.inf, np.nan, np.nan]
    )


def test_values_stay_as_they_are():
    values = np.full((2, 3), 1e-200)
    norms(values)
    assert (values == 1e-200).all()
