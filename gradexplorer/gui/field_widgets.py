"""One editor for each kind of setting."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from gradexplorer.config.fields import Setting
from gradexplorer.gui.keys import keep_space
from gradexplorer.gui.number_box import NumberBox

_LONG_TEXT = 100
_NUMBER_WIDTH = 82
_SEGMENTS = 3  # choices, and letters in all, that fit side by side
_LETTERS = 16


class FieldWidget(QFrame):
    """An editor of one value. ``on_commit`` is called when a person has entered another."""

    def __init__(self, on_commit: Callable[[], None]) -> None:
        super().__init__()
        self.on_commit = on_commit
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(1, 1, 1, 1)
        self.row.setSpacing(4)
        self.setObjectName("field")

    def value(self) -> Any:
        """Return what is entered, valid or not."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show a value without calling ``on_commit``."""
        raise NotImplementedError

    def editor(self) -> QWidget:
        """Return the widget that takes the focus and shows that a value is wrong."""
        raise NotImplementedError

    def line_height(self) -> int:
        """Return the height that a label beside the first line of the editor needs."""
        return self.sizeHint().height()

    def set_wrong(self, wrong: bool) -> None:
        """Mark the value as wrong, or not."""
        if bool(self.property("wrong")) != wrong:
            self.setProperty("wrong", wrong)
            self.style().unpolish(self)
            self.style().polish(self)


class NumberField(FieldWidget):
    """A number."""

    def __init__(self, setting: Setting, on_commit: Callable[[], None]) -> None:
        super().__init__(on_commit)
        self.box = NumberBox(setting)
        self.box.committed.connect(on_commit)
        self.box.setFixedWidth(_NUMBER_WIDTH)
        self.row.addWidget(self.box)
        self.row.setAlignment(Qt.AlignmentFlag.AlignLeft)

    def value(self) -> Any:
        """Return the number, ``None``, or a text that is no number."""
        return self.box.value()

    def set_value(self, value: Any) -> None:
        """Show a number."""
        self.box.set_value(value)

    def editor(self) -> QWidget:
        """Return the box."""
        return self.box


class SegmentField(FieldWidget):
    """A choice of a few words, all of them in sight."""

    def __init__(self, setting: Setting, on_commit: Callable[[], None]) -> None:
        super().__init__(on_commit)
        self.row.setSpacing(0)
        self.group = QButtonGroup(self)
        self.buttons: dict[str, QToolButton] = {}
        for choice in setting.choices:
            button = QToolButton()
            button.setObjectName("segment")
            button.setText(setting.label(choice))
            button.setCheckable(True)
            button.setAccessibleName(f"{setting.title}: {setting.label(choice)}")
            button.setToolTip(setting.help)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setMinimumWidth(30)
            button.clicked.connect(on_commit)
            keep_space(button)
            self.group.addButton(button)
            self.buttons[choice] = button
            self.row.addWidget(button)
        self.setFocusProxy(next(iter(self.buttons.values())))

    def value(self) -> str:
        """Return the choice."""
        return next(choice for choice, button in self.buttons.items() if button.isChecked())

    def set_value(self, value: str) -> None:
        """Show a choice."""
        self.buttons[value].setChecked(True)

    def editor(self) -> QWidget:
        """Return the field itself: each button has a name of its own."""
        return self


class _ComboBox(QComboBox):
    """Takes the wheel only with the focus, so that scrolling the form changes nothing."""

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ComboField(FieldWidget):
    """A choice of many words."""

    def __init__(self, choices: dict[str, str], on_commit: Callable[[], None]) -> None:
        super().__init__(on_commit)
        self.combo = _ComboBox()
        self.set_choices(choices, next(iter(choices), ""))
        self.combo.activated.connect(on_commit)
        keep_space(self.combo)
        self.combo.setMinimumWidth(60)
        self.row.addWidget(self.combo)

    def set_choices(self, choices: dict[str, str], value: str) -> None:
        """Offer other choices, of which one is chosen."""
        self.combo.clear()
        for choice, label in choices.items():
            self.combo.addItem(label, choice)
        self.set_value(value)

    def value(self) -> str:
        """Return the choice."""
        return str(self.combo.currentData())

    def set_value(self, value: str) -> None:
        """Show a choice."""
        self.combo.setCurrentIndex(self.combo.findData(value))

    def editor(self) -> QWidget:
        """Return the combo box."""
        return self.combo


