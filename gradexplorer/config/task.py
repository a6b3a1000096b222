"""What is learned from: one class per task, told apart by ``name``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gradexplorer.config.fields import Section, Ui, setting


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
        le=20_000,
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


TaskConfig = Annotated[AddingTask | SunspotsTask, Field(discriminator="name")]

TASKS: dict[str, type[Section]] = {"adding": AddingTask, "sunspots": SunspotsTask}
TASK_TITLES: dict[str, str] = {"adding": "Adding problem", "sunspots": "Sunspots, monthly"}
