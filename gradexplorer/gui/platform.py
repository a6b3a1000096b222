"""Looking before Qt leaps: without a library or a display Qt would abort the process."""

from __future__ import annotations

import ctypes
import os
import sys

_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
}
_X11_PACKAGES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


def missing_libraries(*, window: bool = False) -> str:
    """Say which system libraries Qt lacks and how to install them; empty where it lacks none.

    Parameters
    ----------
    window : bool
        Whether a window on X11 is to be opened, rather than a picture drawn.
    """
    if not sys.platform.startswith("linux"):
        return ""
    wanted = _PACKAGES | (_X11_PACKAGES if window and _uses_x11() else {})
    missing = {library: package for library, package in wanted.items() if not _loads(library)}
    if not missing:
        return ""
    return (
        f"Qt needs {', '.join(missing)}, missing on this system. "
        f"On Debian or Ubuntu: sudo apt install {' '.join(missing.values())}"
    )


def missing_display() -> str:
    """Say why no window can be opened and what to do instead; empty where one can."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return ""
    instead = (
        "Without a window: gradexplorer run PRESET --out FOLDER (gradexplorer presets lists them)."
    )
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return f"There is no display to open a window on. {instead}"
    if _uses_x11() and not _x11_answers():
        return f"The display {os.environ['DISPLAY']} does not answer. {instead}"
    return ""


def _uses_x11() -> bool:
    return bool(os.environ.get("DISPLAY")) and not os.environ.get("WAYLAND_DISPLAY")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _x11_answers() -> bool:
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # then Qt's own message will do
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.POINTER(ctypes.c_int)]
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    answers: bool = xcb.xcb_connection_has_error(connection) == 0
    xcb.xcb_disconnect(connection)
    return answers
