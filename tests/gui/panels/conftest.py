"""Runs in every state that a panel may have to draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gradexplorer.engine.truncation import Cut
from gradexplorer.gui.depth import DepthAxis
from gradexplorer.gui.panels import make_instruments
from gradexplorer.gui.reach import Reach
from gradexplorer.gui.theme import LIGHT
from gradexplorer.gui.view import RunView
from gradexplorer.training.snapshot import Band

LSTM = "model.cell=lstm"
BIAS = "model.forget_bias=3.0"


def spoilt(length: int) -> np.ndarray:
    """Return magnitudes with everything in them that is not a positive number."""
    values = np.logspace(-9, 3, length)
    for first, value in enumerate((0.0, np.nan, np.inf)):
        values[first::5] = value
    return values


STATES = {
    "empty": ("small", (), 0),
    "empty lstm": ("small", (LSTM,), 0),
    "empty stream": ("small_stream", (), 0),
    "one update": ("small", (), 1),
    "running": ("small", (), 35),
    "finished": ("small", (), 40),
    "lstm": ("small", (LSTM, BIAS), 12),
    "clipped": ("small", ("clipping.method=norm", "clipping.threshold=0.05"), 12),
    "clipped by parameter": (
        "small",
        ("clipping.method=parameter", "clipping.threshold=0.02"),
        12,
    ),
    "clipped by value": ("small", ("clipping.method=value", "clipping.threshold=0.01"), 12),
    "cut": ("small", ("bptt.k2=4",), 3),
    "stream": ("small_stream", (), 11),
    "stream with gaps": ("small", ("task.name=co2", "task.horizon=20", "bptt.k2=10"), 11),
    "stream, cut": ("small_stream", ("bptt.k2=12", "bptt.k1=6"), 11),
    "stream, cut at every step": ("small_stream", ("bptt.k2=1",), 11),
    "2 steps": ("small", ("task.length=2",), 3),
    "200 steps": ("small", ("task.length=200", LSTM), 3),
    "1000 steps": ("small", ("task.length=1000",), 3),
    "layers": ("small", ("model.cell=feedforward", "model.depth=6"), 11),
    "empty layers": ("small", ("model.cell=feedforward", "model.widths='3 2'"), 0),
    "200 layers": ("small", ("model.cell=feedforward", "model.depth=200"), 2),
    "digits": ("small", ("task.name=digits", "model.cell=feedforward"), 11),
    "spirals": ("small", ("task.name=spirals", "model.cell=feedforward"), 11),
    "one step": ("small", ("task.name=spirals",), 11),
    "characters": (
        "small",
        ("task.name=characters", "training.evaluate_every=5", "bptt.k2=9"),
        11,
    ),
    "1000 steps, lstm, cut": ("small", ("task.length=1000", LSTM, "bptt.k2=100"), 3),
}
MADE_UP = ("diverged", "spoilt", "cut in part", "plain stream")


@pytest.fixture(params=[*STATES, *MADE_UP])
def state(request: pytest.FixtureRequest) -> str:
    """Give the name of each state in turn."""
    return str(request.param)


@pytest.fixture(scope="session")
def standing(
    make_view: Any, small: Any, small_stream: Any, diverging: Any
) -> Callable[[str], RunView]:
    """Give a function that returns the run of a state, made once."""
    makers = {"small": small, "small_stream": small_stream}
    made: dict[str, RunView] = {}

    def make(state: str) -> RunView:
        if state == "diverged":
            return make_view(diverging, 500)
        if state == "spoilt":
            band = Band(spoilt(12), spoilt(12), spoilt(12))
            return make_view(
                small(LSTM), dh=band, dc=band, flow_h=spoilt(12), flow_c=spoilt(12),
                dc_from_h=spoilt(12), dx=spoilt(12), dy=spoilt(1), flow_y=np.array([np.inf]),
            )  # fmt: skip
        if state == "cut in part":
            cuts = np.zeros(12, np.uint8)
            cuts[2::2], cuts[3::4] = Cut.PARTIAL, Cut.FULL
            return make_view(small(LSTM), cuts=cuts)
        if state == "plain stream":
            view = make_view(small_stream(), 11)
            view.history.evaluation = replace(view.history.evaluation, view=None, figures={})
            return view
        maker, overrides, updates = STATES[state]
        return make_view(makers[maker](*overrides), updates)

    def find(state: str) -> RunView:
        if state not in made:
            made[state] = make(state)
        return made[state]

    return find


@pytest.fixture
def show_instruments(qtbot):
    """Give a function that shows all instruments of a view."""

    def show(view, colors=LIGHT, width=520):
        reach = Reach()
        panels = make_instruments(DepthAxis(reach), reach)
        for panel in panels:
            qtbot.addWidget(panel)
            panel.reach = reach
            panel.resize(width, 300)
            panel.set_colors(colors)
            panel.show()
            panel.show_view(view)
        return {panel.name: panel for panel in panels}

    return show
