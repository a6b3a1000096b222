"""The bar above the panels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QSizePolicy, QToolBar, QToolButton, QWidget

from gradexplorer.gui.keys import keep_space

if TYPE_CHECKING:
    from gradexplorer.gui.main_window import MainWindow


_WIDEST_NAME = 180  # pixels


def make_toolbar(window: MainWindow) -> QToolButton:
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
    preset = QToolButton()
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


def name_of(button: QToolButton, title: str) -> None:
    """Show an experiment's name, shortened where it would push the rest from the bar."""
    mode = Qt.TextElideMode.ElideRight
    button.setText(button.fontMetrics().elidedText(title, mode, _WIDEST_NAME))
    button.setAccessibleDescription(title)
