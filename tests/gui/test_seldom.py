"""What is shown now and then shows the last word too."""

from __future__ import annotations

from PySide6.QtCore import QObject

from gradexplorer.gui.seldom import Seldom


def test_it_acts_at_once_and_once_more_for_all_that_was_asked_meanwhile(qtbot, qapp):
    parent, acts = QObject(), []
    seldom = Seldom(lambda: acts.append(1), 40, parent)
    for _ in range(5):
        seldom.ask()
    assert len(acts) == 1
    qtbot.waitUntil(lambda: len(acts) == 2, timeout=2000)
    qtbot.wait(100)
    assert len(acts) == 2, "nothing was asked since"
    parent.deleteLater()


def test_the_verdict_counts_the_last_update_too(make_window, small, until):
    window = make_window(small("training.iterations=3"))
    window.run()
    until(lambda: window.session.state.is_over)
    until(lambda: window.verdict.sentence.text().startswith("3 updates were made"))
