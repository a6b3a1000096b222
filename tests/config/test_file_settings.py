"""Settings that name a file, whichever section they are in."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradexplorer.config.presets import load_preset, save_preset

PRESET = """\
schema = 1
task = {name = "own_series", file = "data/mine.csv", sha256 = "abc"}
model = {weights_file = "start.safetensors"}
"""


def test_their_paths_are_relative_to_the_preset_and_are_written_so(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(PRESET)
    config = load_preset(path)
    assert config.task.file == str(tmp_path / "data" / "mine.csv")
    assert config.model.weights_file == str(tmp_path / "start.safetensors")
    save_preset(config, tmp_path / "again.toml")
    assert 'file = "data/mine.csv"' in (tmp_path / "again.toml").read_text()
    assert load_preset(tmp_path / "again.toml") == config


def test_at_the_command_line_they_are_relative_to_the_present_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = load_preset("vanishing-gradient", ["task.name=own_series", "task.file=mine.csv"])
    assert config.task.file == str(tmp_path / "mine.csv")


def test_another_file_has_another_checksum(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(PRESET)
    assert load_preset(path, ["task.held_out=0.3"]).task.sha256 == "abc"
    assert load_preset(path, ["task.file=other.csv"]).task.sha256 == ""
    assert load_preset(path, ["task.file=other.csv", "task.sha256=d"]).task.sha256 == "d"
