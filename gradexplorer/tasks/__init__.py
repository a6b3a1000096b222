"""Where data comes from: one file per task, each seeded from outside."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from gradexplorer.tasks.task import EpisodeTask, StreamTask


def make_task(name: str, **options: Any) -> EpisodeTask | StreamTask:
    """Make a task by the name of its module here; the options are those of its class."""
    task: EpisodeTask | StreamTask = import_module(f"{__name__}.{name}").TASK(**options)
    return task
