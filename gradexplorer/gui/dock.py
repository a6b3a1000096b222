"""The frame around a panel: its name, its menu, and its place in the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDockWidget,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gradexplorer.gui.elided import ElidedLabel
from gradexplorer.gui.icons import icon
from gradexplorer.gui.keys import keep_space
from gradexplorer.gui.panels.panel import Panel
from gradexplorer.gui.theme import Colors

_PNG_SCALES = (1, 2, 4)
_HIGH, _LOW, _NONE = 30, 24, 2  # pixels of a header with a title, with a note, with neither
_DETACHED = 32  # pixels from where it was


class Dock(QDockWidget):
    """A dock drawn as a card; its title is the handle to move it by.

    Parameters
    ----------
    name : str
        What its place is remembered under.
    title : str
    content : QWidget
    """

    def __init__(self, name: str, title: str, content: QWidget) -> None:
        super().__init__(title)
        self.setObjectName(name)
        self.header = QFrame()
        self.header.setObjectName("panelHeader")
        self.row = QHBoxLayout(self.header)
        self.row.setContentsMargins(10, 4, 6, 0)
        self.title = QLabel(title)
        self.title.setObjectName("panelTitle")
        self.title.setFixedHeight(26)
        self.note = ElidedLabel()  # it gives way to the controls
        self.note.setObjectName("muted")
        self.row.addWidget(self.title)
        self.row.addSpacing(6)
        self.row.addWidget(self.note)
        self.row.addStretch(1)
        self.setTitleBarWidget(self.header)
        frame = QFrame()
        frame.setObjectName("panel")
        layout = QVBoxLayout(frame)
        layout.setContentsMargins(1, 0, 1, 1)
        layout.setSizeConstraint(QLayout.SizeConstraint.SetMinAndMaxSize)  # as the content's
        layout.addWidget(content)
        self.setWidget(frame)


class PanelDock(Dock):
    """A dock around a panel, with a menu of what can be done with its picture and data."""

    picture_wanted = Signal(object, str, float)
    """The panel, ``"png"``, ``"svg"`` or ``"pdf"``, and the scale of a PNG."""
    copy_wanted = Signal(object)
    data_wanted = Signal(object)

    def __init__(self, panel: Panel) -> None:
        super().__init__(panel.name, panel.title, panel)
        self.panel = panel
        self.setWindowTitle(panel.tab or panel.title)
        self.title.setToolTip(f"<p>{panel.help}</p>")
        panel.headline_changed.connect(self._show_headline)
        self.visibilityChanged.connect(panel.set_in_sight)
        self.menu = self._build_menu()
        self.button = QToolButton()
        self.button.setObjectName("panelMenu")
        self.button.setAutoRaise(True)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.button.setToolTip("Save, copy, and how it is shown")
        self.button.setAccessibleName(f"{panel.title}: menu")
        self.button.setMenu(self.menu)
        keep_space(self.button)
        if panel.controls is not None:
            self.row.addWidget(panel.controls)
            panel.controls.installEventFilter(self)
        self.row.addWidget(self.button)
        self._is_slim = False
        panel.installEventFilter(self)
        panel.plot.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        panel.plot.customContextMenuRequested.connect(self._open_menu)

    def set_colors(self, colors: Colors) -> None:
        """Give the menu button and the panel these colours."""
        self.button.setIcon(icon("more", colors.muted, colors.base))
        self.panel.set_colors(colors)

    def name_itself(self, named: bool) -> None:
        """Show the title, or save its room where a tab says it."""
        self.title.setVisible(named)
        self._fit_header()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Keep the menu's button in its place when the panel's size or its controls change."""
        if watched is self.panel.controls:
            if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
                self._fit_header()
        elif self._is_slim and event.type() == QEvent.Type.Resize:
            self._place_button()
        return super().eventFilter(watched, event)

    def _fit_header(self) -> None:
        """Give the header the height of its words; without any, its button leaves it too."""
        named = not self.title.isHidden()
        controls = self.panel.controls
        has_controls = controls is not None and not controls.isHidden()
        slim = not named and not self.note.text() and not has_controls
        self.row.setContentsMargins(10, 4 if named else 0, 6, 0)
        self.header.setFixedHeight(_HIGH if named else _NONE if slim else _LOW)
        if slim == self._is_slim:
            return
        self._is_slim = slim
        self.note.setHidden(slim)
        if slim:
            self.button.setParent(self.panel)
            self._place_button()
            self.button.show()
        else:
            self.row.addWidget(self.button)
        self.panel.plot.legend.set_inset(self.button.sizeHint().width() + 6.0 if slim else 0.0)

    def _place_button(self) -> None:
        size = self.button.sizeHint()
        self.button.setGeometry(QRect(QPoint(self.panel.width() - size.width() - 6, 0), size))

    def _build_menu(self) -> QMenu:
        menu, panel = QMenu(self), self.panel
        png = menu.addMenu("Save as PNG")
        for scale in _PNG_SCALES:
            self._add(png, f"{scale}×…", self.picture_wanted, panel, "png", float(scale))
        self._add(menu, "Save as SVG…", self.picture_wanted, panel, "svg", 1.0)
        self._add(menu, "Save as PDF…", self.picture_wanted, panel, "pdf", 1.0)
        self._add(menu, "Save data as CSV…", self.data_wanted, panel)
        self._add(menu, "Copy picture", self.copy_wanted, panel)
        menu.addSeparator()
        panel.extend_menu(menu)
        self._follow = menu.addAction("Show all data")
        self._follow.triggered.connect(panel.plot.follow)
        menu.addSeparator()
        detach = menu.addAction("Detach")
        detach.triggered.connect(self._detach)
        self.topLevelChanged.connect(lambda alone: detach.setText("Attach" if alone else "Detach"))
        menu.addAction("Close").triggered.connect(self.close)
        return menu

    @Slot(str, str)
    def _show_headline(self, heading: str, note: str) -> None:
        self.title.setText(heading)
        self.note.setText(note)
        self._fit_header()

    def add_menu(self, menu: QMenu) -> None:
        """Offer another menu, one that others may offer too."""
        self.menu.insertMenu(self._follow, menu)

    @staticmethod
    def _add(menu: QMenu, text: str, signal: object, *arguments: object) -> None:
        menu.addAction(text).triggered.connect(lambda: signal.emit(*arguments))  # type: ignore[attr-defined]

    def _detach(self) -> None:
        self.setFloating(not self.isFloating())
        if self.isFloating():  # off its old place, so that one sees what happened
            self.move(self.pos() + QPoint(_DETACHED, _DETACHED))
            self.resize(self.size().expandedTo(QSize(560, 360)))

    def _open_menu(self, position: QPoint) -> None:
        self.menu.popup(self.panel.plot.mapToGlobal(position))
