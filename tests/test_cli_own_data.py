"""The user's own data at the command line."""

from __future__ import annotations

import hashlib

import pytest

from gradexplorer import cli
from gradexplorer.config.presets import load_preset
from gradexplorer.tasks.tables import load


@pytest.fixture
def call(capsys):
    """Give a function that runs the program and returns its exit code and what it said."""

    def run(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as caught:
            cli.main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return int(caught.value.code or 0), said.out + said.err

    return run


@pytest.fixture
def settings(tmp_path):
    path = tmp_path / "data.csv"
    path.write_text("year;x\n" + "".join(f"{1900 + k};{k % 7},5\n" for k in range(90)))
    return path, ["--set", "task.name=own_series", "--set", f"task.file={path}"]


def test_check_says_what_was_understood(call, settings) -> None:
    code, said = call("check", "sunspots-truncated", *settings[1])
    assert code == 0
    assert "90 rows, 2 columns; semicolon-separated text, decimal comma" in said
    assert "The next x is forecast from x; time is year." in said
    assert "Standardized by mean ± deviation of the rows trained on: x" in said


def test_a_run_writes_down_which_data_it_saw(call, settings, tmp_path) -> None:
    path, options = settings
    out = tmp_path / "out"
    short = ["--iterations", "3", "--figures", "none", "--quiet", "--out", out]
    assert call("run", "sunspots-truncated", *options, *short)[0] == 0
    task = load_preset(out / "experiment.toml").task
    assert task.file == str(path)
    assert task.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_text(path.read_text().replace("3,5", "9,5"))
    load._known.clear()  # another process would not know it either
    code, said = call("run", out / "experiment.toml", *short)
    assert code == 2
    assert "task.file has changed" in said
    assert call("run", out / "experiment.toml", *short, "--set", "task.sha256=none")[0] == 0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"a,b,c\n1,2,3\n4,5\n", "line 3 has 2 fields"),
        (b"\0\0", "has a NUL byte"),
    ],
)
def test_bad_data_are_one_sentence_and_exit_code_2(call, settings, content, reason) -> None:
    path, options = settings
    path.write_bytes(content)
    code, said = call("check", "sunspots-truncated", *options)
    assert code == 2
    assert reason in said
    assert said.count("\n") == 1
