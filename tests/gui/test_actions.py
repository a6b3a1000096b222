"""Keys, names and explanations: everything can be reached and nothing is unnamed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QToolButton,
    QWidget,
)

from gradexplorer.gui.actions import _SPECS
from gradexplorer.gui.export_dialog import ExportDialog
from gradexplorer.gui.state import State


def reachable(window):
    """Return the widgets that take the focus, without the inner parts of spin boxes and views."""
    inner = ("qt_spinbox_lineedit", "qt_scrollarea_viewport")
    return [
        widget
        for widget in window.findChildren(QWidget)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and widget.focusProxy() is None
        and widget.objectName() not in inner
        and not widget.isWindow()
        and widget.window() is window
    ]


def name(widget):
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return widget.accessibleName() or text


def tip(widget):
    return widget.toolTip() or widget.parentWidget().toolTip()  # as Qt looks for it


def test_every_action_has_a_name_an_explanation_and_a_key(window):
    keys = []
    for action_name in _SPECS:
        action = window.actions_[action_name]
        assert action.text().replace("&", "").strip("…")
        assert action.statusTip() in action.toolTip()
        assert len(action.statusTip()) > 10
        if action_name not in ("run", "pause", "keys", "about"):  # Space is the first two's
            keys.append(action.shortcut().toString())
            assert keys[-1]
            assert keys[-1] in action.toolTip()
    assert len(set(keys)) == len(keys)
    assert "Space" in window.actions_["run"].toolTip()


def test_every_menu_entry_has_a_name_and_a_key_of_its_own(window):
    menus = [window.menuBar(), *window.menuBar().findChildren(type(window.menus.presets))]
    for menu in menus:
        actions = [action for action in menu.actions() if not action.isSeparator()]
        assert all(action.text() for action in actions)
        letters = [
            action.text()[action.text().index("&") + 1].lower()
            for action in actions
            if "&" in action.text()
        ]
        assert len(set(letters)) == len(letters), [action.text() for action in actions]


def test_every_widget_with_the_focus_has_a_name_and_an_explanation(window, enter):
    for cell in ("LSTM", "Vanilla"):  # each shows other fields
        enter(window.form, "Cell", cell)
        enter(window.form, "Clipping", "Norm")
        found = reachable(window)
        kinds = (QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit, QToolButton)
        assert all(any(isinstance(widget, kind) for widget in found) for kind in kinds)
        assert [widget for widget in found if not name(widget)] == []
        editors = [widget for widget in found if isinstance(widget, kinds)]
        assert [widget for widget in editors if not tip(widget)] == []


def test_segments_are_told_apart(window):
    segments = [
        button for button in window.findChildren(QToolButton) if button.objectName() == "segment"
    ]
    names = [name(button) for button in segments]
    assert "Initial state: Zero" in names
    assert "Warm-up: Off" in names
    assert len(set(names)) == len(names)


def test_the_export_dialog_names_its_fields(qtbot, tmp_path):
    dialog = ExportDialog(tmp_path)
    qtbot.addWidget(dialog)
    dialog.show()
    assert [widget for widget in reachable(dialog) if not name(widget)] == []


@pytest.mark.parametrize("focused", ["plot", "form", "window"])
def test_space_runs_from_wherever_it_means_nothing_else(window, focused):
    target = {"plot": window.panels[0].plot, "form": window.form, "window": window}[focused]
    target.setFocus()
    QTest.keyClick(target, Qt.Key.Key_Space)
    assert window.session.state is State.RUNNING


def test_space_in_a_button_choice_or_text_is_its_own(window, enter):
    enter(window.form, "Cell", "LSTM")
    window.step()
    enter(window.form, "Hidden units", 9)  # shows the buttons of the notice
    kinds = (QAbstractButton, QComboBox, QLineEdit, QPlainTextEdit)
    found = [widget for widget in reachable(window) if isinstance(widget, kinds)]
    assert {"Start new run", "Task", "Initial state: Zero", "Title", "Loss: menu"} <= set(
        map(name, found)
    )
    assert [name(widget) for widget in found if not keeps_space(widget)] == []


def keeps_space(widget):
    """Tell whether a widget claims the space key before shortcuts do."""
    none = Qt.KeyboardModifier.NoModifier
    event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Space, none, " ")
    event.ignore()
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def test_space_in_a_focused_choice_does_not_run(window, editor):
    button = next(b for b in window.findChildren(QToolButton) if name(b) == "Precision: float64")
    window.activateWindow()
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert window.session.state is State.READY
    assert window.form.config.training.precision == "float64"


@pytest.mark.parametrize("entry", ["panels", "task", "keys", "about"])
def test_help_explains_itself(window, monkeypatch, entry):
    shown = []
    monkeypatch.setattr(QMessageBox, "about", lambda *given: shown.append(given[2]))
    window.actions_[entry].trigger()
    expected = {
        "panels": [panel.title for panel in window.panels],
        "task": ["Adding problem", "What it is", "Hochreiter", "What to look at"],
        "keys": ["Space", "Ctrl+S", "wheel", "Shift+N"],
        "about": ["gradexplorer", "numpy", "python"],
    }[entry]
    assert all(word in shown[0] for word in expected)


def test_a_click_takes_the_focus_from_nothing_that_space_would_press(window):
    """Whoever clicks a choice and then presses Space wants to run."""
    kinds = (QAbstractButton, QComboBox)
    clicked = [w for w in window.findChildren(QWidget) if isinstance(w, kinds)]
    takers = [w for w in clicked if w.focusPolicy() & Qt.FocusPolicy.ClickFocus]
    assert not [name(w) for w in takers if w.isVisible()]


def test_space_runs_from_a_number_field(window, editor):
    box = editor(window.form, "Hidden units")
    window.activateWindow()
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert window.session.state is State.RUNNING
