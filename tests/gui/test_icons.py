"""Icons: there is one for every action that asks for it, and it takes the theme's colour."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon

from gradexplorer.gui.actions import _SPECS
from gradexplorer.gui.icons import app_icon, icon
from gradexplorer.gui.theme import DARK, LIGHT

NAMES = sorted(
    {spec.icon for spec in _SPECS.values() if spec.icon}
    | {"more", "pulse", "previous", "next", "close"}
)


def inked(image):
    """Return the colours of an image's opaque pixels."""
    shades = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return {shade.name() for shade in shades if shade.alpha() == 255}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_an_icon_is_drawn_in_the_colour_asked_for(qapp, name, colors):
    found = icon(name, colors.text, colors.window)
    for size in (18, 36, 54):
        image = found.pixmap(QSize(size, size)).toImage()
        assert inked(image) == {QColor(colors.text).name()}
    disabled = found.pixmap(QSize(18, 18), QIcon.Mode.Disabled).toImage()
    assert inked(disabled).isdisjoint({QColor(colors.text).name()})


def test_the_program_has_an_icon(qapp):
    found = app_icon()
    for size in (16, 256):
        assert len(inked(found.pixmap(QSize(size, size)).toImage())) > 1
    assert not qapp.windowIcon().isNull()


def test_an_unknown_icon_is_a_defect(qapp):
    with pytest.raises(FileNotFoundError):
        icon("no-such-icon", "#000000", "#ffffff")
