"""The menus' choices: ranges, colours, panels, and what the program is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox

from gradexplorer.gui.theme import DARK, LIGHT, system_colors


@pytest.fixture
def choose(window):
    """Give a function that triggers a menu's entry by its text."""

    def trigger(text):
        actions = (
            action
            for menu in window.menuBar().findChildren(type(window.menus.presets))
            for action in menu.actions()
        )
        action = next(action for action in actions if action.text() == text)
        action.trigger()
        return action

    return trigger


def colors(window):
    assert len({id(panel.colors) for panel in window.panels}) == 1
    return window.panels[0].colors


def test_colours_follow_the_system_until_they_are_chosen(window, choose):
    system = QGuiApplication.styleHints().colorSchemeChanged
    assert colors(window) is system_colors()
    for text, expected in (("Dark", DARK), ("Light", LIGHT)):
        action = choose(text)
        assert action.isChecked()
        assert colors(window) is expected
        assert QGuiApplication.palette().window().color().name() == expected.window
        system.emit(Qt.ColorScheme.Unknown)
        assert colors(window) is expected
        window.grab()
    choose("As the system")
    system.emit(Qt.ColorScheme.Unknown)
    assert colors(window) is system_colors()


def test_the_gradients_range_is_chosen(window, choose, settle):
    window.step()
    settle(window)
    scale, bars = window.session.scale, window.panels[1].plot.view
    assert choose("Fixed: 10⁻¹² to 10²").isChecked()
    assert (scale.mode, scale.low, scale.high) == ("fixed", -12.0, 2.0)
    assert bars.viewRange()[1] == [-12.0, 2.0]
    choose("All time: never shrinks")
    assert scale.mode == "all time"
    choose("Recent: what is shown now")
    assert scale.mode == "recent"
    assert bars.viewRange()[1] == [scale.low, scale.high]


def test_every_panel_can_be_hidden_and_shown(window):
    for dock in (window.form_dock, *window.docks):
        dock.toggleViewAction().trigger()
        assert not dock.isVisible()
        dock.toggleViewAction().trigger()
        assert dock.isVisible()


def test_about_tells_versions(window, monkeypatch):
    told = []
    monkeypatch.setattr(QMessageBox, "about", lambda *given: told.append(given))
    window.actions_["about"].trigger()
    assert "numpy" in told[0][2]
