from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.fields import Section, Setting, settings
from gradexplorer.config.task import TASKS
from gradexplorer.config.training import BPTTConfig


def _values(setting: Setting) -> st.SearchStrategy[Any]:
    if setting.choices:
        return st.sampled_from(setting.choices)
    if setting.name == "widths":
        return st.lists(st.integers(1, 2048), max_size=12).map(lambda w: " ".join(map(str, w)))
    if setting.kind is str:
        return _text(setting.max_length or 0)
    if setting.kind is int:
        values: st.SearchStrategy[Any] = st.integers(int(setting.lower), int(setting.upper))
    else:
        values = st.floats(setting.lower, setting.upper, exclude_min=setting.lower_open)
    return st.none() | values if setting.optional else values


def _sections(section: type[Section]) -> st.SearchStrategy[Section]:
    fields = {setting.name: _values(setting) for setting in settings(section)}
    drawn = st.fixed_dictionaries(fields)
    if section is BPTTConfig:
        drawn = drawn.map(_ordered)
    return drawn.map(lambda values: section(**values))


def _ordered(values: dict[str, Any]) -> dict[str, Any]:
    if None not in values.values():
        values["k1"], values["k2"] = sorted(values.values())
    return values


def _text(longest: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=longest)


@pytest.fixture(scope="session")
def experiments() -> st.SearchStrategy[ExperimentConfig]:
    """Every experiment that the fields' own limits allow."""
    parts: dict[str, st.SearchStrategy[Any]] = {"title": _text(80), "note": _text(600)}
    for name, info in ExperimentConfig.model_fields.items():
        if name == "task":
            parts[name] = st.one_of(map(_sections, TASKS.values()))
        elif name not in parts:
            assert info.annotation is not None
            parts[name] = _sections(info.annotation)
    return st.builds(ExperimentConfig, **parts)
