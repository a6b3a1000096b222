"""Everything the window can be told to do, with its key and its explanation."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from gradexplorer.gui.icons import icon
from gradexplorer.gui.theme import Colors


@dataclass(frozen=True)
class _Spec:
    text: str
    key: str
    tip: str
    icon: str = ""


_SPECS = {
    "run": _Spec("&Run", "", "Train, or go on training", "run"),
    "pause": _Spec("&Pause", "", "Wait after the next update", "pause"),
    "toggle": _Spec("Run or pause", "Space", "Run or pause"),
    "step": _Spec("&Step", "S", "Make one update and wait", "step"),
    "reset": _Spec("R&eset", "Ctrl+R", "Go back to the same initial weights", "reset"),
    "new_seed": _Spec("&New seed", "Ctrl+D", "Start from other random weights and data", "seed"),
    "pin": _Spec("P&in", "P", "Keep this run and draw the next ones beside it", "pin"),
    "measure": _Spec(
        "&Measure", "M", "Look inside: measure what the visible instruments show", "measure"
    ),
    "use_reach": _Spec("&Truncate at K", "T", "Take the instruments' K as truncation length k2"),
    "earlier": _Spec("E&arlier", "Alt+Left", "Show the moment kept before this one"),
    "later": _Spec("&Later", "Alt+Right", "Show the moment kept after this one"),
    "first": _Spec("&First", "Alt+Home", "Show the first moment that is kept"),
    "live": _Spec("Li&ve", "Alt+End", "Show the run as it is now"),
    "continue": _Spec(
        "&Continue from here",
        "Ctrl+Return",
        "End the run and train on from the moment shown, with the settings in the form",
    ),
    "open": _Spec("&Open…", "Ctrl+O", "Open an experiment from a TOML file"),
    "open_data": _Spec("Open &data…", "Ctrl+Shift+O", "Train on a table or array of your own"),
    "save": _Spec("&Save", "Ctrl+S", "Save the experiment to its file"),
    "save_as": _Spec("Save &as…", "Ctrl+Shift+S", "Save the experiment to another TOML file"),
    "export_all": _Spec("E&xport everything…", "Ctrl+E", "All plots, data and the run in a folder"),
    "quit": _Spec("&Quit", "Ctrl+Q", "Close the window"),
    "restore_layout": _Spec("&Explore", "Ctrl+1", "Every panel in its place, instruments in tabs"),
    "lecture_layout": _Spec("&Lecture", "Ctrl+2", "Few panels, large"),
    "compare_layout": _Spec("&Compare", "Ctrl+3", "What pinned runs are drawn in, and their table"),
    "show_all": _Spec("Show &all data", "A", "Let all plots follow their data again"),
    "panels": _Spec("&What the panels show", "F1", "What each panel shows"),
    "task": _Spec("&This task", "F2", "What this task is, and what to look at"),
    "keys": _Spec("&Keyboard and mouse", "", "What keys and the mouse do"),
    "about": _Spec("&About gradexplorer", "", "Version and libraries"),
}


class Actions:
    """The window's actions by name, e.g. ``actions["run"]``.

    Parameters
    ----------
    parent : QWidget
        The window, which gets their shortcuts.
    """

    def __init__(self, parent: QWidget) -> None:
        self._actions: dict[str, QAction] = {}
        for name, spec in _SPECS.items():
            action = QAction(spec.text, parent)
            action.setObjectName(name)
            action.setShortcut(QKeySequence(spec.key))
            action.setIconVisibleInMenu(False)
            shown = spec.key
            if name in ("run", "pause"):  # one key for both is the shortcut of "toggle"
                shown = _SPECS["toggle"].key
                action.setText(f"{spec.text}\t{shown}")
                action.setIconText(spec.text.replace("&", ""))
            action.setToolTip(f"{spec.tip} ({shown})" if shown else spec.tip)
            action.setStatusTip(spec.tip)
            parent.addAction(action)
            self._actions[name] = action

    def with_keys(self) -> list[tuple[str, str]]:
        """Return what can be done with a key, as (key, explanation)."""
        return [(spec.key, spec.tip) for spec in _SPECS.values() if spec.key]

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def set_colors(self, colors: Colors) -> None:
        """Redraw the icons."""
        for name, spec in _SPECS.items():
            if spec.icon:
                ink = colors.accent_text if name in ("run", "pause") else colors.text
                self._actions[name].setIcon(icon(spec.icon, ink, colors.window))
