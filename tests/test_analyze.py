"""Measurements at the command line: files, sentences, and one sentence for every mistake."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from gradexplorer.analysis.verdict import TITLES
from gradexplorer.cli import main

FILES = {
    "experiment.toml",
    "summary.json",
    "lag_profile.csv",
    "flow_matrix.npz",
    "flow_kept.csv",
    "truncation.csv",
    "weight_spectra.csv",
    "jacobian_norms.csv",
    "lyapunov.csv",
    "gates.csv",
    "units.npz",
    "histograms.csv",
    "clipping.csv",
}
SMALL = ["--set", "task.length=12", "--set", "model.hidden_size=5", "--iterations", "30"]
NO_FIGURES = ["--figures", "none"]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]):
    """Run the program in this process; return its exit code, stdout and stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


def column(path: Path, name: str) -> list[float]:
    with path.open() as file:
        return [float(row[name]) for row in csv.DictReader(file)]


def test_a_preset_is_trained_and_measured(call, tmp_path) -> None:
    code, out, err = call("analyze", "lstm-remembers", "--out", tmp_path, *SMALL, *NO_FIGURES)
    assert (code, err) == (0, "")
    assert {path.name for path in tmp_path.iterdir()} == FILES
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["updates"] == 30
    assert summary["verdict"]["state"] in TITLES
    kinds = {"lag", "matrix", "truncation", "dynamics", "units", "clipping", "verdict"}
    assert summary["sentences"].keys() == kinds
    for sentence in summary["sentences"].values():
        assert sentence in out
    assert "the 32 sequences of update 31 with seed 1" in out
    with np.load(tmp_path / "flow_matrix.npz", allow_pickle=False) as file:
        matrix = dict(file)
    profile = column(tmp_path / "lag_profile.csv", "mean")
    np.testing.assert_allclose(profile, matrix["h_l0"][0, ::-1])
    assert matrix["c_l0"].shape == (1, 12)
    kept = np.cumsum(matrix["h_l0"][0, ::-1]) / matrix["h_l0"].sum()
    np.testing.assert_allclose(column(tmp_path / "flow_kept.csv", "kept"), kept)
    length = 1 + int(np.argmax(kept >= 0.9))
    assert f"Going {length} step{'s' * (length > 1)} back keeps {kept[length - 1]:.1%}" in out
    assert "An update over so many steps takes" in summary["sentences"]["truncation"]
    assert summary["truncation"]["bytes"]["all"] == column(tmp_path / "truncation.csv", "bytes")[-1]
    bias = column(tmp_path / "truncation.csv", "bias")
    assert summary["truncation"]["smallest_k2"] == 2 + max(np.flatnonzero(np.array(bias) > 0.1))
    assert len(column(tmp_path / "lyapunov.csv", "exponent")) == 10
    assert column(tmp_path / "clipping.csv", "iteration") == list(range(1, 31))


def test_a_runs_folder_is_measured_with_its_own_weights(call, tmp_path) -> None:
    run, found, again = tmp_path / "run", tmp_path / "found", tmp_path / "again"
    short = ["--set", "task.length=12", "--set", "training.iterations=30", "--figures", "none"]
    assert call("run", "vanishing-gradient", "--out", run, *short)[0] == 0
    wanted = ["--truncation", "--verdict", *NO_FIGURES]
    assert call("analyze", run, *wanted, "--out", found)[0] == 0
    assert {path.name for path in found.iterdir()} == {
        "experiment.toml",
        "summary.json",
        "truncation.csv",
    }
    summary = (run / "summary.json").read_text()
    code, _, err = call("analyze", run, *wanted, "--out", run)
    assert (code, err.count("\n")) == (2, 1)
    assert (run / "summary.json").read_text() == summary
    length = ["--set", "task.length=12", "--iterations", "30"]
    call("analyze", "vanishing-gradient", *length, *wanted, "--out", again)
    one, other = (json.loads((path / "summary.json").read_text()) for path in (found, again))
    for found in (one, other):
        assert found["truncation"].pop("seconds")["all"] > 0.0  # by the clock
    assert one["truncation"] == other["truncation"]
    assert one["verdict"]["state"] == other["verdict"]["state"]
    assert one["updates"] == 30


def test_a_run_that_diverged_is_told_so(call, tmp_path) -> None:
    run, found = tmp_path / "run", tmp_path / "found"
    wild = ["--set", "optimizer.learning_rate=50", "--figures", "none", "--quiet"]
    assert call("run", "vanishing-gradient", "--out", run, *wild)[0] == 3
    code, out, _ = call("analyze", run, "--verdict", "--out", found)
    assert code == 0
    assert "Diverged. At update" in out
    assert "Clip norm at 1" in out


def test_layers_and_streams_are_measured_too(call, tmp_path) -> None:
    for preset in ("deep-feedforward", "sunspots-truncated"):
        few = ["--iterations", "25", "--quiet"]
        code, out, err = call("analyze", preset, "--out", tmp_path / preset, *few)
        assert (code, out, err) == (0, "", "")
    assert not (tmp_path / "deep-feedforward" / "lyapunov.csv").exists()
    assert (tmp_path / "sunspots-truncated" / "lyapunov.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["vanishing-gradiant"], "did you mean vanishing-gradient?"),
        (["vanishing-gradient", "--iterations", "0"], "--iterations 0: give at least 1."),
        (["vanishing-gradient", "--k1", "-2"], "--k1 -2: give 1 or more steps"),
        (["vanishing-gradient", "--bias", "0"], "--bias 0: give a relative bias above 0"),
        (["vanishing-gradient", "--layer", "2"], "--layer 2: this network's dynamics can be"),
        (["vanishing-gradient", "--layer", "-1"], "in layer 1 alone; 0 is the top one."),
    ],
)
def test_mistakes_are_told_in_a_sentence(call, tmp_path, arguments, complaint) -> None:
    code, _, err = call("analyze", *arguments, "--out", tmp_path / "out")
    assert code == 2
    assert complaint in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("cell", ["gru", "feedforward"])
