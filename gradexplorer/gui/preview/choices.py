"""What a person may decide about a table: how it is read, and what each column is for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QListWidget, QListWidgetItem, QWidget

from gradexplorer.config.fields import settings
from gradexplorer.config.tasks.own import OwnSeriesTask
from gradexplorer.gui.field_widgets import ComboField, FieldWidget, make_field
from gradexplorer.gui.theme import Colors
from gradexplorer.tasks.tables.roles import COUNT_ROWS, Roles, joined
from gradexplorer.tasks.tables.table import Table

_READ = ("delimiter", "decimal", "header")
_USED = ("missing", "held_out")
_LIST_ROWS = 4
_LABELS = {"time": "Time", "target": "Target", "inputs": "Inputs"}


class Choices(QWidget):
    """Edits an `OwnSeriesTask`, all but its file.

    Parameters
    ----------
    reread : callable
        Is called when the file has to be read in another way.
    changed : callable
        Is called when anything else was chosen.
    colors : Colors
    """

    def __init__(
        self, reread: Callable[[], None], changed: Callable[[], None], colors: Colors
    ) -> None:
        super().__init__()
        self._changed = changed
        self._filling = False
        kinds = {setting.name: setting for setting in settings(OwnSeriesTask)}
        self._fields: dict[str, FieldWidget] = {
            name: make_field(kinds[name], reread if name in _READ else self._tell)
            for name in (*_READ, *_USED)
        }
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._columns: dict[str, ComboField] = {}
        for name in ("time", "target"):
            self._columns[name] = combo = ComboField({}, self._tell)
            combo.editor().setAccessibleName(_LABELS[name])
            combo.editor().setToolTip(f"<p>{kinds[name].help}</p>")
            self._form.addRow(_LABELS[name], combo)
        self._inputs = QListWidget()
        self._inputs.setAccessibleName(_LABELS["inputs"])
        self._inputs.setToolTip(f"<p>{kinds['inputs'].help}</p>")
        self._inputs.setStyleSheet(  # Fusion's own empty box cannot be seen in the dark
            "QListWidget::indicator:unchecked { width: 10px; height: 10px; margin: 1px; "
            f"border: 1px solid {colors.muted}; border-radius: 2px; }}"
        )
        self._inputs.itemChanged.connect(self._tell)
        self._inputs.setFixedHeight(_LIST_ROWS * (self.fontMetrics().lineSpacing() + 5) + 6)
        self._form.addRow(_LABELS["inputs"], self._inputs)
        for name in (*_USED, *_READ):
            field = self._fields[name]
            field.editor().setAccessibleName(kinds[name].title)
            field.editor().setToolTip(f"<p>{kinds[name].help}</p>")
            self._form.addRow(kinds[name].title, field)

    def show_task(self, task: OwnSeriesTask) -> None:
        """Show how a task reads its file."""
        for name, field in self._fields.items():
            field.set_value(getattr(task, name))

    def show_table(self, table: Table, roles: Roles | None) -> None:
        """Offer a table's columns, those chosen that a task uses."""
        self._filling = True
        names = {column.name: column.name for column in table.columns if column.kind == "number"}
        times = {column.name: column.name for column in table.columns if column.kind == "date"}
        time = roles.time.name if roles is not None and roles.time is not None else COUNT_ROWS
        target = roles.target.name if roles is not None else next(iter(names), "")
        self._columns["time"].set_choices({COUNT_ROWS: "count the rows", **times, **names}, time)
        self._columns["target"].set_choices(names, target)
        chosen = {column.name for column in roles.inputs} if roles is not None else {target}
        self._inputs.clear()
        for name in names:
            item = QListWidgetItem(name)
            item.setFlags(Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled)
            item.setCheckState(_state(name in chosen))
            self._inputs.addItem(item)
        for name in _READ:
            self._form.setRowVisible(self._fields[name], table.layout is not None)
        self._filling = False

    def reading(self) -> dict[str, Any]:
        """Return how the file is to be read."""
        return {name: self._fields[name].value() for name in _READ}

    def use(self) -> dict[str, Any]:
        """Return what the columns are for; values that are not valid are left out."""
        items = [self._inputs.item(row) for row in range(self._inputs.count())]
        ticked = [item.text() for item in items if item.checkState() == Qt.CheckState.Checked]
        return {
            "time": self._columns["time"].value(),
            "target": self._columns["target"].value(),
            "inputs": joined(ticked),
            **{name: self._fields[name].value() for name in _USED},
        }

    def _tell(self, *_: object) -> None:
        if not self._filling:
            self._changed()


def _state(checked: bool) -> Qt.CheckState:
    return Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked
