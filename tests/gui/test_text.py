"""Numbers as a person reads them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradexplorer.gui.text import duration, magnitude, rate


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (math.nan, "NaN"), (math.inf, "infinite"), (0.0, "0 exactly"), (-0.0, "0 exactly"),
        (1.0, "1"), (0.5, "0.5"), (0.123456, "0.123"), (1e-3, "0.001"), (9.99e-4, "9.99·10⁻⁴"),
        (999.9, "1,000"), (1234.0, "1,234"), (1e5, "1.00·10⁵"), (5e-324, "4.94·10⁻³²⁴"),
        (-0.25, "-0.25"),
    ],
)  # fmt: skip
def test_magnitude(value, text):
    assert magnitude(value) == text


@given(st.floats())
def test_any_magnitude_is_short(value):
    assert 1 <= len(magnitude(value)) <= 12


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (61.0, "1 min 01 s"),
        (3599.0, "59 min 59 s"), (3600.0, "1 h 00 min"), (3660.0, "1 h 01 min"),
        (360_000.0, "100 h 00 min"),
    ],
)  # fmt: skip
def test_duration(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("speed", "text"), [(0.25, "0.2/s"), (9.99, "10.0/s"), (10.0, "10/s"), (12345.6, "12,346/s")]
)
def test_rate(speed, text):
    assert rate(speed) == text
