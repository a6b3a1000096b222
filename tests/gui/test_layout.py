"""Where the docks stand, and how much room each gets."""

from __future__ import annotations

from itertools import pairwise

import pytest


def named(window):
    return {dock.panel.name: dock for dock in window.docks}


def widths(window):
    docks = named(window)
    return [docks[name].width() for name in ("unrolled-graph", "loss")]


def test_a_new_window_has_the_columns_that_explore_gives(qtbot, window):
    qtbot.wait(50)
    first = widths(window)
    window.actions_["restore_layout"].trigger()
    qtbot.wait(50)
    assert widths(window) == pytest.approx(first, abs=25)
    assert first[0] > 1.1 * first[1]


def test_the_table_of_runs_takes_only_the_height_of_its_rows(qtbot, until, window):
    window.step()
    until(lambda: window.session.pins.can_add)
    window.comparing.pin()
    for layout in ("compare_layout", "lecture_layout", "restore_layout"):
        window.actions_[layout].trigger()
        qtbot.wait(50)
        assert window.runs_dock.isVisible()
        assert window.runs_dock.height() < window.runs.height() + 40
        assert named(window)["unrolled-graph"].height() > 200


def test_a_header_without_words_takes_no_room_but_its_menu_stays(qtbot, window):
    docks = named(window)
    loss, graph = docks["loss"], docks["unrolled-graph"]
    qtbot.wait(50)
    assert loss.header.height() < 5
    assert graph.note.text() == "no update yet"
    assert 15 < graph.header.height() < 30
    corner = loss.button.geometry()
    assert loss.button.isVisible()
    assert loss.panel.rect().contains(corner)
    assert corner.right() > loss.panel.width() - 20
    window.actions_["lecture_layout"].trigger()
    qtbot.wait(50)
    assert loss.title.isVisible()
    assert loss.button.parent() is loss.header


def test_every_panel_is_whole_in_the_smallest_window(qtbot, window):
    window.resize(window.minimumSize())
    qtbot.wait(50)
    area = window.area.rect()
    for dock in (window.form_dock, *window.docks):
        if dock.isVisible() and not dock.visibleRegion().isEmpty():
            assert area.contains(dock.geometry())
            assert window.area.childAt(dock.geometry().center()) is not None
    tops = [named(window)[name].geometry() for name in ("loss", "gradient-norm", "output")]
    for above, below in pairwise(tops):
        assert above.bottom() + 15 < below.top()  # the tabs are between them
