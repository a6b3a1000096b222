"""Words to recognize, heard frame by frame."""

from __future__ import annotations

from typing import ClassVar, Literal

from gradexplorer.config.fields import Ui, setting
from gradexplorer.config.tasks.task_section import TaskSection
from gradexplorer.config.training import MAX_SEED

LossAt = Literal["last", "every"]
OnOff = Literal["on", "off"]


def _loss_at() -> LossAt:
    answer: LossAt = setting(
        "last",
        "Loss at",
        "The frames that bear a loss. Last: only the end, so the gradient has to travel back to "
        "where the word was told. Every: the word is asked for at each frame, heard or not.",
        ui=Ui(labels={"last": "Last", "every": "Every"}),
    )
    return answer


def _vary() -> OnOff:
    answer: OnOff = setting(
        "on",
        "Vary the voices",
        "Whether each recording that is trained on is made a little higher or lower and noisier, "
        "anew in each batch. Off: the few voices are soon known by heart, and new ones are not "
        "understood.",
        ui=Ui(labels={"on": "On", "off": "Off"}),
    )
    return answer


def _shown(most: int) -> int:
    number: int = setting(
        1,
        "Recording shown",
        "Which of the held-out recordings is drawn, counted from 1.",
        ge=1,
        le=most,
    )
    return number


class SpokenDigitsTask(TaskSection):
    """Ten words, zero to nine, spoken by a synthesizer in 58 voices: which is it."""

    title: ClassVar[str] = "Spoken digits (synthetic)"

    name: Literal["spoken_digits"] = "spoken_digits"
    loss_at: LossAt = _loss_at()
    vary: OnOff = _vary()
    shown: int = _shown(200)


class OwnRecordingsTask(TaskSection):
    """Words from your own WAV files, one folder a class: which is it."""

    title: ClassVar[str] = "Your own recordings"

    name: Literal["own_recordings"] = "own_recordings"
    folder: str = setting(
        "",
        "Folder",
        "A folder that has one folder for each class, named like it, with WAV files in it.",
        ui=Ui(folder=True),
        max_length=1000,
    )
    frames: int = setting(
        60,
        "Frames",
        "Timesteps of a recording, 15 ms apart. A longer one is cut to its loudest part, a "
        "shorter one is followed by silence.",
        ui=Ui(unit="frames"),
        ge=5,
        le=400,
    )
    held_out: float = setting(
        0.2,
        "Held-out share",
        "Share of each class's files, drawn at random, that is never trained on. A voice may be "
        "in both parts.",
        ge=0.05,
        le=0.5,
    )
    split_seed: int = setting(
        0,
        "Split seed",
        "Which files are held out; the same seed holds out the same files.",
        ui=Ui(random=True),
        ge=0,
        le=MAX_SEED,
    )
    loss_at: LossAt = _loss_at()
    vary: OnOff = _vary()
    shown: int = _shown(10_000)
