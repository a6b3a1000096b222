"""Text to predict, character by character."""

from __future__ import annotations

from typing import ClassVar, Literal

from gradexplorer.config.fields import Ui, setting
from gradexplorer.config.tasks.task_section import TaskSection


class CharactersTask(TaskSection):
    """A character model of a text (after Karpathy 2015, min-char-rnn): which one comes next."""

    title: ClassVar[str] = "Characters of a text"

    name: Literal["characters"] = "characters"
    file: str = setting(
        "",
        "Text file",
        "A text of your own, of at most 32 MiB, in any common encoding. Empty: the reference of "
        "the Python language, which every Python brings along.",
        ui=Ui(files="Text (*.txt *.md *.rst *.csv *.py)"),
        max_length=1000,
    )
    held_out: int = setting(
        5000,
        "Held-out end",
        "Characters at the end of the text that are never trained on, at most a fifth of it. Every "
        "measurement runs through all of them.",
        ui=Ui(unit="characters"),
        ge=20,
        le=50_000,
    )
    temperature: float = setting(
        1.0,
        "Temperature",
        "Of what the network writes: below 1 it keeps to what is likely, above 1 it dares more; at "
        "0 it always takes the likeliest character.",
        ge=0.0,
        le=10.0,
    )
    prompt: str = setting(
        "",
        "Prompt",
        "What the network goes on from when it writes. Empty: the beginning of a line.",
        max_length=80,
    )
