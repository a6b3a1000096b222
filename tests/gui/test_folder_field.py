"""A setting that is a folder: typed, or chosen from a dialog."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from gradexplorer.config.fields import settings
from gradexplorer.config.tasks.speech import OwnRecordingsTask
from gradexplorer.gui.field_widgets import FolderField, make_field


@pytest.fixture
def committed() -> list[None]:
    return []


@pytest.fixture
def field(qtbot, committed) -> FolderField:
    setting = next(one for one in settings(OwnRecordingsTask) if one.name == "folder")
    made = make_field(setting, lambda: committed.append(None))
    qtbot.addWidget(made)
    assert isinstance(made, FolderField)
    return made


def test_a_folder_is_chosen(field, committed, monkeypatch, tmp_path) -> None:
    asked = []

    def choose(_parent: object, title: str, start: str) -> str:
        asked.append((title, start))
        return str(tmp_path)

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", choose)
    field.choose_button.click()
    assert asked == [("Folder", "")]
    assert field.value() == str(tmp_path)
    assert len(committed) == 1
    assert field.choose_button.accessibleName() == "Folder: choose a folder"


def test_nothing_chosen_changes_nothing(field, committed, monkeypatch) -> None:
    field.set_value("here")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    field.choose_button.click()
    assert field.value() == str(Path("here").absolute())
    assert not committed
