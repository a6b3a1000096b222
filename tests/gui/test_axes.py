"""Ticks: at decades or round values, with labels that say where they are."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradexplorer.gui.axes import ValueAxis
from gradexplorer.gui.text import power_of_ten

_PLAIN_DIGITS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


@pytest.fixture(scope="module")
def axis(qapp):
    return ValueAxis("left")


@st.composite
def ranges(draw):
    """Draw every range that a plot's limits let a person zoom to."""
    middle = draw(st.floats(-400.0, 400.0) | st.floats(-1e9, 1e9))
    span = 10.0 ** draw(st.floats(-5.9, 9.0))
    return middle - span / 2, middle + span / 2


def labelled(axis, low, high, size=200.0):
    """Return the first level's positions and labels."""
    levels = axis.tickValues(low, high, size)
    for spacing, values in levels:
        assert len(axis.tickStrings(values, 1.0, spacing)) == len(values)
    spacing, values = levels[0]
    return values, axis.tickStrings(values, 1.0, spacing)


def exponent(label):
    """Return log10 of what a label says."""
    if not any(sign in label for sign in "⁰¹²³⁴⁵⁶⁷⁸⁹"):
        return math.log10(float(label))
    digits, _, power = label.rpartition("10")
    mantissa = float(digits.rstrip("·") or 1.0)
    return math.log10(mantissa) + int(power.translate(_PLAIN_DIGITS))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-6.0, 0.0, ["10⁻⁶", "10⁻⁵", "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "10⁰"]),
        (-12.0, 2.0, ["10⁻¹²", "10⁻⁹", "10⁻⁶", "10⁻³", "10⁰"]),
        (-3.0, 1.0, ["0.001", "0.01", "0.1", "1", "10"]),
        (-1.2, 0.4, ["0.1", "1"]),
        (0.1, 0.9, ["2", "5"]),
        (-1.6, -0.9, ["0.05", "0.1"]),
        (-7.3, -6.6, ["10⁻⁷", "2·10⁻⁷"]),
        (-1.44, -1.39, ["0.037", "0.038", "0.039", "0.04"]),
        (-0.1, 0.1, ["0.8", "0.9", "1", "1.1", "1.2"]),
    ],
)
def test_labels_of_a_logarithmic_axis(axis, low, high, expected):
    axis.set_logarithmic(True)
    assert labelled(axis, low, high)[1] == expected


@given(span=ranges(), size=st.floats(1.0, 3000.0))
def test_a_logarithmic_axis_has_labels_that_are_right(axis, span, size):
    axis.set_logarithmic(True)
    low, high = span
    positions, labels = labelled(axis, low, high, size)
    assert len(labels) <= max(12, size / 25)
    slack = 1e-8 + 1e-15 * abs(low)
    for position, label in zip(positions, labels, strict=True):
        assert low - slack <= position <= high + slack
        assert math.isclose(exponent(label), position, abs_tol=slack)
    assert len(set(labels)) == len(labels)


@given(
    middle=st.floats(-300.0, 300.0),
    span=st.floats(-5.0, 2.0).map(lambda power: 10.0**power),
    size=st.floats(150.0, 900.0),
)
def test_a_plot_of_some_height_is_never_without_labels(axis, middle, span, size):
    axis.set_logarithmic(True)
    positions, _ = labelled(axis, middle - span / 2, middle + span / 2, size)
    assert len(positions) >= 2


@given(span=ranges(), size=st.floats(1.0, 3000.0))
def test_ticks_of_all_levels_are_few_and_inside(axis, span, size):
    axis.set_logarithmic(True)
    low, high = span
    for _, values in axis.tickValues(low, high, size):
        assert len(values) <= max(30, size)
        assert list(values) == sorted(values)


@given(span=ranges(), size=st.floats(10.0, 3000.0))
def test_a_linear_axis_takes_any_range(axis, span, size):
    axis.set_logarithmic(False)
    labelled(axis, *span, size)


@given(
    low=st.floats(-1e6, 1e8),
    span=st.floats(-3.0, 9.0).map(lambda power: 10.0**power),
    size=st.floats(10.0, 3000.0),
)
def test_counts_are_whole(qapp, low, span, size):
    counting = ValueAxis("bottom")
    counting.counts = True
    for spacing, values in counting.tickValues(low, low + span, size):
        labels = counting.tickStrings(values, 1.0, spacing)
        read = [int(label.replace(",", "")) for label in labels]
        assert read == pytest.approx(values, abs=1e-3)
        assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("steps", [1, 2, 7, 50, 99, 1000, 20_000])
def test_ends_are_labelled_and_have_room(qapp, steps):
    counting = ValueAxis("bottom")
    counting.counts = True
    counting.set_ends(1.0, float(steps))
    labelled = [v for _, level in counting.tickValues(0.3, steps + 0.7, 600.0)[:2] for v in level]
    labelled = labelled if steps <= 15 else counting.tickValues(0.3, steps + 0.7, 600.0)[0][1]
    assert {1.0, float(steps)} <= set(labelled)
    inner = [value for value in labelled if value not in (1.0, steps)]
    assert all(min(value - 1.0, steps - value) * 600.0 / steps >= 30.0 for value in inner)
    assert steps > 15 or len(labelled) == steps, "where there is room all are labelled"
    zoomed = counting.tickValues(steps + 5.0, steps + 9.0, 600.0)[0][1]
    assert not {1.0, float(steps)} & set(zoomed)


def test_thousands_of_counts_are_separated(qapp):
    counting = ValueAxis("bottom")
    counting.counts = True
    (_, values), *_ = counting.tickValues(0, 4000, 400)
    assert "2,000" in counting.tickStrings(values, 1.0, 1000.0)


def test_a_power_of_ten_is_written_with_superscripts():
    assert [power_of_ten(value) for value in (-12, 0, 3)] == ["10⁻¹²", "10⁰", "10³"]


@pytest.mark.parametrize("size", [8.0, 20.0, 40.0, 80.0])
@pytest.mark.parametrize("logarithmic", [False, True], ids=["linear", "logarithmic"])
def test_labels_stand_above_each_other_without_touching(qapp, size, logarithmic):
    axis = ValueAxis("left")
    axis.set_logarithmic(logarithmic)
    low, high = (-12.0, 2.0) if logarithmic else (0.0, 1.0)
    values, _ = labelled(axis, low, high, size)
    assert len(values) >= 1
    apart = [size * (after - before) / (high - low) for before, after in pairwise(values)]
    assert min(apart, default=13.0) >= 12.9
