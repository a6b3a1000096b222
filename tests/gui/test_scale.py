"""The scale of gradient magnitudes: kinds, and a range that does not jump about."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gradexplorer.gui.scale import (
    BINS,
    FIXED,
    INFINITE,
    KINDS,
    NOT_A_NUMBER,
    ZERO,
    MagnitudeScale,
    kind_colors,
    viridis,
)
from gradexplorer.gui.theme import DARK, LIGHT

PATIENCE = 30
magnitudes = arrays(
    np.float64,
    st.integers(0, 20),
    elements=st.floats(0.0, 1e300) | st.sampled_from([0.0, np.nan, np.inf]),
)


def fitted(*values, mode="recent"):
    scale = MagnitudeScale()
    scale.mode = mode
    scale.reset()
    scale.fit(np.array(values))
    return scale


def span(scale):
    return scale.low, scale.high


def test_kinds_of_special_magnitudes():
    scale = fitted(1e-4, 1.0)
    found = scale.kinds(np.array([0.0, np.nan, np.inf, 1e-300, 1e300]))
    assert found.tolist() == [ZERO, NOT_A_NUMBER, INFINITE, 0, BINS - 1]


def test_kinds_rise_with_the_magnitude():
    scale = fitted(1e-4, 1.0)
    found = scale.kinds(np.logspace(scale.low, scale.high, 200))
    assert found[0] == 0
    assert found[-1] == BINS - 1
    assert set(np.diff(found)) == {0, 1}


@given(magnitudes, magnitudes)
def test_every_magnitude_has_a_kind(shown, asked):
    scale = fitted(*shown)
    kinds = scale.kinds(asked)
    assert kinds.shape == asked.shape
    assert np.all((kinds >= 0) & (kinds < KINDS))


@given(st.lists(magnitudes, max_size=8), st.sampled_from(["recent", "all time", "fixed"]))
def test_a_range_is_always_whole_and_of_some_length(shown, mode):
    scale = fitted(mode=mode)
    for values in shown:
        scale.fit(values)
        assert scale.low == round(scale.low)
        assert scale.high == round(scale.high)
        assert 3.0 <= scale.high - scale.low <= 20.0


@given(magnitudes)
def test_what_is_fitted_is_in_range(values):
    scale = fitted(*values)
    finite = values[(values > 0.0) & np.isfinite(values)]
    if finite.size:
        assert np.log10(finite.max()) <= scale.high
        assert scale.low <= max(np.log10(finite.min()), scale.high - 20.0)


def test_only_special_values_leave_the_range_alone():
    scale = fitted(1e-4, 1.0)
    before = span(scale)
    scale.fit(np.array([0.0, np.nan, np.inf]))
    scale.fit(np.array([]))
    assert span(scale) == before


def test_it_grows_at_once():
    scale = fitted(1e-2, 1.0)
    scale.fit(np.array([1e-9, 1e3]))
    assert span(scale) == (-10.0, 4.0)


def test_it_shrinks_only_after_patience():
    scale = fitted(1e-9, 1e3)
    wide = span(scale)
    for _ in range(PATIENCE - 1):
        scale.fit(np.array([1e-2, 1.0]))
        assert span(scale) == wide
    scale.fit(np.array([1e-2, 1.0]))
    assert span(scale) == (-3.0, 1.0)


def test_patience_starts_again_when_the_range_is_used():
    scale = fitted(1e-9, 1e3)
    wide = span(scale)
    for _ in range(3):
        for _ in range(PATIENCE - 1):
            scale.fit(np.array([1e-2, 1.0]))
        scale.fit(np.array([1e-9, 1e3]))
        assert span(scale) == wide


def test_an_all_time_range_never_shrinks():
    scale = fitted(1e-9, 1e3, mode="all time")
    wide = span(scale)
    for _ in range(3 * PATIENCE):
        scale.fit(np.array([1e-2, 1.0]))
    assert span(scale) == wide
    scale.fit(np.array([1e5]))
    assert span(scale) == (wide[0], 6.0)


def test_a_fixed_range_is_fixed():
    scale = fitted(1e-2, 1.0, mode="fixed")
    assert span(scale) == FIXED
    scale.fit(np.array([1e-30, 1e30]))
    assert span(scale) == FIXED


@pytest.mark.parametrize("colors", [LIGHT, DARK])
def test_every_kind_has_a_colour_of_its_own(colors):
    table = kind_colors(colors)
    assert len(table) == KINDS
    assert len({color.name() for color in table}) == KINDS
    lightness = [0.2 * c.redF() + 0.7 * c.greenF() + 0.1 * c.blueF() for c in viridis()]
    assert lightness == sorted(lightness)