def test_a_closed_loop_is_measured_as_one_system(call, tmp_path, cell) -> None:
    small = [*SMALL, "--set", f"model.cell={cell}", "--set", "model.depth=2", *NO_FIGURES]
    code, out, err = call("analyze", "pendulum-swing-up", "--out", tmp_path, *small)
    assert (code, err) == (0, "")
    assert "of controller and plant together" in out
    assert {path.name for path in tmp_path.iterdir()} == FILES - (
        {"gates.csv"} if cell == "feedforward" else set()
    )
    with np.load(tmp_path / "flow_matrix.npz", allow_pickle=False) as file:
        assert file["s"].shape == file["h_l0"].shape == (12, 12)
    width = 2 if cell == "feedforward" else 7
    assert len(column(tmp_path / "lyapunov.csv", "exponent")) == width
    assert all(value > 0.0 for value in column(tmp_path / "lag_profile.csv", "plant_mean"))
    with (tmp_path / "weight_spectra.csv").open() as file:
        gates = [row["gate"] for row in csv.DictReader(file)]
    assert gates.count("loop") == width


def test_the_layer_of_the_dynamics_and_the_bias_can_be_chosen(call, tmp_path) -> None:
    stack = [*SMALL, "--set", "model.layers=2", *NO_FIGURES, "--lyapunov", "--truncation"]
    found = {}
    for layer in (0, 1, 2):
        out = tmp_path / str(layer)
        asked = ["--layer", layer, "--bias", "0.5", "--out", out]
        assert call("analyze", "vanishing-gradient", *stack, *asked)[0] == 0
        found[layer] = column(out / "lyapunov.csv", "exponent")
        lens = json.loads((out / "summary.json").read_text())["truncation"]
        bias = np.array(column(out / "truncation.csv", "bias"))
        assert lens["smallest_k2"] == 2 + max(np.flatnonzero(bias > 0.5), default=-1)
    assert found[0] == found[2] != found[1]


def test_a_place_that_cannot_be_written_is_told_before_training(
    call, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr("gradexplorer.analyze.train", lambda *_: pytest.fail("trained"))
    (tmp_path / "file").write_text("")
    code, _, err = call("analyze", "vanishing-gradient", "--out", tmp_path / "file" / "out")
    assert (code, err.count("\n")) == (2, 1)


@pytest.mark.parametrize("stage", ["train", "analyze"])
def test_an_interruption_has_its_exit_code(call, tmp_path, monkeypatch, stage) -> None:
    def interrupt(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(f"gradexplorer.analyze.{stage}", interrupt)
    code, out, _ = call("analyze", "vanishing-gradient", "--out", tmp_path, *SMALL)
    assert (code, out) == (130, "")
    assert not list(tmp_path.iterdir())


def test_progress_is_shown_to_a_person(call, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes it for a terminal
    asked = ["analyze", "vanishing-gradient", "--lag", "--out", tmp_path, *SMALL, *NO_FIGURES]
    _, _, err = call(*asked)
    assert "training" in err
    assert "measuring" in err
    assert call(*asked, "--quiet")[2] == ""


def test_a_folder_that_is_no_run_and_settings_of_one_are_refused(call, tmp_path) -> None:
    code, _, err = call("analyze", tmp_path, "--out", tmp_path / "out")
    assert (code, "experiment.toml" in err) == (2, True)
    code, _, err = call("analyze", tmp_path, "--iterations", "3", "--out", tmp_path / "out")
    assert (code, "is a finished run" in err) == (2, True)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("a,b\n", "its first line must be"), ("{}\n1,x\n", "line 2 is not a row of metrics")],
)
def test_broken_metrics_are_refused(call, tmp_path, text, complaint) -> None:
    from gradexplorer.training.snapshot import METRICS_DTYPE

    run = tmp_path / "run"
    call("run", "vanishing-gradient", "--out", run, "--iterations", "3", "--figures", "none")
    (run / "metrics.csv").write_text(text.replace("{}", ",".join(METRICS_DTYPE.names)))
    code, _, err = call("analyze", run, "--out", tmp_path / "out")
    assert code == 2
    assert complaint in err


def test_what_was_measured_is_drawn(call, tmp_path) -> None:
    code, _, err = call("analyze", "lstm-remembers", "--out", tmp_path, *SMALL, "--figures", "svg")
    assert (code, err) == (0, "")
    drawn = {path.stem for path in tmp_path.glob("*.svg")}
    assert drawn == {
        "clipping-lens",
        "eigenvalues",
        "flow-matrix",
        "histograms",
        "jacobian-norms",
        "lag-profile",
        "lyapunov",
        "truncation-lens",
        "units",
    }


def test_only_what_was_asked_for_is_drawn(call, tmp_path) -> None:
    code, _, _ = call(
        "analyze", "vanishing-gradient", "--lag", "--out", tmp_path, *SMALL, "--figures", "png"
    )
    assert code == 0
    assert {path.name for path in tmp_path.glob("*.png")} == {"lag-profile.png"}


def test_an_unknown_format_is_refused_before_anything_is_trained(call, tmp_path) -> None:
    code, out, err = call("analyze", "lstm-remembers", "--out", tmp_path / "x", "--figures", "gif")
    assert (code, out) == (2, "")
    assert "no format 'gif'" in err
    assert not (tmp_path / "x").exists()
