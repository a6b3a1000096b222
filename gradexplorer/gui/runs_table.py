"""The pinned runs and the present one in a table: what differs, and how far each came."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QLineF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
)

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.export.tables import Table
from gradexplorer.gui.keys import keep_space
from gradexplorer.gui.pinned import STYLES, PinnedRun
from gradexplorer.gui.seldom import Seldom
from gradexplorer.gui.session import Session
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.theme import LIGHT, Colors
from gradexplorer.training.history import History

_COLUMNS = {
    "Run": "How the run is drawn",
    "Experiment": "Its title",
    "Instead of the present run's settings": "What its experiment has otherwise",
    "Updates": "How many it made",
    "Loss": "Of its last update, smoothed",
    "Held out": "Its last loss on held-out data",
    "First ÷ last gradient": "How much of the gradient at the last step reaches the first",
    "": "",
}
_DIFFERENCES = 2
_SWATCH = QSize(34, 12)
_ROW, _BUTTON = 24, 84  # pixels
_LOW = 800  # pixels: a window that is lower leaves it one row, the others to be scrolled to
_MILLISECONDS = 300  # between two looks at the figures: nobody reads faster


class RunsTable(QTableWidget):
    """One row a run, the present one first."""

    unpin_wanted = Signal(object)
    """A `PinnedRun` is not to be kept any longer."""

    def __init__(self) -> None:
        super().__init__(0, len(_COLUMNS))
        self._colors: Colors = LIGHT
        self._rows: tuple[PinnedRun | None, ...] = ()
        self._is_low = False
        self._session: Session | None = None
        self._seldom = Seldom(self._show, _MILLISECONDS, self)
        self.setAccessibleName("Runs compared")
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setIconSize(_SWATCH)
        self.setShowGrid(False)
        for column, (name, tip) in enumerate(_COLUMNS.items()):
            item = QTableWidgetItem(name)
            item.setToolTip(tip)
            self.setHorizontalHeaderItem(column, item)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_DIFFERENCES, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(len(_COLUMNS) - 1, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(len(_COLUMNS) - 1, _BUTTON)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW)
        self.setFrameShape(QFrame.Shape.NoFrame)

    def set_colors(self, colors: Colors) -> None:
        """Draw the runs' marks in these colours."""
        self._colors = colors
        self._rows = ()
        if self._session is not None:  # now: of a run that is over nothing more comes
            self.show_session(self._session)

    def show_session(self, session: Session) -> None:
        """Show the session's runs as they stand, now and then."""
        self._session, rows = session, (None, *session.view.pinned)
        if rows != self._rows:
            self._rows = rows
            self._lay_out()
            self._seldom.now()
        elif self.isVisible():
            self._seldom.ask()

    def _show(self) -> None:
        assert self._session is not None
        session, present = self._session, self._session.config
        for row, run in enumerate(self._rows):
            config = present if run is None else run.config
            history = session.view.history if run is None else run.history
            difference = "" if run is None else run.differs(present) or "the same"
            self._fill(row, (config.title, difference, *_figures(history)))

    def _lay_out(self) -> None:
        self.setRowCount(len(self._rows))
        self._fit_height()
        for row, run in enumerate(self._rows):
            for column in range(1, len(_COLUMNS)):
                self.setItem(row, column, QTableWidgetItem())
            sign = QTableWidgetItem(self._swatch(run), "present" if run is None else run.sign)
            self.setItem(row, 0, sign)
            self.removeCellWidget(row, len(_COLUMNS) - 1)
            if run is not None:
                self.setCellWidget(row, len(_COLUMNS) - 1, self._button(run))

    def fit_window(self, height: int) -> None:
        """Take the height of all rows, or less where the window has so few pixels."""
        self._is_low = height < _LOW
        self._fit_height()

    def _fit_height(self) -> None:
        every = self._height_of(self.rowCount())
        self.setMaximumHeight(every)
        self.setMinimumHeight(self._height_of(1) if self._is_low else every)

    def _height_of(self, rows: int) -> int:
        return self.horizontalHeader().sizeHint().height() + _ROW * rows + 4

    def _button(self, run: PinnedRun) -> QToolButton:
        button = QToolButton()
        button.setText("Remove")
        button.setAutoRaise(True)
        button.setToolTip("Do not compare with this run any longer")
        button.setAccessibleName(f"Remove run {run.sign}")
        button.clicked.connect(partial(self.unpin_wanted.emit, run))
        keep_space(button)
        return button

    def _swatch(self, run: PinnedRun | None) -> QIcon:
        """Return a piece of the line that a run is drawn with."""
        colors, ratio = self._colors, self.devicePixelRatioF()
        color = colors.smooth if run is None else colors.pinned[run.place]
        style = Qt.PenStyle.SolidLine if run is None else STYLES[run.place]
        picture = QPixmap(_SWATCH * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setPen(QPen(QColor(color), 2.0, style))
        middle = _SWATCH.height() / 2
        painter.drawLine(QLineF(1.0, middle, _SWATCH.width() - 1.0, middle))
        painter.end()
        return QIcon(picture)

    def _fill(self, row: int, texts: tuple[str, ...]) -> None:
        for column, text in enumerate(texts, start=1):
            item = self.item(row, column)
            if item is not None and item.text() != text:
                item.setText(text)
                item.setToolTip(text)


def compared(config: ExperimentConfig, history: History, pinned: tuple[PinnedRun, ...]) -> Table:
    """Return the table as data: a row a run, the present one first."""
    runs = [(config, history), *((run.config, run.history) for run in pinned)]
    numbers = ["present", *(str(run.place + 1) for run in pinned)]
    differs = ["", *(run.differs(config) for run in pinned)]
    names = ("updates", "loss", "held_out_loss", "first_to_last_gradient")
    figures = zip(*(_numbers(history) for _, history in runs), strict=True)
    columns = dict(zip(names, figures, strict=True))
    titles = [config.title for config, _ in runs]
    return Table({"run": numbers, "experiment": titles, "differs": differs, **columns})


def _numbers(history: History) -> tuple[int, float, float, float]:
    last = history.row(len(history) - 1)
    loss = float("nan") if last is None else float(last[1]["loss"])
    held_out = float("nan") if history.evaluation is None else history.evaluation.loss
    return len(history), loss, held_out, _ratio(history)


def _ratio(history: History) -> float:
    """Return the first reached step's mean gradient over the last's, or NaN."""
    if history.trace is None:
        return float("nan")
    mean, first = history.trace.dh.mean, history.trace.cut_off
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.float64(mean[first]) / np.float64(mean[-1]))


def _figures(history: History) -> tuple[str, ...]:
    updates, *values = _numbers(history)
    return f"{updates:,}", *("–" if np.isnan(value) else magnitude(value) for value in values)
