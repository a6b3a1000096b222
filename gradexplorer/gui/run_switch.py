"""Which run a panel shows that has no room for several at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from weakref import ref

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.gui.keys import keep_space
from gradexplorer.gui.pinned import MOST_PINNED, PinnedRun, sign_of
from gradexplorer.training.history import History

_HIGH = 20  # pixels


class RunSwitch(QWidget):
    """A button for the present run and one for each pinned run; out of sight without any.

    Parameters
    ----------
    panel : QWidget
        Which it is of; it belongs into the header around it.
    title : str
        Of the panel.
    """

    changed = Signal()
    """Another run was chosen."""

    def __init__(self, panel: QWidget, title: str) -> None:
        super().__init__(panel)
        self._title = title
        self._runs: tuple[PinnedRun, ...] = ()
        self._other: ExperimentConfig | None = None
        self._chosen: ref[History] | None = None
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 2, 0)
        layout.setSpacing(0)
        self._group = QButtonGroup(self)
        self.present = self._button("this run", None)
        self.others = [self._button(sign_of(place), place) for place in range(MOST_PINNED)]
        for button in (self.present, *self.others):
            layout.addWidget(button)
        self.present.setChecked(True)
        self.hide()

    def _button(self, text: str, place: int | None) -> QToolButton:
        button = QToolButton()
        button.setObjectName("segment")
        run = "this run" if place is None else f"run {text}"
        button.setText(text)
        button.setAccessibleName(f"{self._title}: show {run}")
        button.setToolTip(f"Show {run}")
        button.setCheckable(True)
        button.setFixedHeight(_HIGH)
        button.clicked.connect(partial(self._choose, place))
        keep_space(button)
        self._group.addButton(button)
        return button

    def offer(self, runs: Sequence[PinnedRun], other: ExperimentConfig) -> None:
        """Let one of these runs be chosen; they are told by what they have instead of another."""
        if tuple(runs) == self._runs and other is self._other:
            return
        self._runs, self._other = tuple(runs), other
        places = {run.place: run for run in runs}
        for place, button in enumerate(self.others):
            run = places.get(place)
            button.setHidden(run is None)
            if run is not None:
                differs = run.differs(other) or "same settings"
                button.setToolTip(f"Show run {run.sign}: {differs}")
        chosen = self.chosen(runs)
        button = self.present if chosen is None else self.others[chosen.place]
        button.setChecked(True)
        self.setHidden(not runs)

    def chosen(self, runs: Sequence[PinnedRun]) -> PinnedRun | None:
        """Return which of these runs was chosen; ``None``: the present one."""
        history = None if self._chosen is None else self._chosen()
        if history is None:
            return None
        return next((run for run in runs if run.history is history), None)

    def _choose(self, place: int | None, _checked: bool = False) -> None:
        run = next((run for run in self._runs if run.place == place), None)
        self._chosen = None if run is None else ref(run.history)
        self.changed.emit()
