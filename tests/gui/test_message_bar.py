"""The strip that says what to look at, or what went wrong."""

from __future__ import annotations

import pytest

from gradexplorer.gui.message_bar import MessageBar


@pytest.fixture
def bar(qtbot):
    bar = MessageBar()
    qtbot.addWidget(bar)
    return bar


def test_both_parts_are_plain_text(bar):
    bar.show_message("<b>A & B</b>", "x < y")
    assert "&lt;b&gt;A &amp; B&lt;/b&gt;" in bar.label.text()
    assert "x &lt; y" in bar.label.text()
    assert bar.label.accessibleName() == "<b>A & B</b>: x < y"


def test_lines_stay_lines(bar):
    bar.show_message("Not done", "one\n  <two>", "error")
    assert bar.label.text().endswith("one<pre style='margin: 4px 0 0 0'>  &lt;two&gt;</pre>")
    bar.show_message("Not done", "\n".join(["one", *map(str, range(100))]))
    assert bar.label.text().count("\n") < 10  # the window has to stay usable


def test_an_error_looks_like_one_until_the_next_message(bar):
    bar.show_message("Not done", "why", "error")
    assert bar.property("tone") == "error"
    bar.show_message("Done", "what")
    assert bar.property("tone") == "note"


def test_a_note_has_one_line_in_a_low_window_and_the_rest_in_the_tooltip(bar):
    text = "word " * 60
    bar.resize(500, 80)
    bar.show()
    bar.show_message("Title", text)
    high = bar.sizeHint().height()
    bar.fit_window(640)
    assert bar.sizeHint().height() < high
    assert bar.label.text().endswith("…")
    assert text.strip() in bar.label.toolTip()
    assert bar.label.accessibleName() == f"Title: {text}"
    bar.show_message("Not done", text, "error")  # of which nothing may be missed
    assert text in bar.label.text()
    bar.fit_window(900)
    bar.show_message("Title", text)
    assert text in bar.label.text()
    assert bar.label.toolTip() == ""
