"""The bar above the panels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QSizePolicy, QToolBar, QToolButton, QWidget

from gradexplorer.gui.keys import keep_space

if TYPE_CHECKING:
    from gradexplorer.gui.main_window import MainWindow


_BESIDE = 820  # pixels that everything beside an experiment's name takes
_WIDEST = 420


class ExperimentButton(QToolButton):
    """Names the experiment, as far as it does not push the rest from the bar.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._title = ""
        self._window = window
        window.installEventFilter(self)

    def set_title(self, title: str) -> None:
        """Show an experiment's name."""
        self._title = title
        self.setAccessibleDescription(title)
        self._fit()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Show more or less of the name as the window's width changes."""
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return False

    def _fit(self) -> None:
        room = min(max(0, self._window.width() - _BESIDE), _WIDEST)
        mode = Qt.TextElideMode.ElideRight
        self.setText(self.fontMetrics().elidedText(self._title, mode, room))


def make_toolbar(window: MainWindow) -> ExperimentButton:
    """Add the bar to the window; return its button that names and changes the experiment."""
    bar = QToolBar("Run")
    bar.setMovable(False)
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    window.addToolBar(bar)
    bar.setIconSize(QSize(18, 18))
    bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    for name in ("run", "pause", "step", "reset", "new_seed", "pin", "measure"):
        bar.addAction(window.actions_[name])
    for name in ("run", "pause"):  # whichever can be pressed is the obvious one
        bar.widgetForAction(window.actions_[name]).setObjectName("primary")
    for name in ("new_seed", "pin", "measure"):
        button = bar.widgetForAction(window.actions_[name])
        assert isinstance(button, QToolButton)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setAccessibleName(window.actions_[name].text().replace("&", ""))
    measure = bar.widgetForAction(window.actions_["measure"])
    assert isinstance(measure, QToolButton)
    measure.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
    measure.setMenu(window.measure_choices.menu)
    bar.addSeparator()
    preset = ExperimentButton(window)
    preset.setObjectName("preset")
    preset.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    preset.setMenu(window.menus.presets)
    preset.setToolTip("Choose another experiment")
    preset.setAccessibleName("Experiment")
    keep_space(preset)
    bar.addWidget(preset)
    space = QWidget()
    space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    bar.addWidget(space)
    bar.addWidget(window.progress)
    return preset
