"""Pictures and data saved from the window."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QDialogButtonBox, QLineEdit, QMessageBox

from gradexplorer.gui.export_dialog import ExportDialog
from gradexplorer.gui.figures import figure_size
from gradexplorer.gui.panels.measured_panel import MeasuredPanel

Button = QMessageBox.StandardButton
STARTS = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


@pytest.fixture
def stepped(window, settle):
    """Return a window whose run has made an update."""
    window.step()
    settle(window)
    return window


def entries(menu):
    """Return the actions of a menu and its sub-menus by name."""
    found = {}
    for action in menu.actions():
        if action.menu():
            found |= {f"{action.text()} {name}": a for name, a in entries(action.menu()).items()}
        elif action.text():
            found[action.text()] = action
    return found


def dock(window, name):
    return next(dock for dock in window.docks if dock.panel.name == name)


def message(window):
    return window.message.label.accessibleName()


def test_pictures_are_saved_by_the_panels_menu(stepped, answers, tmp_path):
    menu = entries(dock(stepped, "loss").menu)
    for entry, ending in (
        ("Save as PNG 1×…", ".png"),
        ("Save as PNG 4×…", ".png"),
        ("Save as SVG…", ".svg"),
        ("Save as PDF…", ".pdf"),
    ):
        path = tmp_path / f"mine{ending}"
        answers.files = [path]
        menu[entry].trigger()
        assert Path(answers.proposed[-1]).name == f"loss{ending}"
        assert path.read_bytes().startswith(STARTS[ending])
        assert message(stepped) == f"Done: Saved {path}."


def test_data_is_saved_by_the_panels_menu(stepped, answers, tmp_path):
    for panel in stepped.panels:
        answers.files = [tmp_path / f"{panel.name}.csv"]
        entries(dock(stepped, panel.name).menu)["Save data as CSV…"].trigger()
        with (tmp_path / f"{panel.name}.csv").open(encoding="utf-8", newline="") as file:
            assert next(csv.reader(file)) == list(panel.table().columns)


def test_a_picture_is_copied(stepped):
    panel = stepped.panels[0]
    entries(dock(stepped, panel.name).menu)["Copy picture"].trigger()
    assert QGuiApplication.clipboard().image().size() == figure_size(panel) * 2
    assert message(stepped) == "Done: Unrolled graph is on the clipboard."


def test_an_ending_is_added_and_nothing_is_taken_away(stepped, answers, tmp_path):
    for chosen, written in (
        ("mine", "mine.png"),
        ("other.png", "other.png"),
        ("run1.5", "run1.5.png"),
        ("a.PNG", "a.PNG"),
    ):
        answers.files = [tmp_path / chosen]
        entries(dock(stepped, "loss").menu)["Save as PNG 1×…"].trigger()
        assert (tmp_path / written).is_file()


@pytest.mark.parametrize("answer", [Button.Yes, Button.No])
def test_a_file_that_the_added_ending_hits_is_asked_about(stepped, answers, tmp_path, answer):
    (tmp_path / "mine.png").write_bytes(b"old")
    answers.files, answers.buttons = [tmp_path / "mine"], [answer]
    entries(dock(stepped, "loss").menu)["Save as PNG 1×…"].trigger()
    assert ((tmp_path / "mine.png").read_bytes() == b"old") is (answer is Button.No)


def test_the_folder_is_proposed_again(stepped, answers, tmp_path, home):
    answers.files = [tmp_path / "a.svg", None]
    menu = entries(dock(stepped, "loss").menu)
    menu["Save as SVG…"].trigger()
    menu["Save as PDF…"].trigger()
    assert answers.proposed == [str(home / "loss.svg"), str(tmp_path / "loss.pdf")]
    assert [entry.name for entry in tmp_path.glob("*.*")] == ["a.svg"]


def test_a_target_that_cannot_be_written_is_told_and_kept(stepped, answers, tmp_path):
    path = tmp_path / "old.svg"
    path.write_bytes(b"old")
    path.chmod(0o444)
    answers.files = [path, tmp_path / "gone" / "new.csv"]
    menu = entries(dock(stepped, "loss").menu)
    menu["Save as SVG…"].trigger()
    assert message(stepped) == f"Not done: Cannot write {path}: it is read-only."
    assert path.read_bytes() == b"old"
    menu["Save data as CSV…"].trigger()
    assert "no such file" in message(stepped)


def test_everything_is_exported_while_training(window, until, answers, tmp_path):
    window.run()
    until(lambda: window.session.iteration > 10)
    folder = tmp_path / "out"

    def fill(dialog):
        dialog.findChild(QLineEdit).setText(str(folder))
        for box in dialog.findChildren(QCheckBox):
            box.setChecked(box.text() == "SVG")
        return True

    answers.dialog = fill
    window.actions_["export_all"].trigger()
    assert message(window) == f"Done: Saved {folder}."
    names = {entry.name for entry in folder.iterdir()}
    drawn = [panel for panel in window.panels if not isinstance(panel, MeasuredPanel)]
    assert {f"{panel.name}.svg" for panel in drawn} < names
    assert "lag-profile.svg" not in names  # nothing was measured
    assert {"experiment.toml", "metrics.csv", "weights.safetensors", "loss.csv"} < names
    assert not any(name.endswith((".png", ".pdf")) for name in names)
    updates = window.session.iteration
    until(lambda: window.session.iteration > updates)


def test_an_export_can_be_cancelled(window, answers, home):
    answers.dialog = lambda _: False
    window.actions_["export_all"].trigger()
    assert list(home.iterdir()) == []


def test_an_export_into_a_file_is_told(window, answers, tmp_path):
    blocked = tmp_path / "file"
    blocked.touch()
    answers.dialog = lambda dialog: dialog.findChild(QLineEdit).setText(str(blocked)) is None
    window.actions_["export_all"].trigger()
    assert message(window).startswith(f"Not done: Cannot write into {blocked}")


def test_the_dialog_proposes_a_folder_and_needs_one(qtbot, tmp_path, answers, monkeypatch):
    dialog = ExportDialog(tmp_path)
    qtbot.addWidget(dialog)
    assert dialog.folder() == tmp_path / "gradexplorer-run"
    assert dialog.formats() == ("png", "svg")
    assert dialog.scale() == 2.0
    save = dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Save)
    dialog.findChild(QLineEdit).setText("  ")
    assert not save.isEnabled()
    dialog.findChild(QLineEdit).setText("~/there")
    assert save.isEnabled()
    assert dialog.folder() == Path.home() / "there"
    answers.files = [tmp_path / "chosen", None]
    dialog._browse()
    assert dialog.folder() == tmp_path / "chosen"
    dialog._browse()
    assert dialog.folder() == tmp_path / "chosen"


def test_a_panels_scale_can_be_switched_by_its_menu(stepped):
    panel = next(panel for panel in stepped.panels if panel.name == "loss")
    action = entries(dock(stepped, "loss").menu)["Logarithmic"]
    assert action.isChecked()
    action.trigger()
    assert not panel.logarithmic
    stepped.grab()


def test_a_panel_can_be_detached_and_closed_by_its_menu(stepped):
    loss = dock(stepped, "loss")
    menu = entries(loss.menu)
    menu["Detach"].trigger()
    assert loss.isFloating()
    loss.grab()
    menu["Detach"].trigger()
    assert not loss.isFloating()
    menu["Close"].trigger()
    assert not loss.isVisible()
    loss.toggleViewAction().trigger()
    assert loss.isVisible()
