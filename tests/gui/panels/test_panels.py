"""What holds for every panel, in every state that a run can be in."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint

from gradexplorer.gui.theme import DARK, LIGHT

NAMES = [
    "unrolled-graph", "timestep-gradient", "gradient-heatmap", "loss", "gradient-norm", "output",
]  # fmt: skip


def pictures(panels):
    return {name: panel.grab().toImage() for name, panel in panels.items()}


def test_every_state_is_drawn(show_panels, standing, state):
    panels = show_panels(standing(state))
    assert list(panels) == NAMES
    for size in ((760, 320), (160, 110), (1600, 260)):
        for panel in panels.values():
            panel.resize(*size)
            panel.show_view(standing(state))
            panel.grab()


@pytest.mark.parametrize("shown", ["empty", "lstm", "stream, cut", "1000 steps", "spoilt"])
def test_states_are_drawn_in_the_dark(show_panels, standing, shown):
    for image in pictures(show_panels(standing(shown), colors=DARK)).values():
        assert image.pixelColor(image.width() // 2, 2).name() == DARK.base


@pytest.mark.parametrize("shown", ["running", "diverged", "stream", "empty"])
def test_a_picture_changes_with_the_run(show_panels, standing, shown):
    panels = show_panels(standing("lstm"))
    before = pictures(panels)
    for panel in panels.values():
        panel.show_view(standing(shown))
    after = pictures(panels)
    assert all(before[name] != after[name] for name in NAMES)
    for panel in panels.values():
        panel.show_view(standing("lstm"))
    again = pictures(panels)
    for name in ("unrolled-graph", "timestep-gradient", "output"):  # others may keep their range
        assert again[name] == before[name]


@pytest.mark.parametrize("name", NAMES)
def test_a_hidden_panel_draws_when_it_is_shown(show_panel, standing, monkeypatch, name):
    panel = show_panel(name)
    drawn = []
    draw = panel.draw
    monkeypatch.setattr(panel, "draw", lambda view: (drawn.append(view), draw(view)))
    panel.hide()
    for shown in ("one update", "running"):
        panel.show_view(standing(shown))
    assert drawn == []
    panel.show()
    assert drawn == [standing("running")]
    panel.hide()
    panel.show()
    assert drawn == [standing("running")]  # nothing new came


@pytest.mark.parametrize("name", NAMES)
def test_new_colours_recolour_at_once(show_panel, standing, name):
    panel = show_panel(name, standing("running"))
    light = panel.grab().toImage()
    panel.set_colors(DARK)
    dark = panel.grab().toImage()
    assert dark.pixelColor(QPoint(200, 3)).name() == DARK.base
    panel.set_colors(LIGHT)
    assert panel.grab().toImage() == light


def test_every_state_can_be_read(show_panels, standing, state):
    for panel in show_panels(standing(state)).values():
        columns = panel.table().columns
        assert columns
        assert len({len(values) for values in columns.values()}) == 1
        assert all(column.replace("_", "").isalnum() for column in columns)
        for x in np.linspace(-5.0, 60.0, 40):
            for y in np.linspace(-9.0, 6.0, 7):
                assert isinstance(panel.describe(x, y), str)


def test_a_panel_without_a_run_is_blank(show_panels):
    for panel in show_panels(None).values():
        panel.grab()
        panel.table()
        assert panel.describe(1.0, 1.0) == ""
