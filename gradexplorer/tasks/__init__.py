"""Where data comes from: one file per task, each seeded from outside."""

from __future__ import annotations

from typing import Any

from gradexplorer.tasks.adding import Adding
from gradexplorer.tasks.copy_memory import CopyMemory
from gradexplorer.tasks.digits import Digits
from gradexplorer.tasks.spirals import Spirals
from gradexplorer.tasks.sunspots import Sunspots
from gradexplorer.tasks.task import EpisodeTask, StreamTask
from gradexplorer.tasks.temporal_order import TemporalOrder

TASKS: dict[str, type[EpisodeTask] | type[StreamTask]] = {
    "adding": Adding,
    "temporal_order": TemporalOrder,
    "copy": CopyMemory,
    "sunspots": Sunspots,
    "digits": Digits,
    "spirals": Spirals,
}


def make_task(name: str, **options: Any) -> EpisodeTask | StreamTask:
    """Make a task by name; the options are those of its class."""
    return TASKS[name](**options)
