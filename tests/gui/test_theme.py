"""Colours can be told apart, in light and in dark."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest
from PySide6.QtGui import QColor, QPalette

from gradexplorer.gui.theme import DARK, LIGHT, _style_sheet, apply_theme, mix, system_colors

MARKS = (
    "text", "muted", "accent", "raw", "smooth", "held_out", "limit", "band", "zero",
    "not_a_number", "infinite", "error",
)  # fmt: skip
THEMES = pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])


def luminance(color):
    """Return WCAG's relative luminance."""

    def linear(part):
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    shade = QColor(color)
    red, green, blue = map(linear, (shade.redF(), shade.greenF(), shade.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_wcags():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@THEMES
@pytest.mark.parametrize("name", MARKS)
def test_text_and_marks_stand_out(colors, name):
    for background in (colors.base, colors.window):
        assert contrast(getattr(colors, name), background) >= 3.0


@THEMES
def test_text_stands_out_on_every_background(colors):
    for background in ("base", "window", "raised", "warning_base", "error_base"):
        assert contrast(colors.text, getattr(colors, background)) >= 4.5
    assert contrast(colors.accent_text, colors.accent) >= 4.5
    assert contrast(colors.error, colors.base) >= 4.5
    assert contrast(mix(colors.smooth, colors.base, 0.7), colors.base) >= 3.0  # the gradient norm


@THEMES
def test_every_colour_is_a_colour(colors):
    for entry in fields(colors):
        value = getattr(colors, entry.name)
        for shade in value if entry.name == "pinned" else (value,):
            assert entry.name == "dark" or re.fullmatch(r"#[0-9a-f]{6}", shade), entry.name


@THEMES
def test_pinned_runs_stand_out(colors):
    assert all(contrast(shade, colors.base) >= 3.0 for shade in colors.pinned)


@THEMES
def test_a_theme_reaches_widgets(qapp, colors):
    apply_theme(qapp, colors)
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == colors.window
    assert qapp.palette().color(QPalette.ColorRole.Text).name() == colors.text
    sheet = _style_sheet(colors)
    assert qapp.styleSheet() == sheet
    assert sheet.count("{") == sheet.count("}")
    known = {getattr(colors, entry.name) for entry in fields(colors) if entry.name != "pinned"}
    known.update(colors.pinned)
    assert len(set(re.findall(r"#[0-9a-f]{6}\b", sheet)) - known) <= 2  # the mixed ones


def test_mix_goes_from_one_colour_to_the_other():
    assert mix("#102030", "#ffffff", 1.0) == "#102030"
    assert mix("#102030", "#ffffff", 0.0) == "#ffffff"
    assert mix("#000000", "#ffffff", 0.5) == "#808080"


def test_the_system_decides(qapp):
    assert system_colors() in (LIGHT, DARK)
