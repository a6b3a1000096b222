"""Experiments opened and saved from the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMessageBox, QPlainTextEdit

from gradexplorer.config.presets import load_preset, preset_names, save_preset
from gradexplorer.gui.state import State

Button = QMessageBox.StandardButton


@pytest.fixture
def file(small, tmp_path):
    """Write an experiment of the user's own, and return its path."""
    path = tmp_path / "mine.toml"
    save_preset(small("title=My own", "task.length=17", "training.iterations=1000000"), path)
    return path


@pytest.fixture
def own(make_window, file):
    """Open a window for the user's own experiment."""
    return make_window(load_preset(file), file)


@pytest.fixture
def drop():
    """Give a function that drags files onto a widget, as the platform would, and drops them."""

    def drop_on(target, *paths):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        middle = target.rect().center()
        rest = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton)
        none = Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(target, QDragEnterEvent(middle, *rest, none))
        QApplication.sendEvent(target, QDragMoveEvent(middle, *rest, none))
        event = QDropEvent(QPointF(middle), *rest, none)
        QApplication.sendEvent(target, event)
        return event.isAccepted()

    return drop_on


def message(window):
    return window.message.label.accessibleName()


def presets(window):
    window.menus.presets.aboutToShow.emit()
    return {action.text(): action for action in window.menus.presets.actions() if action.text()}


def standing(window):
    return window.session.config, window.form.config, window.documents.path


def test_bundled_presets_open_by_menu(window):
    for name in preset_names():
        config = load_preset(name)
        presets(window)[config.title].trigger()
        assert window.session.config == window.form.config == config
        assert window.session.state is State.READY
        assert window.preset_button.accessibleDescription() == config.title
        assert config.note in message(window)
        assert window.documents.path is None
        assert not window.isWindowModified()
        window.grab()


def test_a_file_opens_by_dialog(window, file, answers):
    answers.files = [None]
    window.actions_["open"].trigger()
    answers.files = [file]
    window.actions_["open"].trigger()
    assert window.session.config == load_preset(file)
    assert window.documents.path == file
    assert window.windowTitle().startswith("My own")


def test_opening_gives_up_the_run(window, until, file):
    window.run()
    until(lambda: window.session.iteration > 5)
    window.opening.open_experiment(file)
    assert window.session.state is State.READY
    assert len(window.session.view.history) == 0
    assert window.session.config.task.length == 17


def test_a_file_opens_wherever_it_is_dropped(window, drop, file):
    for target in (
        window,
        window.panels[0].plot.viewport(),
        window.form.viewport(),
        window.form.findChild(QPlainTextEdit).viewport(),
        window.message.label,
    ):
        assert drop(target, file)
        assert window.session.config == window.form.config == load_preset(file)
        window.opening.open_experiment(preset_names()[0])
        assert window.session.config != load_preset(file)


