"""The page of text: what stands where, what is shaded how, and which character is boxed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor

from gradexplorer.gui.figures import render_figure
from gradexplorer.gui.items.pictured import Frame
from gradexplorer.gui.items.written import sign, wrapped
from gradexplorer.gui.panels.written import WrittenDrawing
from gradexplorer.gui.scale import BINS, viridis
from gradexplorer.gui.theme import DARK, LIGHT
from gradexplorer.tasks.views import GeneratedText

THEMES = pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
EXCERPT = "one\ttwo\nthree four"
LAST = len(EXCERPT) - 1


def view(excerpt: str = EXCERPT) -> GeneratedText:
    size = len(excerpt) - 1
    later, earlier = np.indices((size, size))
    reach = np.tril(10.0 ** np.minimum(earlier - later, 0.0))
    if size > 8:
        reach[-1, :3] = 0.0, np.nan, np.inf
    return GeneratedText(
        "a text", "The ", "end\n\tof it " * 20, 0.5, excerpt, np.full(size, np.log(4.0)), reach
    )


@pytest.fixture
def shown(show_panel, make_view, small):
    """Give a function that returns the panel showing a made-up text."""

    def show(value=None, colors=LIGHT, size=(420, 260)):
        run = make_view(small("task.name=spirals", "training.evaluate_every=2"), 2)
        run.history.evaluation = replace(run.history.evaluation, view=value or view())
        panel = show_panel("output", run, colors=colors)
        panel.resize(*size)
        panel.set_colors(colors)
        return panel

    return show


def drawing(panel) -> WrittenDrawing:
    return panel.drawings[GeneratedText]


def middle(panel, index: int) -> QPointF:
    """Return where a character of the excerpt stands, in the data's coordinates."""
    value = panel.view.history.evaluation.view
    frame = Frame.of(panel.plot.view)
    page = drawing(panel).item.page(value, frame)
    x, y = page.corner(index)
    x, y = x + page.cell[0] / 2, y + page.cell[1] / 2
    return QPointF(frame.left + x * frame.dx, frame.top - y * frame.dy)


def in_scene(panel, index: int) -> QPoint:
    return panel.plot.view.mapViewToScene(middle(panel, index)).toPoint()


def color_of(panel, index: int) -> QColor:
    """Return the colour of a character's upper left corner, where there is no ink."""
    place = in_scene(panel, index)
    wide, high = drawing(panel).item._cell(panel.view.history.evaluation.view)
    corner = QPoint(round(place.x() - wide / 2 + 2), round(place.y() - high / 2 + 2))
    return panel.plot.grab().toImage().pixelColor(corner)


def described(panel, index: int) -> list[str]:
    place = middle(panel, index)
    return panel.describe(place.x(), place.y()).split("\n")


def test_rows_end_at_a_line_break_or_where_they_are_full() -> None:
    assert wrapped("ab\ncdefg", 3).tolist() == [
        [0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2], [2, 0], [2, 1],
    ]  # fmt: skip
    assert wrapped("abc\nd", 3).tolist() == [[0, 0], [0, 1], [0, 2], [1, 0], [2, 0]]
    assert wrapped("", 3).shape == (0, 2)


def test_every_character_is_visible() -> None:
    assert [sign(one) for one in "a \n\t\x07\u200b"] == ["a", " ", "↵", "→", "·", "·"]


@THEMES
def test_what_reaches_the_boxed_character_is_shaded(shown, colors) -> None:
    panel = shown(colors=colors)
    for lag in (1, 2, 5):
        magnitude_bin = int((1 - lag + 12.0) / 14.0 * BINS)
        assert color_of(panel, LAST - lag) == viridis()[magnitude_bin]
    assert color_of(panel, 0) == QColor(colors.zero)
    assert color_of(panel, 1) == QColor(colors.not_a_number)
    assert color_of(panel, 2) == QColor(colors.infinite)


