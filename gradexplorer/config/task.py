"""What is learned from: one class per task, told apart by ``name``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gradexplorer.config.fields import Section, Ui, setting
from gradexplorer.config.training import MAX_STEPS


class AddingTask(Section):
    """The adding problem (Hochreiter & Schmidhuber 1997, experiment 4)."""

    name: Literal["adding"] = "adding"
    length: int = setting(
        50,
        "Sequence length",
        "Timesteps of a sequence. Both marked numbers lie in its first half, so the gradient has "
        "to travel at least half of it.",
        ui=Ui(unit="steps"),
        ge=2,
        le=MAX_STEPS,
    )


class TemporalOrderTask(Section):
    """The temporal-order problem (Hochreiter & Schmidhuber 1997, experiment 6a; Pascanu 2013)."""

    name: Literal["temporal_order"] = "temporal_order"
    length: int = setting(
        20,
        "Sequence length",
        "Timesteps of a sequence. The two symbols to be told lie in its second and fifth tenth, so "
        "the gradient has to travel back over half of it and nine tenths of it.",
        ui=Ui(unit="steps"),
        ge=10,
        le=MAX_STEPS,
    )


class CopyTask(Section):
    """The copy problem (Hochreiter & Schmidhuber 1997; Arjovsky 2016): ten symbols, said again."""

    name: Literal["copy"] = "copy"
    delay: int = setting(
        30,
        "Delay",
        "Steps from the end of the ten symbols to their repetition. A sequence has 20 steps more, "
        "and every one bears a loss.",
        ui=Ui(unit="steps"),
        ge=1,
        le=MAX_STEPS - 20,
    )


class SunspotsTask(Section):
    """Monthly sunspot numbers since 1749: forecast the next month."""

    name: Literal["sunspots"] = "sunspots"
    held_out: float = setting(
        0.2,
        "Held-out tail",
        "Share of the series, its latest months, that is never trained on and whose forecast is "
        "shown.",
        ge=0.05,
        le=0.5,
    )


class DigitsTask(Section):
    """Handwritten digits of 8 x 8 pixels (Alpaydin & Kaynak 1998): which is it."""

    name: Literal["digits"] = "digits"


class SpiralsTask(Section):
    """Two interleaved spirals (after Lang & Witbrock 1988): on which of them lies a point."""

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


TaskConfig = Annotated[
    AddingTask | TemporalOrderTask | CopyTask | SunspotsTask | DigitsTask | SpiralsTask,
    Field(discriminator="name"),
]

TASKS: dict[str, type[Section]] = {
    "adding": AddingTask,
    "temporal_order": TemporalOrderTask,
    "copy": CopyTask,
    "sunspots": SunspotsTask,
    "digits": DigitsTask,
    "spirals": SpiralsTask,
}
TASK_TITLES: dict[str, str] = {
    "adding": "Adding problem",
    "temporal_order": "Temporal order",
    "copy": "Copy problem",
    "sunspots": "Sunspots, monthly",
    "digits": "Handwritten digits",
    "spirals": "Two spirals",
}