def test_only_one_local_file_can_be_dropped(window, drop, file):
    before = standing(window)
    assert not drop(window, file, file)
    data = QMimeData()
    data.setUrls([QUrl("https://example.org/mine.toml")])
    event = QDragEnterEvent(
        window.rect().center(), Qt.DropAction.CopyAction, data,
        Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    event.ignore()
    window.dragEnterEvent(event)
    assert not event.isAccepted()
    assert standing(window) == before


BAD = {
    "empty": (b"", "has no line 'schema = 1'"),
    "no toml": (b"schema = = 1", "is not valid TOML"),
    "binary": (b"\x00\x01\xff", "is not a text file"),
    "wrong value": (b"schema = 1\n[training]\nbatch_size = 0\n", "training.batch_size: 0 is given"),
    "unknown key": (b"schema = 1\n[model]\nhiden_size = 3\n", "did you mean 'hidden_size'"),
    "newer": (b"schema = 99\n", "written by a newer gradexplorer"),
    "does not fit": (
        b"schema = 1\ntask = {name = 'sunspots'}\ntraining = {batch_size = 4096}\n",
        "training.batch_size is 4,096",
    ),
}


def test_a_bad_file_changes_nothing(own, drop, until, tmp_path):
    own.run()
    until(lambda: own.session.iteration > 2)
    before = standing(own)
    bad = tmp_path / "bad.toml"
    for kind, (content, reason) in BAD.items():
        bad.write_bytes(content)
        assert drop(own, bad)
        assert reason in message(own), kind
        assert str(bad) in message(own), kind
        assert standing(own) == before, kind
        assert own.session.state is State.RUNNING
    updates = own.session.iteration
    until(lambda: own.session.iteration > updates)
    assert "bad.toml" not in presets(own)


def test_a_missing_file_changes_nothing(window, tmp_path):
    before = standing(window)
    window.opening.open_experiment(tmp_path / "gone.toml")
    assert "gone.toml: no such file" in message(window)
    assert standing(window) == before


def test_recent_files_open_again(window, file, tmp_path):
    other = tmp_path / "other.toml"
    save_preset(load_preset(file), other)
    window.opening.open_experiment(file)
    window.opening.open_experiment(other)
    window.opening.open_experiment(preset_names()[0])
    names = [name for name in presets(window) if name.endswith(".toml")]
    assert names == ["other.toml", "mine.toml"]
    presets(window)["mine.toml"].trigger()
    assert window.documents.path == file

    other.unlink()
    assert "other.toml" not in presets(window)


def test_saving_writes_what_is_in_the_form(own, file, enter):
    enter(own.form, "Sequence length", 23)
    enter(own.form, "Clipping", "Norm")
    assert own.isWindowModified()
    assert own.preset_button.text() == "My own *"
    own.actions_["save"].trigger()
    assert load_preset(file) == own.form.config
    assert load_preset(file).task.length == 23
    assert not own.isWindowModified()
    assert own.preset_button.text() == "My own"


def test_a_bundled_preset_is_saved_to_a_new_file(window, answers, tmp_path, home):
    answers.files = [None]
    window.actions_["save"].trigger()
    assert answers.proposed == [str(home / "untitled.toml")]
    assert window.documents.path is None

    answers.files = [tmp_path / "copy"]
    window.actions_["save_as"].trigger()
    copy = tmp_path / "copy.toml"
    assert load_preset(copy) == window.session.config
    assert window.documents.path == copy
    assert "copy.toml" in presets(window)


def test_an_invalid_setting_is_not_saved(own, file, enter):
    before = file.read_bytes()
    enter(own.form, "Sequence length", "many")
    own.actions_["save"].trigger()
    assert file.read_bytes() == before
    assert "Sequence length" in message(own)


def test_an_unwritable_file_stays_as_it_was(own, file, enter):
    before = file.read_bytes()
    file.chmod(0o444)
    enter(own.form, "Sequence length", 23)
    own.actions_["save"].trigger()
    assert f"Cannot write {file}" in message(own)
    assert file.read_bytes() == before
    assert own.isWindowModified()


def test_a_full_disk_leaves_the_old_file(own, file, enter, full_disk):
    before = file.read_bytes()
    enter(own.form, "Sequence length", 23)
    full_disk(10)
    own.actions_["save"].trigger()
    assert "no space left" in message(own)
    assert file.read_bytes() == before
    assert {entry.name for entry in file.parent.iterdir()} == {"home", "mine.toml"}


@pytest.mark.parametrize(
    ("answer", "goes_on", "saved"),
    [(Button.Save, True, True), (Button.Discard, True, False), (Button.Cancel, False, False)],
)
def test_unsaved_changes_are_asked_about(own, file, enter, answers, answer, goes_on, saved):
    enter(own.form, "Sequence length", 23)
    answers.buttons = [answer]
    own.opening.open_experiment("vanishing-gradient")
    assert (own.form.config == load_preset("vanishing-gradient")) is goes_on
    assert (load_preset(file).task.length == 23) is saved


@pytest.mark.parametrize("answer", [Button.Save, Button.Discard, Button.Cancel])
def test_closing_asks_about_unsaved_changes(own, file, enter, answers, answer):
    enter(own.form, "Sequence length", 23)
    answers.buttons = [answer]
    assert own.close() is (answer is not Button.Cancel)
    assert (load_preset(file).task.length == 23) is (answer is Button.Save)


def test_what_is_still_being_typed_counts_as_a_change(own, editor, answers):
    editor(own.form, "Sequence length").lineEdit().setText("23")
    answers.buttons = [Button.Cancel]
    assert not own.close()


def test_a_file_that_cannot_be_saved_keeps_the_window_open(own, file, enter, answers):
    enter(own.form, "Sequence length", 23)
    file.chmod(0o444)
    answers.buttons = [Button.Save]
    assert not own.close()
    assert "Cannot write" in message(own)


def test_nothing_is_asked_without_changes(own):
    own.opening.open_experiment("vanishing-gradient")
    own.session.run()
    assert own.close()
