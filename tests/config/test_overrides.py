"""``--set section.key=value``."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import pytest

from gradexplorer.config.presets import load_preset, parse_preset
from gradexplorer.errors import InputError

TEXT = """\
schema = 1
task = {name = "adding", length = 30}
bptt = {k1 = 4, k2 = 8}
"""


def overridden(*overrides: str) -> Any:
    return parse_preset(TEXT, "mine.toml", overrides)


@pytest.mark.parametrize(
    ("override", "path", "value"),
    [
        ("model.cell=lstm", "model.cell", "lstm"),
        ("model.cell='lstm'", "model.cell", "lstm"),
        (" model.cell = lstm ", "model.cell", "lstm"),
        ("model.hidden_size=7", "model.hidden_size", 7),
        ("optimizer.learning_rate=1e-3", "optimizer.learning_rate", 1e-3),
        ("optimizer.learning_rate=1", "optimizer.learning_rate", 1.0),
        ("task.length=12", "task.length", 12),
        ("title=a = b", "title", "a = b"),
        ("title=", "title", ""),
        ("title=[[", "title", "[["),
        ("title=a\nb", "title", "a\nb"),
        ("model={cell='lstm'}", "model.cell", "lstm"),
        ("bptt.k1=none", "bptt.k1", None),
        ("bptt=none", "bptt.k2", None),
    ],
)
def test_a_setting_is_replaced(override: str, path: str, value: object) -> None:
    found = attrgetter(path)(overridden(override))
    assert found == value
    assert type(found) is type(value)


def test_what_is_not_overridden_stays() -> None:
    config = overridden("model.cell=lstm")
    assert (config.task.length, config.bptt.k1, config.bptt.k2) == (30, 4, 8)


def test_the_last_of_two_wins() -> None:
    assert overridden("model.hidden_size=7", "model.hidden_size=9").model.hidden_size == 9


def test_none_of_what_is_absent_changes_nothing() -> None:
    assert overridden("clipping.threshold=none") == overridden()


def test_another_task_brings_its_own_settings() -> None:
    config = overridden("task.name=sunspots", "task.held_out=0.3")
    assert config.task.model_dump() == {"name": "sunspots", "held_out": 0.3, "horizon": 24}


def test_the_same_task_keeps_its_settings() -> None:
    assert overridden("task.length=12", "task.name=adding").task.length == 12


def test_overrides_of_a_bundled_preset() -> None:
    config = load_preset("vanishing-gradient", ["model.cell=lstm", "bptt.k2=20"])
    assert (config.model.cell, config.bptt.k2, config.task.length) == ("lstm", 20, 50)


@pytest.mark.parametrize(
    ("override", "complaint"),
    [
        ("model.cell", "--set model.cell: write it as section.key=value, e.g. model.cell=lstm."),
        ("=3", "--set =3: write it as section.key=value, e.g. model.cell=lstm."),
        ("model.=3", "--set model.=3: write it as section.key=value, e.g. model.cell=lstm."),
        (".cell=3", "--set .cell=3: write it as section.key=value, e.g. model.cell=lstm."),
        ("task.length.x=3", "--set task.length.x=3: length is not a table."),
        ("model.cel=rnn", "mine.toml: model.cel: there is no such setting; did you mean 'cell'?"),
        ("modle.cell=rnn", "mine.toml: modle: there is no such setting; did you mean 'model'?"),
        (
            "model.cell=gnu",
            "mine.toml: model.cell: 'gnu' is given; it must be 'rnn', 'lstm', 'gru' or 'feed",
        ),
        ("model.hidden_size=", "mine.toml: model.hidden_size: '' is given; it must be a whole nu"),
        ("model.hidden_size=3\nx=1", "mine.toml: model.hidden_size: '3\\nx=1' is given; it must"),
        ("optimizer.learning_rate=nan", "mine.toml: optimizer.learning_rate: nan is given; it"),
        ("bptt.k1=9", "mine.toml: bptt: k1 is 9 and k2 is 8; k1 must be at most k2."),
        ("task.name=none", "mine.toml: task: a name is missing; it must be one of 'adding', 't"),
        ("task.name=text", "mine.toml: task.name: 'text' is given; it must be 'adding' or 'tem"),
        ("schema=2", "mine.toml: schema: there is no such setting"),
        ("title=" + "[" * 60_000, "mine.toml: title: the text is too long; it may have 80 chara"),
    ],
)
def test_a_bad_override_is_refused(override: str, complaint: str) -> None:
    with pytest.raises(InputError) as caught:
        overridden(override)
    assert str(caught.value).startswith(complaint)
