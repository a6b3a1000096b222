"""The menu bar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from gradexplorer.config.presets import load_preset, preset_names
from gradexplorer.gui.help import about_text, keys_text, panels_text, show_text, task_text
from gradexplorer.gui.recent import recent_files
from gradexplorer.gui.scale import RangeMode
from gradexplorer.gui.theme import DARK, LIGHT

if TYPE_CHECKING:
    from gradexplorer.gui.main_window import MainWindow

_RANGES: dict[RangeMode, str] = {
    "fixed": "Fixed: 10⁻¹² to 10²",
    "recent": "Recent: what is shown now",
    "all time": "All time: never shrinks",
}


class Menus:
    """Builds the window's menus.

    Attributes
    ----------
    presets : QMenu
        The bundled experiments and the files opened last, also on the toolbar.
    """

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.presets = QMenu("&Experiments", window)
        self.presets.setToolTipsVisible(True)
        self.presets.aboutToShow.connect(self._fill_presets)
        self._fill_presets()
        self._file()
        self._run()
        self._view()
        self._help()

    def _file(self) -> None:
        menu, actions = self._window.menuBar().addMenu("&File"), self._window.actions_
        menu.addMenu(self.presets)
        menu.addAction(actions["open"])
        menu.addAction(actions["open_data"])
        menu.addSeparator()
        menu.addAction(actions["save"])
        menu.addAction(actions["save_as"])
        menu.addSeparator()
        menu.addAction(actions["export_all"])
        menu.addSeparator()
        menu.addAction(actions["quit"])

    def _run(self) -> None:
        menu = self._window.menuBar().addMenu("&Run")
        for name in ("run", "pause", "step", "reset", "new_seed", "pin", "measure", "use_reach"):
            menu.addAction(self._window.actions_[name])
        menu.addMenu(self._window.measure_choices.menu)
        menu.addSeparator()
        for name in ("earlier", "later", "first", "live", "continue"):
            menu.addAction(self._window.actions_[name])

    def _view(self) -> None:
        window = self._window
        menu = window.menuBar().addMenu("&View")
        for dock in (window.form_dock, *window.docks, window.runs_dock):
            menu.addAction(dock.toggleViewAction())
        menu.addSeparator()
        menu.addAction(window.actions_["show_all"])
        layouts = menu.addMenu("&Layout")
        for name in ("restore_layout", "lecture_layout", "compare_layout"):
            layouts.addAction(window.actions_[name])
        menu.addSeparator()
        choose = window.session.set_range_mode
        ranges = {text: partial(choose, mode) for mode, text in _RANGES.items()}
        range_menu = menu.addMenu("&Gradient range")
        self._choices(range_menu, ranges)
        for dock in window.docks:
            if dock.panel.shows_magnitudes:
                dock.add_menu(range_menu)
        colors = {"As the system": None, "Light": LIGHT, "Dark": DARK}
        choices = {text: partial(window.set_colors, shades) for text, shades in colors.items()}
        self._choices(menu.addMenu("&Colours"), choices)

    def _help(self) -> None:
        menu, window = self._window.menuBar().addMenu("&Help"), self._window
        texts = {"panels": panels_text, "task": task_text, "keys": keys_text, "about": about_text}
        for name, text in texts.items():
            action = window.actions_[name]
            action.triggered.connect(partial(show_text, window, action.toolTip(), text))
            menu.addAction(action)

    @staticmethod
    def _choices(menu: QMenu, choices: Mapping[str, Callable[[], None]]) -> None:
        """Fill a menu with choices of which one holds, at first the first."""
        group = QActionGroup(menu)
        for text, choose in choices.items():
            action = QAction(text, menu)
            action.setCheckable(True)
            action.setChecked(not group.actions())
            action.triggered.connect(lambda _checked, choose=choose: choose())
            group.addAction(action)
            menu.addAction(action)

    def _fill_presets(self) -> None:
        self.presets.clear()
        for name in preset_names():
            config = load_preset(name)
            action = self.presets.addAction(config.title)
            action.setToolTip(f"<p>{config.note}</p>")
            action.triggered.connect(partial(self._open, name))
        self.presets.addSeparator()
        for path in recent_files():
            action = self.presets.addAction(path.name)
            action.setToolTip(str(path))
            action.triggered.connect(partial(self._open, path))
        self.presets.addSeparator()
        self.presets.addAction(self._window.actions_["open"])

    def _open(self, name_or_path: str | Path, _checked: bool = False) -> None:
        self._window.opening.open_experiment(name_or_path)
