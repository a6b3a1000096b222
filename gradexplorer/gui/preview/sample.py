"""The first rows of a table, each column headed by what was understood of it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from gradexplorer.gui.theme import Colors
from gradexplorer.tasks.tables.roles import Roles
from gradexplorer.tasks.tables.table import Column, Table

_KINDS = {
    "number": "numbers",
    "date": "dates",
    "text": "text",
    "mixed": "not only numbers",
    "empty": "nothing",
}
_WIDEST = 220  # pixels
_CELL_LETTERS = 60


class SampleTable(QTableWidget):
    """Shows a table's beginning; what a column is used for stands above it."""

    def __init__(self, colors: Colors) -> None:
        super().__init__()
        self._colors = colors
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("First rows")
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setMaximumSectionSize(_WIDEST)
        vertical = self.verticalHeader()
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        vertical.setDefaultSectionSize(self.fontMetrics().lineSpacing() + 6)
        vertical.setHighlightSections(False)

    def show_nothing(self) -> None:
        """Show that there is no table."""
        self.clear()
        self.setRowCount(0)
        self.setColumnCount(0)
        self._fit()

    def show_table(self, table: Table) -> None:
        """Show the first rows of a table."""
        self.clear()
        self.setRowCount(len(table.head))
        self.setColumnCount(len(table.columns))
        self.setVerticalHeaderLabels(
            [table.place(row).removeprefix("line ").removeprefix("row ")
             for row in range(len(table.head))]
        )  # fmt: skip
        for row, cells in enumerate(table.head):
            for index, cell in enumerate(cells):
                item = QTableWidgetItem(cell[:_CELL_LETTERS])
                if table.columns[index].kind in ("number", "mixed"):
                    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                    item.setTextAlignment(right)
                self.setItem(row, index, item)

    def show_roles(self, table: Table, roles: Roles | None) -> None:
        """Say above each column what it is and what it is used for."""
        for index, column in enumerate(table.columns):
            role = _role(column, roles)
            header = QTableWidgetItem(f"{column.name}\n{_about(column)}\n{role or '–'}")
            header.setForeground(QColor(self._ink(role)))
            font = header.font()
            font.setBold(bool(role))
            header.setFont(font)
            header.setToolTip(column.fault or column.name)
            self.setHorizontalHeaderItem(index, header)
            for row in range(self.rowCount()):
                if (item := self.item(row, index)) is not None:
                    item.setForeground(QColor(self._colors.text if role else self._colors.muted))
        self.resizeColumnsToContents()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep just the height that the rows need."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        rows = self.rowCount() * self.verticalHeader().defaultSectionSize()
        wide = self.horizontalHeader().length() + self.verticalHeader().width() > self.width() - 4
        bar = self.horizontalScrollBar().sizeHint().height() if wide else 0
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows + bar + 2)

    def _ink(self, role: str) -> str:
        if "target" in role:
            return self._colors.accent
        return self._colors.text if role else self._colors.muted


def _about(column: Column) -> str:
    missing = f", {column.missing:,} missing" if column.missing and column.kind != "empty" else ""
    return f"{_KINDS[column.kind]}{missing}"


def _role(column: Column, roles: Roles | None) -> str:
    if roles is None:
        return ""
    found = {
        "time": column is roles.time,
        "input": column in roles.inputs,
        "target": column is roles.target,
    }
    return " and ".join(name for name, is_it in found.items() if is_it)
