"""The strip above a plot: every mark with its meaning, as far as there is room."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from gradexplorer.gui.figures import render_figure
from gradexplorer.gui.legend import HEIGHT, Entry
from gradexplorer.gui.theme import LIGHT

KINDS = ["line", "band", "dot", "ring", "tick", "text"]


def texts(panel):
    root = ElementTree.fromstring(render_figure(panel, "svg"))
    return [
        "".join(text.itertext()).strip() for text in root.iter("{http://www.w3.org/2000/svg}text")
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_mark_is_drawn(show_panel, kind):
    panel = show_panel("loss")
    before = panel.plot.grab().toImage()
    panel.plot.legend.set_entries((Entry(kind, LIGHT.limit, "meaning"),))
    assert panel.plot.grab().toImage() != before
    assert "meaning" in texts(panel)


def test_what_does_not_fit_is_left_out_from_the_right(show_panel):
    panel = show_panel("loss")
    entries = tuple(Entry("line", LIGHT.limit, f"meaning number {index}") for index in range(20))
    panel.plot.legend.set_entries(entries)
    shown = [text for text in texts(panel) if text.startswith("meaning")]
    assert 2 < len(shown) < 20
    assert shown == [entry.text for entry in entries[: len(shown)]]


def test_the_first_entry_is_shortened_rather_than_left_out(show_panel):
    panel = show_panel("loss")
    panel.resize(200, 200)
    panel.plot.legend.set_entries((Entry("line", LIGHT.limit, "a meaning of very many words"),))
    assert any(text.startswith("a mean") and text.endswith("…") for text in texts(panel))


def test_a_scale_has_its_ends(show_panel, make_view, small):
    view = make_view(small(), 3)
    panel = show_panel("unrolled-graph", view)
    shown = texts(panel)
    assert "10⁰" in shown or f"10{'⁻' if view.scale.high < 0 else ''}" in "".join(shown)
    panel.resize(160, 200)
    panel.grab()


@pytest.mark.parametrize(("height", "rows"), [(120, 1), (180, 2), (320, 3)])
def test_there_are_as_many_rows_as_leave_room_for_the_plot(show_panel, height, rows):
    panel = show_panel("gradient-norm")
    panel.resize(400, height)
    entries = tuple(Entry("line", LIGHT.limit, f"meaning number {index}") for index in range(20))
    panel.plot.legend.set_entries(entries)
    assert panel.plot.legend.minimumHeight() == rows * HEIGHT


def test_beside_a_scale_and_a_note_there_is_less_room(show_panel, make_view, small):
    panel = show_panel("unrolled-graph", make_view(small(), 3))
    legend = panel.plot.legend
    legend.set_entries((Entry("line", LIGHT.limit, "K"), Entry("line", LIGHT.limit, "x" * 40)))
    assert legend.minimumHeight() == HEIGHT
    legend.set_note("a note that takes much of the row, beside " + 30 * "x")
    assert legend.minimumHeight() == 2 * HEIGHT
    assert "x" * 40 in texts(panel)


def test_the_tooltip_has_what_does_not_fit(show_panel):
    panel = show_panel("gradient-norm")
    panel.resize(200, 120)
    legend = panel.plot.legend
    legend.set_entries(tuple(Entry("line", LIGHT.limit, f"meaning {index}") for index in range(9)))
    legend.set_note("noted")
    shown = legend.toolTip().split("\n")
    assert shown == [*(f"meaning {index}" for index in range(9)), "noted"]


def test_a_plot_that_shrinks_stays_whole(show_panel):
    panel = show_panel("gradient-norm")
    panel.resize(400, 240)
    entries = tuple(Entry("line", LIGHT.limit, f"meaning number {index}") for index in range(20))
    panel.plot.legend.set_entries(entries)
    for height in (100, 84, 240, 90):
        panel.resize(400, height)
        bottom = panel.plot.bottom.sceneBoundingRect().bottom()
        assert bottom <= panel.plot.height()


def test_that_more_is_in_the_tooltip_is_told(show_panel):
    panel = show_panel("loss")
    legend = panel.plot.legend
    legend.set_entries(tuple(Entry("line", LIGHT.limit, f"meaning {index}") for index in range(30)))
    assert texts(panel).count("…") == 1
    legend.set_entries(tuple(Entry("line", LIGHT.limit, f"meaning {index}") for index in range(3)))
    assert "…" not in texts(panel)
