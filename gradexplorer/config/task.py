"""What is learned from: one class per task, told apart by ``name``."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import Field

from gradexplorer.config.tasks.memory import AddingTask, CopyTask, TemporalOrderTask
from gradexplorer.config.tasks.series import Co2Task, MackeyGlassTask, SunspotsTask
from gradexplorer.config.tasks.static import DigitsTask, SpiralsTask
from gradexplorer.config.tasks.task_section import TaskSection

AnyTask = (
    AddingTask
    | TemporalOrderTask
    | CopyTask
    | SunspotsTask
    | Co2Task
    | MackeyGlassTask
    | DigitsTask
    | SpiralsTask
)

TaskConfig = Annotated[AnyTask, Field(discriminator="name")]

TASKS: dict[str, type[TaskSection]] = {
    kind.model_fields["name"].default: kind for kind in get_args(AnyTask)
}
