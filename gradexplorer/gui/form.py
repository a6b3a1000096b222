"""The experiment's form, made from the config models' fields."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.fields import Setting, settings
from gradexplorer.config.problems import Problem, problems
from gradexplorer.config.task import TASKS
from gradexplorer.gui.field_widgets import ComboField, FieldWidget, make_field
from gradexplorer.gui.help import rich
from gradexplorer.lessons import first_section, task_page

_HEADINGS = {
    "task": "Task",
    "model": "Network",
    "bptt": "Backpropagation through time",
    "clipping": "Clipping",
    "regularizer": "Regularizer",
    "optimizer": "Optimizer",
    "schedule": "Learning-rate schedule",
    "training": "Training",
    "": "About",
}


_WIDTH = 322
_LABEL_WIDTH = 140
_MORE = "F2 says more of this task."
_LIVE = "It may be changed while a run trains, and acts from the next update."


class Row:
    """A field with its name, unit and the reason why its value is wrong."""

    def __init__(self, setting: Setting, field: FieldWidget) -> None:
        title, live = setting.title, setting.ui.live
        tip = f"{setting.help} {_LIVE}" if live else setting.help
        self.field = field
        self.title = title
        self.label = QLabel(title)
        self.label.setObjectName("live" if live else "setting")
        self.unit = QLabel(setting.ui.unit)
        self.unit.setObjectName("muted")
        self.reason = QLabel()
        self.reason.setObjectName("reason")
        self.reason.setWordWrap(True)
        self.reason.setTextFormat(Qt.TextFormat.PlainText)  # it may quote a file
        self.reason.hide()
        self.label.setWordWrap(True)
        self.label.setFixedWidth(_LABEL_WIDTH)
        self.label.setMinimumHeight(field.line_height())
        self.label.setBuddy(field.editor())
        field.editor().setAccessibleName(title)
        field.editor().setAccessibleDescription(tip)
        for widget in (self.label, field, field.editor()):
            widget.setToolTip(f"<p>{tip}</p>")

    def add_to(self, grid: QGridLayout) -> None:
        """Put the row's widgets at a grid's end."""
        at = grid.rowCount()
        if self.unit.text():
            self.field.row.addWidget(self.unit)
        grid.addWidget(self.label, at, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.field, at, 1)
        grid.addWidget(self.reason, at + 1, 0, 1, 2)

    def set_visible(self, visible: bool) -> None:
        """Show or hide the row."""
        for widget in (self.label, self.field):
            widget.setVisible(visible)
        self.reason.setVisible(visible and bool(self.reason.text()))

    def set_reason(self, reason: str) -> None:
        """Say why the value is wrong; an empty reason says that it is right."""
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason) and not self.field.isHidden())
        self.field.set_wrong(bool(reason))


class SectionForm(QWidget):
    """The fields of one section."""

    def __init__(self, section: type[BaseModel], form: Form) -> None:
        super().__init__()
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(8)
        self.grid.setVerticalSpacing(4)
        self.grid.setColumnMinimumWidth(0, _LABEL_WIDTH)
        self.grid.setColumnStretch(1, 1)
        self._form = form
        self.rows: dict[str, Row] = {}
        self._settings: dict[str, Setting] = {}
        for setting in settings(section):
            if setting.title == setting.name:
                continue  # has no title: nothing that a person sets
            field = make_field(setting, form.take)
            row = Row(setting, field)
            row.add_to(self.grid)
            self.rows[setting.name] = row
            self._settings[setting.name] = setting

    def values(self) -> dict[str, Any]:
        """Return what is entered."""
        return {name: row.field.value() for name, row in self.rows.items()}

    def show_values(self, model: BaseModel) -> None:
        """Show a section's values."""
        for name, row in self.rows.items():
            row.field.set_value(getattr(model, name))
        self.show_relevant()

    def show_relevant(self) -> bool:
        """Hide the fields that do not matter with the present choices; tell whether any does."""
        matters = {
            name: self._holds(setting.ui.when)
            or bool(setting.ui.also and self._holds(setting.ui.also))
            for name, setting in self._settings.items()
        }
        for name, row in self.rows.items():
            row.set_visible(matters[name])
        return any(matters.values())

    def _holds(self, when: dict[str, list[str]]) -> bool:
        return all(self._choice(other) in choices for other, choices in when.items())

    def _choice(self, name: str) -> Any:
        """Return what is entered for a field of this section or, as ``section.field``, another."""
        if name == "task.name":
            return self._form.task_name
        section, _, field = name.rpartition(".")
        rows = self._form.section(section).rows if section else self.rows
        return rows[field].field.value()

    def show_problem(self, problem: Problem) -> bool:
        """Mark the field that a problem is about; tell whether there is one."""
        name = problem.where[-1]
        if name not in self.rows:  # of the whole section: its sentence begins with the field
            name = problem.sentence.split(" ", 1)[0]
        if name not in self.rows:
            return False
        self.rows[name].set_visible(True)  # even where it does not matter now: it is to be mended
        self.rows[name].set_reason(_capital(problem.sentence))
        return True


