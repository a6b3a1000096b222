"""Colours, light and dark: the palette of widgets and the pens of plots come from one table."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication


@dataclass(frozen=True)
class Colors:
    """Every colour a view may use, as ``#rrggbb``.

    Text and marks stand at 3:1 or better against ``base`` and ``window``.
    """

    dark: bool
    window: str
    base: str
    raised: str
    border: str
    text: str
    muted: str
    axis: str
    grid: str
    accent: str
    accent_text: str
    raw: str
    smooth: str
    held_out: str
    limit: str
    band: str
    zero: str
    not_a_number: str
    infinite: str
    error: str
    warning_base: str
    error_base: str
    pinned: tuple[str, str, str, str]


LIGHT = Colors(
    dark=False,
    window="#f3f4f6",
    base="#ffffff",
    raised="#fbfbfc",
    border="#d5d9df",
    text="#1c2128",
    muted="#5d6774",
    axis="#a9b1bc",
    grid="#e4e7eb",
    accent="#1f5fd1",
    accent_text="#ffffff",
    raw="#6f8cc4",
    smooth="#1f4fa8",
    held_out="#b8410b",
    limit="#b8410b",
    band="#5d6774",
    zero="#7a828d",
    not_a_number="#c2188b",
    infinite="#d1490a",
    error="#b3261e",
    warning_base="#fdf3d7",
    error_base="#fbe4e2",
    pinned=("#7a35b8", "#0f7a4a", "#8a5a00", "#36454f"),
)

DARK = Colors(
    dark=True,
    window="#16191e",
    base="#1d2127",
    raised="#242930",
    border="#363d47",
    text="#e7eaee",
    muted="#9ba5b1",
    axis="#59626e",
    grid="#2c323a",
    accent="#5c9bff",
    accent_text="#0b1220",
    raw="#5673a6",
    smooth="#8ab8ff",
    held_out="#ffa24d",
    limit="#ffa24d",
    band="#aab3be",
    zero="#8d97a3",
    not_a_number="#ff6ac8",
    infinite="#ff7b3d",
    error="#ff8a80",
    warning_base="#3a3218",
    error_base="#43201f",
    pinned=("#c79bff", "#5fd39a", "#e3bf6b", "#c3ced8"),
)


def system_colors() -> Colors:
    """Return the colours that go with the system's colour scheme."""
    dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return DARK if dark else LIGHT


def apply_theme(app: QApplication, colors: Colors) -> None:
    """Give all widgets these colours."""
    sheet = _style_sheet(colors)
    if sheet != app.styleSheet():  # giving it again would polish every widget again
        app.setPalette(_palette(colors))
        app.setStyleSheet(sheet)


def _palette(colors: Colors) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    shades = {
        role.Window: colors.window,
        role.WindowText: colors.text,
        role.Base: colors.base,
        role.AlternateBase: colors.raised,
        role.Text: colors.text,
        role.Button: colors.raised,
        role.ButtonText: colors.text,
        role.BrightText: colors.error,
        role.ToolTipBase: colors.raised,
        role.ToolTipText: colors.text,
        role.PlaceholderText: colors.muted,
        role.Highlight: colors.accent,
        role.HighlightedText: colors.accent_text,
        role.Link: colors.accent,
        role.Light: colors.raised,
        role.Midlight: colors.border,
        role.Mid: colors.border,
        role.Dark: colors.border,
        role.Shadow: colors.border,
    }
    for key, value in shades.items():
        palette.setColor(key, QColor(value))
    for key in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(
            QPalette.ColorGroup.Disabled, key, QColor(mix(colors.muted, colors.window))
        )
    return palette


def mix(first: str, second: str, share: float = 0.55) -> str:
    """Return ``share`` of the first colour in the second."""
    a, b = QColor(first), QColor(second)
    parts = ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))
    return QColor(*(round(share * x + (1.0 - share) * y) for x, y in parts)).name()


