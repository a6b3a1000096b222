"""Time series to forecast."""

from __future__ import annotations

from typing import ClassVar, Literal

from gradexplorer.config.fields import setting
from gradexplorer.config.tasks.task_section import TaskSection


class SunspotsTask(TaskSection):
    """Monthly sunspot numbers since 1749: forecast the next month."""

    title: ClassVar[str] = "Sunspots, monthly"

    name: Literal["sunspots"] = "sunspots"
    held_out: float = setting(
        0.2,
        "Held-out tail",
        "Share of the series, its latest months, that is never trained on and whose forecast is "
        "shown.",
        ge=0.05,
        le=0.5,
    )
