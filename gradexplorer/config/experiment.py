"""The whole of what a user asks for."""

from __future__ import annotations

from pydantic import Field

from gradexplorer.config.fields import Section, Setting, setting, settings
from gradexplorer.config.model import ModelConfig
from gradexplorer.config.optimizer import OptimizerConfig, ScheduleConfig
from gradexplorer.config.task import TaskConfig
from gradexplorer.config.tasks.memory import AddingTask
from gradexplorer.config.training import (
    BPTTConfig,
    ClippingConfig,
    RegularizerConfig,
    TrainingConfig,
)


class ExperimentConfig(Section):
    """An experiment: with the program's version, all that decides a run's numbers."""

    title: str = setting("Untitled", "Title", "What the experiment is called.", max_length=80)
    note: str = setting(
        "", "What to look at", "A sentence or two for whoever opens it.", max_length=600
    )
    task: TaskConfig = Field(default_factory=AddingTask)
    model: ModelConfig = Field(default_factory=ModelConfig)
    bptt: BPTTConfig = Field(default_factory=BPTTConfig)
    clipping: ClippingConfig = Field(default_factory=ClippingConfig)
    regularizer: RegularizerConfig = Field(default_factory=RegularizerConfig)
    optimizer: OptimizerConfig = Field(default_factory=OptimizerConfig)
    schedule: ScheduleConfig = Field(default_factory=ScheduleConfig)
    training: TrainingConfig = Field(default_factory=TrainingConfig)

    def live(self) -> LiveSettings:
        """Return the part that may change while a run trains."""
        return LiveSettings(
            learning_rate=self.optimizer.learning_rate, clipping=self.clipping, bptt=self.bptt
        )

    def with_live(self, live: LiveSettings) -> ExperimentConfig:
        """Return this experiment with other live settings."""
        optimizer = self.optimizer.model_copy(update={"learning_rate": live.learning_rate})
        return self.model_copy(
            update={"optimizer": optimizer, "clipping": live.clipping, "bptt": live.bptt}
        )


class LiveSettings(Section):
    """The settings that act from the next update on."""

    learning_rate: float
    clipping: ClippingConfig
    bptt: BPTTConfig


def differences(
    old: ExperimentConfig, new: ExperimentConfig, *, live: bool = False, telling: bool = False
) -> list[tuple[str, str, str]]:
    """List the settings that differ and need a new run: title, old and new, for a person.

    With ``live`` also those that a run would have taken while it trained; with ``telling`` none
    that does not matter to the new experiment.
    """
    found: list[tuple[str, str, str]] = []
    for name in ExperimentConfig.model_fields:
        if name in ("title", "note"):
            continue
        before, after = getattr(old, name), getattr(new, name)
        if type(before) is not type(after):
            found.append((name.capitalize(), before.title, after.title))
            continue
        for entry in settings(type(before)):
            pair = getattr(before, entry.name), getattr(after, entry.name)
            if telling and not matters(new, name, entry):
                continue
            if pair[0] != pair[1] and (live or not entry.ui.live):
                found.append((entry.title, entry.text(pair[0]), entry.text(pair[1])))
    return found


def matters(config: ExperimentConfig, section: str, entry: Setting) -> bool:
    """Tell whether an experiment's other choices leave a setting of a section any effect."""
    for name, choices in entry.ui.when.items():
        other, _, field = name.rpartition(".")
        if getattr(getattr(config, other or section), field) not in choices:
            return False
    return True
