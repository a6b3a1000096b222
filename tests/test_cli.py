"""The command line: files, exit codes, and one clear sentence for every mistake."""

from __future__ import annotations

import csv
import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from gradexplorer.cli import main
from gradexplorer.config.presets import load_preset, preset_names
from gradexplorer.export.run_folder import RunFolder
from gradexplorer.training.snapshot import METRICS_DTYPE
from gradexplorer.training.trainer import Trainer

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = [sys.executable, "-W", "error", "-m", "gradexplorer"]
FILES = {
    "experiment.toml",
    "metrics.csv",
    "gradients.csv",
    "weights.safetensors",
    "summary.json",
}
SHORT = ["--iterations", "20", "--figures", "none"]

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Run the program in this process; return its exit code, stdout and stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


def program(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        **options,
    )  # fmt: skip


def names(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def summary(folder: Path) -> Any:
    return json.loads((folder / "summary.json").read_text("utf-8"))


def metrics(folder: Path) -> np.ndarray:
    with (folder / "metrics.csv").open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    columns = zip(*rows, strict=True)
    found = np.empty(len(rows), METRICS_DTYPE)
    for name, column in zip(METRICS_DTYPE.names, columns, strict=True):
        found[name] = [METRICS_DTYPE[name].type(text) for text in column]
    return found


def test_a_run_writes_everything(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "run"
    code, out, err = call("run", "vanishing-gradient", "--out", folder, *SHORT)
    assert code == 0
    assert names(folder) == FILES
    assert re.match(r"Finished after 20 updates, loss \S+, held-out loss \S+\. ", out)
    assert out.endswith(f". Everything about it is in {folder}.\n")
    assert "20/20" in err


def test_overrides_make_the_effective_experiment(call: Call, tmp_path: Path) -> None:
    code, _, _ = call(
        "run", "vanishing-gradient", "--out", tmp_path, *SHORT, "--seed", "7",
        "--set", "model.cell=lstm", "--set", "bptt.k2=20", "--set", "training.iterations=9",
    )  # fmt: skip
    assert code == 0
    expected = load_preset(
        "vanishing-gradient",
        ["model.cell=lstm", "bptt.k2=20", "training.iterations=20", "training.seed=7"],
    )
    assert load_preset(tmp_path / "experiment.toml") == expected
    assert load_file(tmp_path / "weights.safetensors")["weight_hh_l0"].shape == (128, 32)


@pytest.mark.parametrize("name", ["lstm-remembers", "sunspots-truncated"])
def test_the_command_line_and_a_trainer_give_the_same_bits(
    call: Call, tmp_path: Path, name: str
) -> None:
    code, _, _ = call("run", name, "--out", tmp_path, "--seed", "3", *SHORT)
    assert code == 0
    trainer = Trainer(load_preset(name, ["training.seed=3", "training.iterations=20"]))
    expected = np.array([tuple(snapshot.metrics) for snapshot in trainer], METRICS_DTYPE)
    assert metrics(tmp_path).tobytes() == expected.tobytes()
    weights = load_file(tmp_path / "weights.safetensors")
    for key, values in trainer.weights().items():
        assert weights[key].tobytes() == values.tobytes()


def test_a_written_experiment_runs_again_to_the_same_bits(call: Call, tmp_path: Path) -> None:
    call("run", "sunspots-truncated", "--out", tmp_path / "a", *SHORT)
    call("run", tmp_path / "a" / "experiment.toml", "--out", tmp_path / "b", "--figures", "none")
    assert metrics(tmp_path / "a").tobytes() == metrics(tmp_path / "b").tobytes()


def test_another_process_gives_the_same_bits(call: Call, tmp_path: Path) -> None:
    call("run", "vanishing-gradient", "--out", tmp_path / "here", *SHORT)
    done = program("run", "vanishing-gradient", "--out", str(tmp_path / "there"), *SHORT)
    assert (done.returncode, done.stdout.count("Finished after 20 updates")) == (0, 1)
    assert metrics(tmp_path / "here").tobytes() == metrics(tmp_path / "there").tobytes()


@pytest.mark.parametrize("option", ["--quiet", "-q"])
def test_a_quiet_run_shows_no_progress(call: Call, tmp_path: Path, option: str) -> None:
    code, out, err = call("run", "vanishing-gradient", "--out", tmp_path, *SHORT, option)
    assert (code, err) == (0, "")
    assert out.startswith("Finished after 20 updates")


def test_a_run_that_diverges_writes_its_files_and_says_so(call: Call, tmp_path: Path) -> None:
    code, out, err = call(
        "run", "exploding-gradient", "--out", tmp_path, "--figures", "none", "--quiet"
    )
    assert code == 3
    assert names(tmp_path) == FILES
    found = summary(tmp_path)
    assert found["status"] == "diverged"
    assert out.startswith(f"Diverged after {found['iterations']:,} updates, loss ")
    assert err.startswith("gradexplorer: ")
    assert err.endswith(f"{found['divergence']['text']}\n")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["run", "vanishing", "--out", "o"], "There is no preset and no file called vanishing; di"),
        (["run", "none.toml", "--out", "o"], "Cannot read none.toml: no such file or directory."),
        (["run", "lstm-remembers"], "--out requires an argument"),
        (["run", "--out", "o"], "PRESET requires an argument"),
        (["run", "lstm-remembers", "--out", "o", "--fast"], "Unknown option: --fast"),
        (["run", "lstm-remembers", "--out", "o", "--set", "cell"], "--set cell: write it as secti"),
        (["run", "lstm-remembers", "--out", "o", "--set", "a.b=1"], "lstm-remembers: a: there is "),
        (
            ["run", "lstm-remembers", "--out", "o", "--set", "bptt.k1=x"],
            "lstm-remembers: bptt.k1: ",
        ),
        (
            ["run", "lstm-remembers", "--out", "o", "--iterations", "0"],
            "lstm-remembers: training.i",
        ),
        (["run", "lstm-remembers", "--out", "o", "--iterations", "many"], "Invalid value"),
        (["run", "lstm-remembers", "--out", "o", "--seed=-1"], "lstm-remembers: training.seed: -1"),
        (
            ["run", "lstm-remembers", "--out", "o", "--figures", "bmp"],
            "--figures bmp: there is no ",
        ),
        (["run", "lstm-remembers", "--out", "o", "--figures", "png,"], "--figures png,: there is "),
        (
            ["run", "lstm-remembers", "--out", "file/o"],
            "Cannot write into file/o: not a directory.",
        ),
        (["run", "lstm-remembers", "--out", "file"], "Cannot write into file: file exists."),
        (
            ["run", "sunspots-truncated", "--out", "o", "--set", "training.batch_size=4000"],
            "training.batch_size is 4,000, but the training part has only 2,500 steps; set it to",
        ),
        (["check", "file"], "file is not a preset: it has no line 'schema = 1'."),
        (["check", "none.toml"], "Cannot read none.toml: no such file or directory."),
        (["check"], "FILE requires an argument"),
        (["presets", "more"], "Nothing is known to do with more; see --help."),
    ],
    ids=lambda value: " ".join(value[:7]) if isinstance(value, list) else "",
)
def test_a_mistake_gives_one_clear_sentence(
    call: Call,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    complaint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("# mine")
    if arguments[0] == "run" and "--figures" not in arguments:
        arguments = [*arguments, "--figures", "none"]
    code, out, err = call(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("gradexplorer: ")
    assert complaint in err
    assert err.endswith((".\n", "?\n"))
    assert err.count("\n") == 1
    assert names(tmp_path) == {"file"}


def test_no_traceback_leaves_the_program(tmp_path: Path) -> None:
    done = program("run", "vanishing", "--out", str(tmp_path / "o"), "--figures", "none")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("gradexplorer: There is no preset and no file called vanishing;")
    assert done.stderr.count("\n") == 1


def test_a_disk_that_fills_up_is_told(call: Call, tmp_path: Path, full_disk) -> None:
    full_disk(3000)
    code, out, err = call("run", "vanishing-gradient", "--out", tmp_path, *SHORT, "--quiet")
    assert (code, out) == (2, "")
    assert re.fullmatch(r"gradexplorer: Cannot write \S+: no space left on device\.\n", err)


def test_the_presets_are_listed_with_their_notes(call: Call) -> None:
    code, out, err = call("presets")
    assert (code, err) == (0, "")
    words = out.split()
    for name in preset_names():
        note = load_preset(name).note.split()
        at = words.index(name) + 1
        assert words[at : at + len(note)] == note
    assert [line for line in out.splitlines() if line and line[0] != " "] == preset_names()


def test_a_valid_preset_is_called_so(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("schema = 1\ntitle = 'Mine'")
    code, told, complaint = call("check", path)
    assert (code, complaint) == (0, "")
    assert told.startswith(f"{path} is valid: Mine. Its ")
    assert re.search(r"updates take about [\d.]+ s and \d+ MB on this machine\.\n$", told)
    for name in preset_names():
        assert call("check", name)[0] == 0


def test_a_preset_that_does_not_fit_its_data_is_not_valid(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("schema = 1\ntask.name = 'sunspots'\ntraining.batch_size = 2000")
    code, out, err = call("check", path)
    assert (code, out) == (2, "")
    assert "set it to at most 1,250." in err


@pytest.mark.parametrize("command", [(), ("run",), ("presets",), ("tasks",), ("check",)])
def test_help_is_given(call: Call, command: tuple[str, ...]) -> None:
    code, out, err = call(*command, "--help")
    assert (code, err) == (0, "")
    assert "Usage: gradexplorer" in out


def test_help_tells_every_option_and_exit_code(call: Call) -> None:
    _, out, _ = call("run", "--help")
    for option in ("--out", "--set", "--iterations", "--seed", "--figures", "--quiet", "PRESET"):
        assert option in out
    assert "0 done, 2 bad input, 3 diverged, 130 interrupted" in out


@pytest.mark.parametrize(
    ("command", "unwanted"),
    [
        (["--help"], {"numpy", "PySide6", "pyqtgraph", "pydantic"}),
        (["run", "--help"], {"numpy", "PySide6", "pyqtgraph", "pydantic"}),
        (["presets"], {"numpy", "PySide6", "pyqtgraph"}),
        (["tasks", "adding"], {"numpy", "PySide6", "pyqtgraph"}),
        (["check", "vanishing-gradient"], {"PySide6", "pyqtgraph"}),
    ],
)
def test_no_command_imports_what_it_does_not_need(command: list[str], unwanted: set[str]) -> None:
    script = (
        "import sys\n"
        "from gradexplorer.cli import main\n"
        "try:\n"
        f"    main({command!r})\n"
        "except SystemExit as ended:\n"
        "    assert not ended.code\n"
        f"print(sorted({unwanted!r} & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr == "[]\n"


def test_a_run_without_figures_needs_no_qt(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "sys.modules['PySide6'] = sys.modules['pyqtgraph'] = None\n"
        "from gradexplorer.cli import main\n"
        f"main(['run', 'vanishing-gradient', '--out', {str(tmp_path)!r}, *{SHORT!r}])\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, check=True)
    assert names(tmp_path) == FILES


def test_the_version_is_told(call: Call) -> None:
    code, out, _ = call("--version")
    assert code == 0
    assert re.fullmatch(r"\d+\.\d+.*|not installed", out.strip())


def test_a_reader_who_leaves_early_hears_no_complaint() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*PROGRAM, "presets"], cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.fixture
def interrupt_at(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Give a function that lets signals come in while an update is recorded."""

    def plan(iteration: int, *numbers: signal.Signals) -> None:
        add = RunFolder.add

        def interrupted(self: RunFolder, snapshot: Any) -> None:
            add(self, snapshot)
            if snapshot.metrics.iteration == iteration:
                for number in numbers:
                    signal.raise_signal(number)

        monkeypatch.setattr(RunFolder, "add", interrupted)

    return plan


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_is_written(
    call: Call, tmp_path: Path, interrupt_at: Callable[..., None], number: signal.Signals
) -> None:
    before = signal.getsignal(number)
    interrupt_at(13, number)
    code, out, err = call("run", "vanishing-gradient", "--out", tmp_path, *SHORT, "--quiet")
    assert (code, err) == (130, "")
    assert out.startswith("Stopped after 13 updates, loss ")
    assert names(tmp_path) == FILES
    assert (summary(tmp_path)["status"], summary(tmp_path)["iterations"]) == ("stopped", 13)
    assert len(metrics(tmp_path)) == 13
    assert signal.getsignal(number) is before


def test_a_second_interruption_ends_a_run_at_once(
    call: Call, tmp_path: Path, interrupt_at: Callable[..., None]
) -> None:
    interrupt_at(13, signal.SIGINT, signal.SIGINT)
    code, _, err = call("run", "vanishing-gradient", "--out", tmp_path, *SHORT, "--quiet")
    assert (code, err) == (130, "")
    assert names(tmp_path) == FILES - {"weights.safetensors", "summary.json"}
    assert len(metrics(tmp_path)) == 13


def test_ctrl_c_in_a_terminal(tmp_path: Path) -> None:
    """The progress bar is what tells that training has begun, and so needs a terminal."""
    arguments = ["run", "vanishing-gradient", "--out", str(tmp_path), "--figures", "none"]
    master, terminal = pty.openpty()
    process = subprocess.Popen(
        [*PROGRAM, *arguments, "--iterations", "100000000"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=terminal,
        text=True,
        env=os.environ | {"TERM": "xterm"},
    )
    os.close(terminal)
    shown = b""
    while not re.search(rb"loss \d", shown):
        shown += os.read(master, 4096)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    os.close(master)
    assert process.returncode == 130
    found = summary(tmp_path)
    assert found["status"] == "stopped"
    assert 0 < found["iterations"] < 100_000_000
    assert out.startswith(f"Stopped after {found['iterations']:,} updates, loss ")
    assert names(tmp_path) == FILES
    assert len(metrics(tmp_path)) == found["iterations"]
