"""Data without time, for plain backpropagation."""

from __future__ import annotations

from typing import ClassVar, Literal

from gradexplorer.config.fields import setting
from gradexplorer.config.tasks.task_section import TaskSection


class DigitsTask(TaskSection):
    """Handwritten digits of 8 x 8 pixels (Alpaydin & Kaynak 1998): which is it."""

    title: ClassVar[str] = "Handwritten digits"

    name: Literal["digits"] = "digits"


class SpiralsTask(TaskSection):
    """Two interleaved spirals (after Lang & Witbrock 1988): on which of them lies a point."""

    title: ClassVar[str] = "Two spirals"

    name: Literal["spirals"] = "spirals"
    turns: float = setting(
        2.0,
        "Turns",
        "Turns of each spiral on its way from the middle to radius 1.",
        ge=0.25,
        le=5.0,
    )
    noise: float = setting(
        0.02,
        "Noise",
        "Standard deviation of what is added to x and y. Where the spirals, 1/(2 turns) apart, "
        "begin to overlap, no network tells them apart without error.",
        ge=0.0,
        le=1.0,
    )
