"""What every task's settings have."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from gradexplorer.config.fields import Section


class Steps(NamedTuple):
    """Which setting decides how many steps a sequence has, and how many there are beside it."""

    setting: str
    beside: int = 0


class TaskSection(Section):
    """The settings of one task; its subclasses have a ``name``, that of the module in `tasks`.

    Attributes
    ----------
    title : str
        What a person calls it.
    steps : Steps or None
        For a task whose sequences may be made shorter.
    """

    title: ClassVar[str]
    steps: ClassVar[Steps | None] = None
