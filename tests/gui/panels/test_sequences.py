"""One held-out sequence, step by step: numbers and symbols, their answers, which one is chosen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from gradexplorer.gui.figures import render_figure
from gradexplorer.gui.items.number_sequence import Lanes
from gradexplorer.gui.items.symbol_sequence import Places
from gradexplorer.gui.theme import DARK, LIGHT
from gradexplorer.tasks.views import NumberSequences, SymbolSequences

THEMES = pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
LENGTHS = pytest.mark.parametrize("steps", [10, 50, 200, 5000])


def numbers(steps: int = 10, answers: int = 1, output: float = 0.5) -> NumberSequences:
    generator = np.random.default_rng(0)
    inputs = generator.uniform(-1.0, 1.0, (3, steps))
    inputs[:, 3] = 0.8
    marked = np.zeros((3, steps), np.bool_)
    marked[:, [2, 3]] = True
    loss_steps = np.arange(steps - answers, steps)
    targets, outputs = np.full((2, 3, answers), -0.5)
    outputs = outputs + 0.5 + output
    return NumberSequences(inputs, marked, loss_steps, targets, outputs)


def symbols(steps: int = 10, answers: int = 1) -> SymbolSequences:
    """Return sequences of five symbols of which three classes are told; class 1 is right."""
    inputs = np.tile(np.arange(steps) % 3 + 2, (3, 1))
    inputs[:, steps // 2 - 1] = 0
    loss_steps = np.arange(steps - answers, steps)
    probabilities = np.tile([1.0, 0.0, np.nan], (3, answers, 1))
    targets = np.ones((3, answers), np.intp)
    names = ("A", "B", "c", "d", "e")
    return SymbolSequences(
        inputs, inputs < 2, loss_steps, targets, probabilities, names, ("x", "yy", "z")
    )


VIEWS = {
    "numbers": numbers(),
    "numbers, many answers": numbers(40, 30),
    "symbols": symbols(),
    "symbols, many answers": symbols(20, 20),
}
EVERY_VIEW = pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS.keys())


@pytest.fixture
def shown(show_panel, make_view, small):
    """Give a function that returns the panel showing a made-up view."""

    def show(view, colors=LIGHT, size=(700, 340)):
        run = make_view(small("training.evaluate_every=2"), 2)
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
def test_numbers_and_their_answer_stand_on_one_axis(shown, colors) -> None:
    panel = shown(numbers(), colors)
    assert color_at(panel, 4.0, 0.4) == QColor(colors.text)  # a marked input's stem
    assert color_at(panel, 10.0, 0.5) == QColor(colors.accent)  # the output
    assert color_at(panel, 10.0, -0.5) == QColor(colors.base)  # the target is a ring
    assert color_at(panel, 10.0, -0.25) != QColor(colors.base)  # and how far it is off
    (left, right), (low, high) = panel.plot.view.viewRange()
    assert left <= 1 < 10 < right
    assert low < -1.0
    assert high > 0.8
    assert [entry.text for entry in panel.plot.legend._entries] == [
        "input", "marked", "target", "output",
    ]  # fmt: skip


@THEMES
def test_many_answers_have_a_lane_of_their_own(shown, colors) -> None:
    view = numbers(40, 30)
    panel, lanes = shown(view, colors), Lanes.of(view, 0)
    assert panel.plot.left.names == {lanes.inputs: "input", 0.0: "output"}
    assert color_at(panel, 4.0, lanes.inputs + 0.2 * lanes.scale) == QColor(colors.text)
    assert color_at(panel, 15.0, 0.5 * lanes.scale) == QColor(colors.accent)
    assert color_at(panel, 15.0, -0.5 * lanes.scale) == QColor(colors.base)  # a ring
    lowest_input = lanes.inputs + view.inputs.min() * lanes.scale
    assert lowest_input > max(np.abs(view.targets).max(), 0.5) * lanes.scale - 0.5


@THEMES
def test_symbols_stand_in_rows_and_the_answers_beside(shown, colors) -> None:
    view = symbols()
    panel, places = shown(view, colors), Places.of(view)
    assert color_at(panel, 5.0, 0.0) == QColor(colors.text)  # an A, marked
    assert color_at(panel, 5.0, -2.0) == QColor(colors.base)
    assert color_at(panel, 1.0, -2.0) not in (QColor(colors.base), QColor(colors.text))
    x = 0.5 * (places.right + 12.5)
    inside = [np.subtract(*places.class_row(one)[:1], 0.5 * places.class_row(one)[1]) for one in
              range(3)]  # fmt: skip
    assert color_at(panel, x, inside[0]) == QColor(colors.accent)  # certain
    assert color_at(panel, x, inside[1]) == QColor(colors.base)  # impossible
    assert color_at(panel, x, inside[2]) == QColor(colors.not_a_number)
    assert panel.describe(x, inside[0]) == "output x: 1\ntarget yy"
    assert panel.describe(x, -20.0) == ""
    axis = panel.plot.bottom
    labelled = [place for _, places in axis.tickValues(*panel.plot.view.viewRange()[0], 500.0)
                for place in places]  # fmt: skip
    assert max(labelled) == 10.0  # no time beyond the last step


@THEMES
def test_answers_at_every_step_stand_below_the_symbols(shown, colors) -> None:
    view = symbols(20, 20)
    panel, places = shown(view, colors), Places.of(view)
    top, high = places.class_row(0)
    assert color_at(panel, 7.0, top - 0.5 * high) == QColor(colors.accent)
    assert color_at(panel, 7.0, top - 1.5 * high) == QColor(colors.base)
    assert color_at(panel, 7.0, top - 2.5 * high) == QColor(colors.not_a_number)
    assert list(panel.plot.left.names.values()) == ["A", "B", "c", "d", "e", "x", "yy", "z"]
    assert (
        panel.describe(7.1, top - 1.5 * high) == "t = 7\ninput c\ntarget yy\noutput yy: 0 exactly"
    )
    assert panel.plot.view.viewRange()[0][1] == 20.5


def test_a_step_says_what_is_there(shown) -> None:
    view = numbers()
    panel = shown(view)
    assert panel.describe(3.8, 0.0) == "t = 4\ninput 0.8, marked"
    number = f"{view.inputs[0, 9]:.3g}".replace("-", "−")
    assert panel.describe(10.0, 0.0) == f"t = 10\ninput {number}\ntarget −0.5\noutput 0.5"
    assert panel.describe(0.2, 0.0) == panel.describe(11.0, 0.0) == ""
    assert shown(symbols()).describe(5.0, 0.0) == "t = 5\ninput A, marked"


@EVERY_VIEW
def test_the_table_has_every_step_of_every_sequence(shown, view) -> None:
    columns = shown(view).table().columns
    count, steps = view.inputs.shape
    answers = len(view.loss_steps)
    assert {len(values) for values in columns.values()} == {count * steps}
    assert list(columns["timestep"][: steps + 1]) == [*range(1, steps + 1), 1]
    assert list(columns["sequence"][[0, -1]]) == [1, count]
    assert sum(value is not None for value in columns["target"]) == count * answers
    assert columns["marked"].sum() == view.marked.sum()
    assert columns["output"][steps - 1] is not None
    if isinstance(view, SymbolSequences):
        assert columns["input"][steps // 2 - 1] == "A"
        assert columns["target"][-1] == "yy"
        assert columns["probability_of_target"][-1] == 0.0


@LENGTHS
@pytest.mark.parametrize("make", [numbers, symbols])
@pytest.mark.parametrize("every", [False, True])
def test_any_length_is_drawn_in_any_size(shown, steps, make, every) -> None:
    panel = shown(make(steps, steps if every else 1))
    for size in ((760, 320), (160, 110), (1600, 260)):
        panel.resize(*size)
        panel.grab()


@LENGTHS
def test_what_is_marked_is_seen_however_long_the_sequence(shown, steps) -> None:
    panel = shown(symbols(steps))
    image, view = panel.plot.grab().toImage(), panel.plot.view
    place = view.mapViewToScene(QPointF(steps // 2, 0.0))
    near = range(round(place.x()) - 2, round(place.x()) + 3)
    assert LIGHT.text in {image.pixelColor(x, round(place.y())).name() for x in near}


@EVERY_VIEW
def test_any_range_can_be_looked_at(shown, view) -> None:
    panel = shown(view)
    for x, y in (((0.0, 1e-3), (-1e-3, 0.0)), ((-1e6, 1e6), (-1e6, 1e6)), ((50.0, 51.0), (0, 1))):
        panel.plot.view.setRange(xRange=x, yRange=y, padding=0)
        panel.grab()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 3e38])
@pytest.mark.parametrize("answers", [1, 10])
def test_an_output_beyond_all_bounds_spoils_nothing(shown, value, answers) -> None:
    panel = shown(numbers(40, answers, output=value))
    panel.grab()
    assert np.isfinite(panel.plot.view.viewRange()).all()
    entry = panel.plot.legend._entries[0]
    assert (entry.text == f"{answers} not finite") == (not np.isfinite(value))


@EVERY_VIEW
def test_after_it_the_plot_is_as_it_was_found(shown, standing, view) -> None:
    panel = shown(view)
    panel.show_view(standing("stream"))
    assert panel.plot.bottom.labelText == "year"
    assert (panel.plot.bottom.counts, panel.plot.bottom.ends) == (False, ())
    assert panel.plot.bottom.last == np.inf
    assert panel.plot.left.names == {}
    assert panel.plot.grid.isVisible()
    fresh = panel.grab().toImage()
    panel.set_colors(LIGHT)
    assert panel.grab().toImage() == fresh


@THEMES
@EVERY_VIEW
def test_on_paper_it_is_a_drawing_and_no_picture(shown, view, colors) -> None:
    svg = render_figure(shown(view, colors), "svg")
    assert b"<image" not in svg
    assert colors.accent.encode() in svg


@EVERY_VIEW
def test_another_sequence_is_chosen_from_the_menu(shown, view) -> None:
    panel = shown(view)
    drawing, first = panel.drawings[type(view)], panel.grab().toImage()
    assert panel.note(panel.view) == "sequence 1 of 3 held out"
    seen = [drawing.chosen(view)]
    for action in (*[panel.choice.next] * 3, panel.choice.previous):
        action.trigger()
        seen.append(drawing.chosen(view))
    assert seen == [0, 1, 2, 0, 2]
    assert panel.note(panel.view) == "sequence 3 of 3 held out"
    panel.choice.next.trigger()
    assert panel.grab().toImage() == first


def test_all_outputs_over_their_targets_are_one_choice_away(shown) -> None:
    panel = shown(numbers())
    assert not len(panel.dots.dots.points()[0])
    panel.choice.as_dots.trigger()
    assert len(panel.dots.dots.points()[0]) == 128
    assert panel.note(panel.view) == ""
    assert not panel.choice.next.isEnabled()
    assert list(panel.table().columns) == ["sequence", "truth", "output"]
    panel.choice.as_dots.trigger()
    assert not len(panel.dots.dots.points()[0])
    assert panel.choice.next.isEnabled()


def test_without_sequences_there_is_no_choice(show_panel, standing) -> None:
    for state in ("digits", "stream", "empty"):
        panel = show_panel("output", standing(state))
        actions = (panel.choice.next, panel.choice.previous, panel.choice.as_dots)
        assert not any(action.isEnabled() for action in actions)
        assert panel.note(panel.view) == ""


def test_keys_choose_a_sequence_in_the_window(make_window, small, until) -> None:
    window = make_window(small("training.evaluate_every=1", "training.iterations=2"))
    window.run()
    until(lambda: window.session.state.is_over)
    dock = next(dock for dock in window.docks if dock.panel.name == "output")
    panel = dock.panel
    for key, modifier, note in (
        (Qt.Key.Key_N, Qt.KeyboardModifier.NoModifier, "sequence 2 of 8 held out"),
        (Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier, "sequence 1 of 8 held out"),
    ):
        QTest.keyClick(window, key, modifier)
        assert dock.note.text() == panel.note(panel.view) == note
    texts = [action.text() for action in dock.menu.actions()]
    assert {"Next sequence", "Previous sequence", "All outputs over their targets"} <= set(texts)
