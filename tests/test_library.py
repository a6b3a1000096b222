"""What the command line does, as three lines for a notebook."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path

import pytest

import gradexplorer as gx

ROOT = Path(__file__).resolve().parent.parent
NAMES = [
    "Checkpoint",
    "ExperimentConfig",
    "InputError",
    "RunFolder",
    "Trainer",
    "export_run",
    "load_preset",
    "preset_names",
    "save_preset",
]


def test_three_lines_make_a_run(tmp_path: Path) -> None:
    trainer = gx.Trainer(gx.load_preset("vanishing-gradient", ["training.iterations=12"]))
    assert gx.export_run(trainer, tmp_path / "vanishing") == "finished"
    assert len((tmp_path / "vanishing" / "metrics.csv").read_text().splitlines()) == 13


def test_the_example_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert doctest.testmod(gx).failed == 0
    assert (tmp_path / "vanishing" / "summary.json").exists()


def test_everything_public_is_there() -> None:
    assert gx.__all__ == NAMES
    assert set(NAMES) <= set(dir(gx))
    for name in NAMES:
        assert getattr(gx, name).__name__ == name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'gradexplorer' has no attribute 'Trainr'"):
        gx.Trainr  # noqa: B018


def test_importing_it_imports_nothing_heavy() -> None:
    script = "import sys, gradexplorer; print({'numpy', 'pydantic', 'PySide6'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


def test_a_run_ends_where_it_diverges(tmp_path: Path) -> None:
    trainer = gx.Trainer(gx.load_preset("exploding-gradient"))
    assert gx.export_run(trainer, tmp_path) == "diverged"
    assert trainer.divergence is not None


def test_bad_input_is_one_class_of_error(tmp_path: Path) -> None:
    with pytest.raises(gx.InputError):
        gx.load_preset("no-such-preset")
    gx.save_preset(gx.ExperimentConfig(), tmp_path / "mine.toml")
    with pytest.raises(gx.InputError):
        gx.export_run(gx.Trainer(gx.load_preset(tmp_path / "mine.toml")), tmp_path / "mine.toml")