class TextField(FieldWidget):
    """A short text."""

    def __init__(self, on_commit: Callable[[], None]) -> None:
        super().__init__(on_commit)
        self.line = QLineEdit()
        self.line.editingFinished.connect(on_commit)
        self.row.addWidget(self.line)

    def value(self) -> str:
        """Return the text."""
        return self.line.text()

    def set_value(self, value: str) -> None:
        """Show a text from its beginning."""
        self.line.setText(value)
        self.line.setCursorPosition(0)

    def editor(self) -> QWidget:
        """Return the line."""
        return self.line


class FileField(TextField):
    """The path of a file, which may also be chosen from a dialog."""

    noun = "file"

    def __init__(self, setting: Setting, on_commit: Callable[[], None]) -> None:
        super().__init__(on_commit)
        self._title, self._files = setting.title, setting.ui.files
        self.choose_button = QToolButton()
        self.choose_button.setText("…")
        self.choose_button.setAccessibleName(f"{setting.title}: choose a {self.noun}")
        self.choose_button.setToolTip(f"Choose a {self.noun}")
        self.choose_button.clicked.connect(self._choose)
        keep_space(self.choose_button)
        self.row.addWidget(self.choose_button)

    def value(self) -> str:
        """Return the path, made absolute, so that it stays the same file when it is saved."""
        text = super().value()
        return str(Path(text).absolute()) if text else ""

    def ask(self) -> str:
        """Let the user choose a file; return its path, or nothing."""
        filters = f"{self._files};;All files (*)"
        name, _ = QFileDialog.getOpenFileName(self, self._title, self.value(), filters)
        return name

    def _choose(self) -> None:
        if name := self.ask():
            self.set_value(name)
            self.on_commit()


class FolderField(FileField):
    """The path of a folder, which may also be chosen from a dialog."""

    noun = "folder"

    def ask(self) -> str:
        """Let the user choose a folder; return its path, or nothing."""
        return QFileDialog.getExistingDirectory(self, self._title, self.value())


class LongTextField(FieldWidget):
    """A text of several lines."""

    def __init__(self, on_commit: Callable[[], None]) -> None:
        super().__init__(on_commit)
        self.text = QPlainTextEdit()
        self.text.setTabChangesFocus(True)
        self.text.setAcceptDrops(False)  # a file that is dropped here is to be opened
        self.text.setFixedHeight(110)
        self.text.textChanged.connect(self._changed)
        self._setting = False
        self.row.addWidget(self.text)

    def value(self) -> str:
        """Return the text."""
        return self.text.toPlainText()

    def set_value(self, value: str) -> None:
        """Show a text."""
        if value != self.text.toPlainText():
            self._setting = True
            self.text.setPlainText(value)
            self._setting = False

    def line_height(self) -> int:
        """Return the height of one line."""
        return self.fontMetrics().lineSpacing() + 12

    def editor(self) -> QWidget:
        """Return the text field."""
        return self.text

    def _changed(self) -> None:
        if not self._setting:
            self.on_commit()


def make_field(setting: Setting, on_commit: Callable[[], None]) -> FieldWidget:
    """Make the editor that suits a setting."""
    if setting.choices:
        labels = {key: setting.label(key) for key in setting.choices}
        if len(labels) <= _SEGMENTS and sum(map(len, labels.values())) <= _LETTERS:
            return SegmentField(setting, on_commit)
        return ComboField(labels, on_commit)
    if setting.ui.files:
        return FileField(setting, on_commit)
    if setting.ui.folder:
        return FolderField(setting, on_commit)
    if setting.kind is str:
        long = (setting.max_length or 0) > _LONG_TEXT and not setting.ui.one_line
        return LongTextField(on_commit) if long else TextField(on_commit)
    return NumberField(setting, on_commit)
