"""Problems made to need a long memory."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from gradexplorer.config.fields import Ui, setting
from gradexplorer.config.tasks.task_section import Steps, TaskSection
from gradexplorer.config.training import MAX_STEPS

LossAt = Literal["every", "marked", "last"]

WORD = 10
RECALLED = 30


def _loss_at(default: LossAt, marked: str) -> Any:
    """Declare where the loss is placed; ``marked`` says which steps are those that matter."""
    return setting(
        default,
        "Loss at",
        f"Which steps bear a loss: every one; the marked ones, {marked}; or the last alone.",
        ui=Ui(labels={"every": "Every", "marked": "Marked", "last": "Last"}),
    )


class AddingTask(TaskSection):
    """The adding problem (Hochreiter & Schmidhuber 1997, experiment 4; Le 2015)."""

    title: ClassVar[str] = "Adding problem"
    steps: ClassVar[Steps | None] = Steps("length")

    name: Literal["adding"] = "adding"
    length: int = setting(
        50,
        "Sequence length",
        "Timesteps of a sequence. The first marked number lies in its first half, and so does the "
        "second where they go from −1 to 1: the gradient has to travel at least half of it.",
        ui=Ui(unit="steps"),
        ge=2,
        le=MAX_STEPS,
    )
    scaling: Literal["signed", "unit"] = setting(
        "signed",
        "Numbers",
        "From −1 to 1, the target 0.5 + a quarter of their sum (Hochreiter & Schmidhuber 1997); or "
        "from 0 to 1, the target their sum, one marked in each half (Le 2015, Arjovsky 2016).",
        ui=Ui(labels={"signed": "−1 to 1", "unit": "0 to 1"}),
    )


class TemporalOrderTask(TaskSection):
    """The temporal-order problem (Hochreiter & Schmidhuber 1997, experiment 6; Pascanu 2013)."""

    title: ClassVar[str] = "Temporal order"
    steps: ClassVar[Steps | None] = Steps("length")

    name: Literal["temporal_order"] = "temporal_order"
    length: int = setting(
        20,
        "Sequence length",
        "Timesteps of a sequence. The first symbol to be told lies in its second tenth, so the "
        "gradient has to travel back over up to nine tenths of it.",
        ui=Ui(unit="steps"),
        ge=10,
        le=MAX_STEPS,
    )
    bits: int = setting(
        2,
        "Symbols to tell",
        "2: four orders (experiment 6a), the second symbol in the fifth tenth. 3: eight orders "
        "(experiment 6b), the others around 38 and 71 % of the sequence.",
        ge=2,
        le=3,
    )


class CopyTask(TaskSection):
    """The copy problem (Hochreiter & Schmidhuber 1997; Arjovsky 2016): ten symbols, said again."""

    title: ClassVar[str] = "Copy problem"
    steps: ClassVar[Steps | None] = Steps("delay", 2 * WORD)

    name: Literal["copy"] = "copy"
    delay: int = setting(
        30,
        "Delay",
        "Steps from the end of the ten symbols to their repetition. A sequence has 20 steps more.",
        ui=Ui(unit="steps"),
        ge=1,
        le=MAX_STEPS - 2 * WORD,
    )
    loss_at: LossAt = _loss_at("every", "at which the ten symbols are said again")


class DelayedRecallTask(TaskSection):
    """Delayed recall (Jaeger 2001): say at each step the number that was shown so long ago."""

    title: ClassVar[str] = "Delayed recall"
    steps: ClassVar[Steps | None] = Steps("lag", RECALLED)

    name: Literal["delayed_recall"] = "delayed_recall"
    lag: int = setting(
        10,
        "Lag",
        "Steps from a number to its recall. A sequence has 30 steps more, at which the first 30 "
        "numbers are recalled.",
        ui=Ui(unit="steps"),
        ge=1,
        le=MAX_STEPS - RECALLED,
    )
    loss_at: LossAt = _loss_at("marked", "at which there is a number to recall")


class DigitRowsTask(TaskSection):
    """Handwritten digits read row by row (Alpaydin & Kaynak 1998; after Le 2015): which is it."""

    title: ClassVar[str] = "Digits, row by row"

    name: Literal["digit_rows"] = "digit_rows"
