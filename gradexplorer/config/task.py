"""What is learned from: one class per task, told apart by ``name``."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import Field

from gradexplorer.config.tasks.control import PendulumTask, PlantIdentificationTask
from gradexplorer.config.tasks.language import CharactersTask
from gradexplorer.config.tasks.memory import (
    AddingTask,
    CopyTask,
    DelayedRecallTask,
    DigitRowsTask,
    TemporalOrderTask,
)
from gradexplorer.config.tasks.own import OwnSeriesTask
from gradexplorer.config.tasks.series import Co2Task, MackeyGlassTask, SunspotsTask
from gradexplorer.config.tasks.speech import OwnRecordingsTask, SpokenDigitsTask
from gradexplorer.config.tasks.static import DigitsTask, SpiralsTask
from gradexplorer.config.tasks.task_section import TaskSection

AnyTask = (
    AddingTask
    | TemporalOrderTask
    | CopyTask
    | DelayedRecallTask
    | DigitRowsTask
    | SunspotsTask
    | Co2Task
    | MackeyGlassTask
    | DigitsTask
    | SpiralsTask
    | CharactersTask
    | PlantIdentificationTask
    | PendulumTask
    | SpokenDigitsTask
    | OwnSeriesTask
    | OwnRecordingsTask
)

TaskConfig = Annotated[AnyTask, Field(discriminator="name")]

TASKS: dict[str, type[TaskSection]] = {
    kind.model_fields["name"].default: kind for kind in get_args(AnyTask)
}
