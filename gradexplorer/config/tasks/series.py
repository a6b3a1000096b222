"""Time series to forecast."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from gradexplorer.config.fields import Ui, setting
from gradexplorer.config.tasks.task_section import TaskSection
from gradexplorer.config.training import MAX_SEED


def _held_out(default: float, remark: str = "") -> Any:
    return setting(
        default,
        "Held-out tail",
        "Share of the series, its end, that is never trained on and whose forecast is shown."
        + remark,
        ge=0.05,
        le=0.5,
    )


def _horizon(default: int, unit: str) -> Any:
    return setting(
        default,
        "Free-run horizon",
        "Steps that the network runs on by itself, fed with its own outputs, into the held-out "
        "tail; at most to its end.",
        ui=Ui(unit=unit),
        ge=1,
        le=2000,
    )


class SunspotsTask(TaskSection):
    """Monthly sunspot numbers since 1749: forecast the next month."""

    title: ClassVar[str] = "Sunspots, monthly"

    name: Literal["sunspots"] = "sunspots"
    held_out: float = _held_out(0.2)
    horizon: int = _horizon(24, "months")


class Co2Task(TaskSection):
    """Weekly CO2 at Mauna Loa, 1958 to 2001 (Keeling & Whorf 2004): forecast the next week."""

    title: ClassVar[str] = "Atmospheric CO₂, weekly"

    name: Literal["co2"] = "co2"
    held_out: float = _held_out(
        0.42,
        " 59 of the 2,284 weeks were not measured and bear no loss; 5 of them lie behind 1984, "
        "where a tail of 0.42 begins.",
    )
    horizon: int = _horizon(208, "weeks")


class MackeyGlassTask(TaskSection):
    """The chaotic Mackey-Glass series (Mackey & Glass 1977): forecast the next value."""

    title: ClassVar[str] = "Mackey-Glass"

    name: Literal["mackey_glass"] = "mackey_glass"
    tau: int = setting(
        17,
        "Delay tau",
        "How far back the equation looks. Up to 16 the series settles on a cycle, from 17 on it is "
        "chaotic; 17 and 30 are the published ones.",
        ge=6,
        le=100,
    )
    spacing: int = setting(
        6,
        "Spacing",
        "Time between two values. Published are 6 (Farmer & Sidorowich 1987) and 1 (Jaeger & Haas "
        "2004), where the next value is easy and a free run needs six times the steps.",
        ge=1,
        le=10,
    )
    length: int = setting(
        3000,
        "Values",
        "Length of the series.",
        ge=1000,
        le=10_000,
    )
    history_seed: int = setting(
        0,
        "History seed",
        "Draws the constant that the series was before it began; its first 1,000 time units are "
        "left out.",
        ui=Ui(random=True),
        ge=0,
        le=MAX_SEED,
    )
    held_out: float = _held_out(0.2)
    horizon: int = _horizon(100, "values")
