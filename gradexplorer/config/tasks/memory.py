"""Problems made to need a long memory."""

from __future__ import annotations

from typing import ClassVar, Literal

from gradexplorer.config.fields import Ui, setting
from gradexplorer.config.tasks.task_section import Steps, TaskSection
from gradexplorer.config.training import MAX_STEPS


class AddingTask(TaskSection):
    """The adding problem (Hochreiter & Schmidhuber 1997, experiment 4)."""

    title: ClassVar[str] = "Adding problem"
    steps: ClassVar[Steps | None] = Steps("length")

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


class TemporalOrderTask(TaskSection):
    """The temporal-order problem (Hochreiter & Schmidhuber 1997, experiment 6a; Pascanu 2013)."""

    title: ClassVar[str] = "Temporal order"
    steps: ClassVar[Steps | None] = Steps("length")

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


class CopyTask(TaskSection):
    """The copy problem (Hochreiter & Schmidhuber 1997; Arjovsky 2016): ten symbols, said again."""

    title: ClassVar[str] = "Copy problem"
    steps: ClassVar[Steps | None] = Steps("delay", 20)

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