def _style_sheet(c: Colors) -> str:
    return f"""
    QToolTip {{ color: {c.text}; background: {c.raised}; border: 1px solid {c.border};
        padding: 4px; }}
    QMainWindow::separator {{ background: {c.window}; width: 6px; height: 6px; }}
    QMainWindow::separator:hover {{ background: {c.border}; }}
    QToolBar {{ background: {c.window}; border: none; spacing: 4px; padding: 5px 8px; }}
    QToolBar QToolButton {{ padding: 5px 10px; border: 1px solid transparent;
        border-radius: 6px; }}
    QToolBar QToolButton:hover:enabled {{ background: {c.raised}; border-color: {c.border}; }}
    QToolBar QToolButton:pressed {{ background: {c.border}; }}
    QToolButton#primary:enabled {{ background: {c.accent}; color: {c.accent_text};
        font-weight: 600; }}
    QToolButton#primary:hover:enabled {{ background: {mix(c.accent, c.text, 0.85)}; }}
    QToolButton:focus, QPushButton:focus {{ border: 1px solid {c.accent}; }}
    QFrame#panel {{ background: {c.base}; border: 1px solid {c.border}; border-top: none;
        border-bottom-left-radius: 6px; border-bottom-right-radius: 6px; }}
    QFrame#panelHeader {{ background: {c.base}; border: 1px solid {c.border};
        border-bottom: none; border-top-left-radius: 6px; border-top-right-radius: 6px; }}
    QToolButton#panelMenu {{ border: none; padding: 2px 4px; border-radius: 4px; }}
    QToolButton#panelMenu:hover {{ background: {c.border}; }}
    QToolButton#panelMenu::menu-indicator {{ image: none; }}
    QToolBar QToolButton[popupMode="1"] {{ padding-right: 20px; }}
    QToolButton::menu-button {{ border: none; border-radius: 4px; width: 15px; margin: 3px; }}
    QToolButton::menu-button:hover {{ background: {c.border}; }}
    QToolButton#preset {{ font-weight: 600; }}
    QTabBar {{ background: {c.window}; }}
    QTabBar::tab {{ color: {c.muted}; background: transparent; border: none; padding: 3px 9px;
        border-bottom: 2px solid transparent; }}
    QTabBar::tab:selected {{ color: {c.text}; border-bottom-color: {c.accent}; font-weight: 600; }}
    QTabBar::tab:hover:!selected {{ color: {c.text}; border-bottom-color: {c.border}; }}
    QTableView {{ background: transparent; border: none; }}
    QTableView::item {{ padding: 0 8px; }}
    QHeaderView::section {{ background: {c.base}; color: {c.muted}; border: none;
        border-bottom: 1px solid {c.grid}; padding: 3px 8px; }}
    QLabel#heading {{ font-weight: 600; color: {c.muted}; }}
    QLabel#setting, QLabel#live {{ padding: 0 0 0 5px; border: none; }}
    QLabel#setting {{ border-left: 2px solid transparent; }}
    QLabel#live {{ border-left: 2px solid {c.accent}; }}
    QLabel#panelTitle {{ font-weight: 600; }}
    QLabel#muted, QLabel#hint {{ color: {c.muted}; }}
    QLabel#reason {{ color: {c.error}; }}
    QLabel#readout {{ color: {c.text}; background: {c.raised}; border: 1px solid {c.border};
        border-radius: 4px; padding: 3px 6px; }}
    QFrame#notice {{ background: {c.warning_base}; border: 1px solid {c.border};
        border-radius: 6px; }}
    QFrame#message {{ background: {c.base}; border: 1px solid {c.border}; border-radius: 6px; }}
    QFrame#message[tone="error"] {{ background: {c.error_base}; border-color: {c.error}; }}
    QFrame#verdict {{ background: {c.base}; border: 1px solid {c.border}; border-radius: 6px; }}
    QFrame#verdict[kind="bad"] {{ border-left: 4px solid {c.held_out}; }}
    QFrame#verdict[kind="good"] {{ border-left: 4px solid {c.pinned[1]}; }}
    QLabel#verdictTitle {{ font-weight: 600; }}
    QFrame#field {{ border: 1px solid transparent; border-radius: 4px; }}
    QFrame#field[wrong="true"] {{ border-color: {c.error}; background: {c.error_base}; }}
    QToolButton#segment {{ border: 1px solid {c.border}; padding: 3px 2px;
        background: {c.raised}; }}
    QToolButton#segment:checked {{ background: {c.accent}; color: {c.accent_text};
        border-color: {c.accent}; }}
    QToolButton#segment:focus {{ border: 2px solid {c.text}; padding: 2px 1px; }}
    QToolButton#segment:disabled {{ color: {mix(c.muted, c.window)}; }}
    QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
    QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
    QScrollBar::handle:vertical {{ background: {c.border}; border-radius: 4px; min-height: 32px;
        margin: 1px; }}
    QScrollBar::handle:vertical:hover {{ background: {c.axis}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; width: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QScrollArea {{ border: none; background: transparent; }}
    QScrollArea > QWidget > QWidget {{ background: transparent; }}
    QProgressBar {{ background: {c.border}; border: none; border-radius: 2px; }}
    QProgressBar::chunk {{ background: {c.accent}; border-radius: 2px; }}
    QMenu {{ background: {c.raised}; border: 1px solid {c.border}; padding: 4px; }}
    QMenu::item {{ padding: 4px 22px 4px 22px; border-radius: 4px; }}
    QMenu::item:selected {{ background: {c.accent}; color: {c.accent_text}; }}
    QMenu::item:disabled {{ color: {mix(c.muted, c.window)}; }}
    QMenu::separator {{ height: 1px; background: {c.border}; margin: 4px 6px; }}
    """
