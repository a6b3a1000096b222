"""What the fields tell about themselves, from which the form and the messages are made."""

from __future__ import annotations

import math
from pkgutil import iter_modules

import pytest
from pydantic import ValidationError

from gradexplorer import tasks
from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.fields import Section, Setting, settings
from gradexplorer.config.model import ModelConfig
from gradexplorer.config.optimizer import OptimizerConfig, ScheduleConfig
from gradexplorer.config.task import TASKS
from gradexplorer.config.training import (
    BPTTConfig,
    ClippingConfig,
    RegularizerConfig,
    TrainingConfig,
)

SECTIONS = [
    ModelConfig,
    BPTTConfig,
    ClippingConfig,
    RegularizerConfig,
    OptimizerConfig,
    ScheduleConfig,
    TrainingConfig,
]
FIELDS = [
    pytest.param(section, setting, id=f"{section.__name__}.{setting.name}")
    for section in [*SECTIONS, *TASKS.values()]
    for setting in settings(section)
    if not (section in TASKS.values() and setting.name == "name")
]
every_field = pytest.mark.parametrize(("section", "setting"), FIELDS)


def named(section: type[Section], name: str) -> Setting:
    return next(setting for setting in settings(section) if setting.name == name)


def test_the_sections_are_all_there() -> None:
    annotations = {info.annotation for info in ExperimentConfig.model_fields.values()}
    assert set(SECTIONS) <= annotations
    assert len(ExperimentConfig.model_fields) == len(SECTIONS) + 3  # title, note and task


def test_every_task_has_a_title() -> None:
    titles = {section.title for section in TASKS.values()}
    assert "" not in titles
    assert len(titles) == len(TASKS)


def test_every_task_is_a_module_of_its_name() -> None:
    modules = {module.name for module in iter_modules(tasks.__path__)}
    assert modules >= TASKS.keys()


def test_what_makes_a_sequence_shorter_is_a_setting() -> None:
    for section in TASKS.values():
        assert section.steps is None or section.steps.setting in section.model_fields


@every_field
def test_every_field_has_a_title_and_an_explanation(
    section: type[Section], setting: Setting
) -> None:
    assert setting.title
    assert setting.title != setting.name
    assert setting.title[0].isupper()
    assert len(setting.title) <= 25
    assert setting.help.endswith(".")
    assert getattr(section(), setting.name) == setting.default


@every_field
def test_every_number_has_limits_that_hold(section: type[Section], setting: Setting) -> None:
    if setting.choices:
        assert setting.default in setting.choices
        assert (setting.lower, setting.upper) == (None, None)
        return
    if setting.kind is str:
        assert setting.max_length is not None
        with pytest.raises(ValidationError):
            section(**{setting.name: "a" * (setting.max_length + 1)})
        return
    assert setting.kind in (int, float)
    lower, upper = setting.lower, setting.upper
    assert lower is not None
    assert upper is not None
    assert math.isfinite(lower)
    assert math.isfinite(upper)
    if setting.default is not None:
        assert lower <= setting.default <= upper
    inside = [upper] if setting.lower_open else [lower, upper]
    below = lower if setting.lower_open else lower - 1
    for value in inside:
        assert getattr(section(**{setting.name: setting.kind(value)}), setting.name) == value
    for value in (below, upper + 1):
        with pytest.raises(ValidationError):
            section(**{setting.name: setting.kind(value)})


@every_field
def test_only_an_optional_field_takes_none(section: type[Section], setting: Setting) -> None:
    assert bool(setting.ui.none) == setting.optional
    if setting.optional:
        assert getattr(section(**{setting.name: None}), setting.name) is None
    else:
        with pytest.raises(ValidationError):
            section(**{setting.name: None})


@every_field
def test_a_forms_hints_speak_of_what_exists(section: type[Section], setting: Setting) -> None:
    assert set(setting.ui.labels) <= set(setting.choices)
    for other, choices in setting.ui.when.items():
        of, _, name = other.rpartition(".")
        owner = ExperimentConfig.model_fields[of].annotation if of else section
        assert owner is not None
        assert set(choices) < set(named(owner, name).choices)


def test_the_view_of_a_choice() -> None:
    cell = named(ModelConfig, "cell")
    assert (cell.kind, cell.optional, cell.choices) == (
        str,
        False,
        ("rnn", "lstm", "gru", "feedforward"),
    )
    assert (cell.label("lstm"), cell.label("other")) == ("LSTM", "other")


def test_the_view_of_a_number() -> None:
    size, threshold = named(ModelConfig, "hidden_size"), named(ClippingConfig, "threshold")
    assert (size.kind, size.lower, size.lower_open, size.upper) == (int, 1, False, 2048)
    assert (size.ui.unit, size.ui.live) == ("units", False)
    assert (threshold.kind, threshold.lower, threshold.lower_open) == (float, 0.0, True)
    assert threshold.ui.live


def test_the_view_of_an_optional_number() -> None:
    k2 = named(BPTTConfig, "k2")
    assert (k2.kind, k2.optional, k2.default, k2.choices) == (int, True, None, ())
    assert k2.ui.none == "full"


def test_the_view_of_a_text() -> None:
    title, note = named(ExperimentConfig, "title"), named(ExperimentConfig, "note")
    assert (title.kind, title.max_length, note.max_length) == (str, 80, 600)
    assert title.help.endswith(".")
    assert note.help.endswith(".")


def test_learning_rate_clipping_and_truncation_are_live_and_nothing_else() -> None:
    live = {
        (section.__name__, setting.name)
        for section in [*SECTIONS, *TASKS.values()]
        for setting in settings(section)
        if setting.ui.live
    }
    assert live == {
        ("BPTTConfig", "k1"),
        ("BPTTConfig", "k2"),
        ("ClippingConfig", "method"),
        ("ClippingConfig", "threshold"),
        ("OptimizerConfig", "learning_rate"),
    }


def test_an_experiment_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        ExperimentConfig().model.cell = "lstm"