class Form(QScrollArea):
    """Edits an experiment; a new field of a config model appears here by itself."""

    changed = Signal(object)
    """A valid `ExperimentConfig` was entered that differs from the last."""

    def __init__(self, config: ExperimentConfig) -> None:
        super().__init__()
        self._config = config
        self._tasks: dict[str, BaseModel] = {}  # the last valid settings of each task
        self._shown_task = ""
        self._sections: dict[str, SectionForm] = {}
        self._headings: dict[str, QLabel] = {}
        self.setAccessibleName("Experiment")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = QWidget()
        self._layout = QVBoxLayout(body)
        self._layout.setContentsMargins(10, 6, 10, 10)
        self._layout.setSpacing(6)
        self.setWidget(body)
        self.setMinimumWidth(_WIDTH)
        self._build()
        self.set_config(config)

    @property
    def config(self) -> ExperimentConfig:
        """The last valid experiment."""
        return self._config

    @property
    def task_name(self) -> str:
        """The task whose fields are shown."""
        return self._shown_task

    def set_config(self, config: ExperimentConfig) -> None:
        """Show an experiment, without `changed`."""
        self._config = config
        self._tasks = {config.task.name: config.task}
        self._task.set_value(config.task.name)
        self._show_task(config.task.name)
        for name, section in self._sections.items():
            section.show_values(getattr(config, name) if name else config)
        self._show_relevant()
        self._clear_problems()

    def commit(self) -> bool:
        """Take what is entered; tell whether it is valid."""
        if self._task.value() != self._shown_task:
            self._show_task(self._task.value())
        self._show_relevant()
        try:
            config = ExperimentConfig.model_validate(self._entered())
        except ValidationError as error:
            self._show_problems(problems(error, ExperimentConfig))
            return False
        self._clear_problems()
        if config != self._config:
            self._config = config
            self._tasks[config.task.name] = config.task
            self.changed.emit(config)
        return True

    def take(self) -> None:
        """Take what is entered, or mark what is wrong with it."""
        self.commit()

    def section(self, name: str) -> SectionForm:
        """Return the fields of a section."""
        return self._sections[name]

    def _show_relevant(self) -> None:
        for name, section in self._sections.items():
            matters = section.show_relevant()
            if name in self._headings and name != "task":  # above whose fields its choice stands
                self._headings[name].setVisible(matters)

    def show_error(self, sentence: str) -> None:
        """Mark the field that an error's sentence begins with, as ``section.field``."""
        where = tuple(sentence.split(" ", 1)[0].split("."))
        if where[0] in self._sections:
            self._show_problems([Problem(where, sentence)])

    def first_problem(self) -> str:
        """Return what is wrong first; empty where nothing is."""
        for section in self._sections.values():
            for row in section.rows.values():
                if row.reason.text():
                    return f"{row.title}. {row.reason.text()}"
        return ""

    def _build(self) -> None:
        for name, heading in _HEADINGS.items():
            self._layout.addSpacing(6)
            first = settings(type(getattr(self._config, name)))[0] if name else None
            if first is None or first.title != heading:  # else its first field says it
                label = QLabel(heading)
                label.setObjectName("heading")
                self._headings[name] = label
                self._layout.addWidget(label)
            if name == "task":
                self._add_task_choice()
            elif name:
                section = SectionForm(type(getattr(self._config, name)), self)
                self._sections[name] = section
                self._layout.addWidget(section)
            else:
                self._sections[""] = SectionForm(ExperimentConfig, self)
                self._layout.addWidget(self._sections[""])
        self._layout.addStretch(1)

    def _add_task_choice(self) -> None:
        self._task = ComboField({name: kind.title for name, kind in TASKS.items()}, self.take)
        self._task.combo.setAccessibleName("Task")
        self._layout.addWidget(self._task)
        self._task_place = QVBoxLayout()
        self._layout.addLayout(self._task_place)

    def _show_task(self, name: str) -> None:
        """Show the fields of a task as they were last, or as they are by default."""
        kind = TASKS[name]
        self._shown_task = name
        old = self._sections.get("task")
        if old is not None:
            self._task_place.removeWidget(old)
            old.hide()
            old.deleteLater()
        section = SectionForm(kind, self)
        self._sections["task"] = section
        self._task_place.addWidget(section)
        section.show_values(self._tasks.get(name) or kind())
        self._task.setToolTip(rich(f"{first_section(task_page(name))}\n\n{_MORE}"))

    def _entered(self) -> dict[str, Any]:
        entered: dict[str, Any] = {}
        for name, section in self._sections.items():
            if name:
                entered[name] = section.values()
            else:
                entered |= section.values()
        entered["task"]["name"] = self._task.value()
        return entered

    def _clear_problems(self) -> None:
        for section in self._sections.values():
            for row in section.rows.values():
                row.set_reason("")

    def _show_problems(self, found: list[Problem]) -> None:
        self._clear_problems()
        for problem in found:
            section = self._sections.get(problem.where[0] if len(problem.where) else "")
            section = section or self._sections[""]
            section.show_problem(problem)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
