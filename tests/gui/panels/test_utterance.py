"""A spoken word in the output panel: spectrogram and probabilities on one time axis."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from gradexplorer.gui.figures import render_figure
from gradexplorer.gui.items.utterance import GAP, shown_words
from gradexplorer.gui.scale import viridis
from gradexplorer.gui.theme import DARK, LIGHT
from gradexplorer.tasks.views import Utterance

THEMES = pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
WORDS = ("zero", "one", "two", "three")


def word(count: int = 4, frames: int = 10) -> Utterance:
    """Return word 2, loud in its lowest band at once, and told from the sixth frame on."""
    decibels = np.full((frames, 20), -60.0)
    decibels[0, 0] = 0.0
    decibels[9, 19] = -30.0
    probabilities = np.full((frames, count), 0.0)
    probabilities[:5, 0] = 1.0
    probabilities[5:, 2] = 1.0
    counts = 5 * np.eye(count, dtype=np.intp)
    counts[1, 3] = 2
    words = WORDS if count == 4 else tuple(f"word {index}" for index in range(count))
    middles = np.linspace(100.0, 3600.0, 20)
    return Utterance(decibels, middles, 15.0, probabilities, 2, words, counts)


@pytest.fixture
def shown(show_panel, make_view, small):
    """Give a function that returns the panel showing a made-up word."""

    def show(view, colors=LIGHT, size=(500, 320)):
        run = make_view(small("task.name=digits", "training.evaluate_every=2"), 2)
        run.history.evaluation = replace(run.history.evaluation, view=view)
        panel = show_panel("output", run, colors=colors)
        panel.resize(*size)
        panel.set_colors(colors)
        return panel

    return show


def color_at(panel, x, y) -> QColor:
    place = panel.plot.view.mapViewToScene(QPointF(x, y))
    return panel.plot.grab().toImage().pixelColor(round(place.x()), round(place.y()))


@THEMES
def test_sound_is_above_and_words_are_below(shown, colors) -> None:
    panel = shown(word(), colors)
    assert color_at(panel, 1.0, GAP + 0.1) == viridis()[-1]
    assert color_at(panel, 10.0, GAP + 3.9) == viridis()[16]
    assert color_at(panel, 5.0, GAP + 2.0) == viridis()[0]
    assert color_at(panel, 8.0, -0.5) == QColor(colors.accent)  # the true word, first
    assert color_at(panel, 3.0, -1.5) == QColor(colors.muted)  # word 0, before
    assert color_at(panel, 8.0, -1.5) == QColor(colors.base)
    tint = color_at(panel, 3.0, -0.5)
    assert tint not in (QColor(colors.base), QColor(colors.accent))


def test_it_says_what_is_heard_and_whether_that_is_right(shown) -> None:
    entries = shown(word()).plot.legend._entries
    assert entries[0].text == "✓ answer: two, 1.00"
    assert entries[1].text == "probability of two, true"
    wrong = replace(word(), truth=0)
    assert shown(wrong).plot.legend._entries[0].text == "✗ answer: two, 1.00"


def test_the_axis_names_words_and_frequencies(shown) -> None:
    names = shown(word()).plot.left.names
    assert [names[-row - 0.5] for row in range(4)] == ["▸ two", "zero", "one", "three"]
    above = {name: place for place, name in names.items() if place > 0}
    middles, places = word().frequencies, np.arange(20) + 0.5
    assert above["1 kHz"] == pytest.approx(GAP + 4 * np.interp(1000.0, middles, places) / 20)
    long = replace(word(), words=("zero", "a very long word", "two", "three"))
    assert shown(long).plot.left.names[-2.5] == "a very …"


def test_the_read_out(shown) -> None:
    panel = shown(word())
    assert panel.describe(10.2, GAP + 3.95) == "timestep 10, 135 ms\n3,600 Hz: -30 dB"
    told = panel.describe(6.0, -0.5).split("\n")
    assert told == ["timestep 6, 75 ms", "two: 1", "held out: 5 of 5 right"]
    assert panel.describe(6.0, -2.5).endswith("held out: 5 of 7 right, 2 taken for three")
    for x, y in ((0.2, 1.0), (10.8, 1.0), (3.0, GAP / 2), (3.0, 9.0), (3.0, -4.0)):
        assert panel.describe(x, y) == ""


def test_the_table_has_a_row_a_frame(shown) -> None:
    columns = shown(word()).table().columns
    assert len(columns) == 1 + 20 + 4
    assert {len(values) for values in columns.values()} == {10}
    assert columns["100 Hz"][0] == 0.0
    assert columns["p(two)"].tolist() == [0.0] * 5 + [1.0] * 5


def test_of_many_words_the_true_one_and_the_likeliest_have_a_row(shown) -> None:
    view = word(30)
    last = np.linspace(0.0, 0.05, 30)
    view = replace(view, probabilities=np.tile(last, (10, 1)))
    assert shown_words(view) == [2, *range(19, 30)]
    panel = shown(view)
    assert panel.plot.view.viewRange()[1] == [-12.0, GAP + 12.0]
    assert panel.describe(1.0, -11.5).split("\n")[1].startswith("word 29: ")


def test_a_network_without_time_has_one_answer_for_all_frames(shown) -> None:
    view = replace(word(), probabilities=np.array([[0.25, 0.25, 0.5, 0.0]]))
    panel = shown(view)
    assert color_at(panel, 2.0, -0.8) == color_at(panel, 9.0, -0.8) == QColor(LIGHT.accent)
    assert panel.describe(9.0, -0.5).split("\n")[1] == "two: 0.5"
    assert panel.table().columns["p(two)"].tolist() == [0.5] * 10


@THEMES
def test_what_is_not_a_number_has_its_own_colour(shown, colors) -> None:
    probabilities = word().probabilities.copy()
    probabilities[5:] = np.nan
    panel = shown(replace(word(), probabilities=probabilities), colors)
    assert color_at(panel, 8.0, -2.5) == QColor(colors.not_a_number)
    assert panel.plot.legend._entries[0].text == "probability of two, true"
    assert panel.describe(8.0, -0.5).split("\n")[1] == "two: NaN"


@pytest.mark.parametrize("size", [(160, 110), (240, 150), (900, 700)])
def test_any_size_and_range_can_be_looked_at(shown, size) -> None:
    panel = shown(word(), size=size)
    panel.grab()
    for x, y in (((0.0, 1e-3), (-1e-3, 0.0)), ((-1e6, 1e6), (-1e6, 1e6)), ((50.0, 51.0), (0, 1))):
        panel.plot.view.setRange(xRange=x, yRange=y, padding=0)
        panel.grab()


def test_after_it_another_view_is_drawn_as_ever(shown, standing) -> None:
    panel = shown(word())
    before = panel.grab().toImage()
    panel.show_view(standing("running"))
    assert panel.grab().toImage() != before
    assert panel.plot.bottom.labelText == "timestep t"


def test_on_paper_it_is_a_drawing_and_no_picture(shown) -> None:
    svg = render_figure(shown(word()), "svg")
    assert b"<image" not in svg
    assert viridis()[-1].name().encode() in svg
    assert render_figure(shown(word()), "pdf").startswith(b"%PDF")
