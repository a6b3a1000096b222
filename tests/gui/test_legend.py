"""The strip above a plot: every mark with its meaning, as far as there is room."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from gradexplorer.gui.figures import render_figure
from gradexplorer.gui.legend import Entry
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