def test_a_click_boxes_another_character(shown, qtbot) -> None:
    panel = shown()
    assert described(panel, LAST) == ["'r', boxed", "its own loss 2 bits"]
    qtbot.mouseClick(panel.plot.viewport(), Qt.MouseButton.LeftButton, pos=in_scene(panel, 9))
    assert described(panel, 9)[0] == "'h', boxed"
    assert described(panel, 7) == [
        "'\\n', 2 before the boxed 'h'",
        "‖gradient‖ 0.1",
        "its own loss 2 bits",
        "click to box it",
    ]
    assert described(panel, 10)[0] == "'r', after the boxed one"
    assert described(panel, 0) == ["'o', 9 before the boxed 'h'", "‖gradient‖ 1.00·10⁻⁸"]
    assert color_of(panel, 12) == QColor(LIGHT.base)
    assert color_of(panel, 8) == viridis()[int(12.0 / 14.0 * BINS)]
    assert panel.describe(-1.0, 2.0) == ""


def test_the_choice_outlives_the_next_measurement_and_a_shorter_text(shown, qtbot) -> None:
    panel = shown()
    qtbot.mouseClick(panel.plot.viewport(), Qt.MouseButton.LeftButton, pos=in_scene(panel, 9))
    for value, boxed in ((view(), 9), (view(EXCERPT[:5]), 4)):
        panel.view.history.evaluation = replace(panel.view.history.evaluation, view=value)
        panel.show_view(panel.view)
        assert described(panel, boxed)[0].endswith("boxed")


def test_arrow_keys_box_the_next_characters(shown, qtbot) -> None:
    panel = shown()
    panel.activateWindow()
    panel.plot.setFocus()
    qtbot.waitUntil(panel.isActiveWindow)
    for key, times, boxed in ((Qt.Key.Key_Left, 3, LAST - 3), (Qt.Key.Key_Right, 9, LAST)):
        for _ in range(times):
            qtbot.keyClick(panel.plot, key)
        assert described(panel, boxed)[0].endswith(", boxed")
    for _ in range(len(EXCERPT) + 3):
        qtbot.keyClick(panel.plot, Qt.Key.Key_Left)
    assert described(panel, 1)[0] == "'n', boxed"


def test_a_page_has_no_axes_and_cannot_be_moved(shown, standing) -> None:
    panel = shown()
    plot = panel.plot
    assert plot.view.sceneBoundingRect().left() < 10.0  # at once
    panel.show_view(panel.view)
    assert not any(part.isVisible() for part in (plot.left, plot.bottom, plot.grid))
    assert not any(plot.view.mouseEnabled())
    assert panel.heading(panel.view) == "Text"
    panel.show_view(standing("running"))
    assert all(part.isVisible() for part in (plot.left, plot.bottom, plot.grid))
    assert all(plot.view.mouseEnabled())
    assert panel.heading(panel.view) == "Output against truth"
    fresh = panel.grab().toImage()
    panel.set_colors(LIGHT)
    assert panel.grab().toImage() == fresh


@pytest.mark.parametrize("size", [(160, 110), (300, 200), (1200, 900)])
@pytest.mark.parametrize("length", [2, 40, 600])
def test_any_size_shows_the_boxed_character(shown, size, length) -> None:
    panel = shown(view(("words and\n" * 60)[:length]), size=size)
    panel.grab()
    assert described(panel, length - 1)[0].endswith(", boxed")
    page = drawing(panel).item.page(panel.view.history.evaluation.view, Frame.of(panel.plot.view))
    if size != (160, 110):
        assert page.rows[1] > 0
        assert page.tops[1] + page.rows[1] * page.cell[1] <= panel.plot.view.height()


def test_the_table_has_every_loss_over_every_earlier_character(shown) -> None:
    columns = shown().table().columns
    assert {len(column) for column in columns.values()} == {LAST * (LAST + 1) // 2}
    row = list(zip(columns["character"], columns["earlier_character"], strict=True)).index((9, 7))
    assert (columns["target"][row], columns["input"][row]) == ("h", "\n")
    assert columns["gradient"][row] == pytest.approx(0.1)
    assert columns["loss"][row] == pytest.approx(np.log(4.0))


@THEMES
def test_on_paper_it_is_a_drawing_and_no_picture(shown, colors) -> None:
    panel = shown(colors=colors)
    svg = render_figure(panel, "svg")
    assert b"<image" not in svg
    assert viridis()[int(12.0 / 14.0 * BINS)].name().encode() in svg
    assert render_figure(panel, "pdf").startswith(b"%PDF")
