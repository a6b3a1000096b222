"""Where the docks stand, and how much room each gets."""

from __future__ import annotations


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
    assert widths(window) == first
    assert first[0] > 1.1 * first[1]


def test_the_table_of_runs_takes_only_the_height_of_its_rows(qtbot, until, window):
    window.step()
    until(lambda: window.session.can_pin)
    window.pin()
    for layout in ("compare_layout", "lecture_layout", "restore_layout"):
        window.actions_[layout].trigger()
        qtbot.wait(50)
        assert window.runs_dock.isVisible()
        assert window.runs_dock.height() < window.runs.height() + 40
        assert named(window)["unrolled-graph"].height() > 200
