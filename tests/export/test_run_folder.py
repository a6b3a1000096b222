"""What a run leaves in its folder."""

from __future__ import annotations

import csv
import errno
import json
import math
import os
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file

from gradexplorer.config.presets import load_preset
from gradexplorer.errors import InputError
from gradexplorer.export.run_folder import RunFolder, export_run
from gradexplorer.training.snapshot import METRICS_DTYPE, Snapshot, StepMetrics
from gradexplorer.training.trainer import Trainer

NAMES = {
    "experiment.toml",
    "metrics.csv",
    "gradients.csv",
    "weights.safetensors",
    "summary.json",
}
KEYS = [
    "status",
    "title",
    "seed",
    "iterations_asked",
    "iterations",
    "final_loss",
    "best_loss",
    "best_loss_iteration",
    "held_out_loss",
    "best_held_out_loss",
    "clipped",
    "figures",
    "divergence",
    "seconds",
    "updates_per_second",
    "versions",
]
DIVERGING = (
    "optimizer.learning_rate=1000",
    "training.iterations=1000",
    "training.evaluate_every=2",
)


def contents(folder: Path) -> dict[str, bytes]:
    return {entry.name: content(entry) for entry in folder.iterdir()}


def content(path: Path) -> bytes:
    if path.suffix != ".safetensors":
        return path.read_bytes()
    # The order of its metadata is not always the same.
    return b"".join(values.tobytes() for _, values in sorted(load_file(path).items()))


def table(path: Path) -> tuple[list[str], list[list[str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return header, rows


def summary(folder: Path) -> dict[str, Any]:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    text = (folder / "summary.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text, parse_constant=refuse)
    return found


def recorded(config: Any, folder: Path, count: int | None = None) -> tuple[list[Snapshot], Trainer]:
    """Record the run, as far as is asked for, and return its snapshots and trainer."""
    trainer = Trainer(config)
    snapshots = []
    with RunFolder(config, folder) as record:
        for snapshot in islice(trainer, count):
            record.add(snapshot)
            snapshots.append(snapshot)
        record.finish(trainer)
    return snapshots, trainer


def test_a_run_writes_its_files_and_nothing_else(experiment, tmp_path: Path) -> None:
    assert export_run(Trainer(experiment()), tmp_path / "a" / "b") == "finished"
    assert contents(tmp_path / "a" / "b").keys() == NAMES


def test_a_folder_may_be_given_as_text(small, tmp_path: Path) -> None:
    export_run(Trainer(small()), str(tmp_path))
    assert contents(tmp_path).keys() == NAMES


@pytest.mark.parametrize("overrides", [(), DIVERGING], ids=["finished", "diverged"])
def test_metrics_read_back_to_the_same_bits(experiment, tmp_path: Path, overrides) -> None:
    snapshots, _ = recorded(experiment(*overrides), tmp_path)
    header, rows = table(tmp_path / "metrics.csv")
    assert header == list(StepMetrics._fields)
    kinds = [int if METRICS_DTYPE[name].kind == "i" else float for name in header]
    found = [tuple(kind(text) for kind, text in zip(kinds, row, strict=True)) for row in rows]
    expected = [tuple(snapshot.metrics) for snapshot in snapshots]
    there, here = (np.array(part, METRICS_DTYPE) for part in (found, expected))
    for name in header:  # a text has no room for a NaN's sign
        np.testing.assert_array_equal(there[name], here[name])


def test_gradients_have_a_column_a_timestep(small, tmp_path: Path) -> None:
    snapshots, _ = recorded(small("model.cell=lstm"), tmp_path)
    header, rows = table(tmp_path / "gradients.csv")
    assert header == ["iteration", *(f"t{step}" for step in range(1, 13))]
    traces = [snapshot.trace for snapshot in snapshots if snapshot.trace]
    assert (
        [int(row[0]) for row in rows]
        == [trace.iteration for trace in traces]
        == [7, 14, 21, 28, 35, 40]
    )
    for row, trace in zip(rows, traces, strict=True):
        assert [float(text) for text in row[1:]] == trace.dh.mean.tolist()


def test_a_streams_shorter_windows_stand_at_the_right(small_stream, tmp_path: Path) -> None:
    config = small_stream("bptt={k1=3, k2=8}", "training.record_every=1")
    snapshots, _ = recorded(config, tmp_path, 5)
    header, rows = table(tmp_path / "gradients.csv")
    assert header == ["iteration", *(f"t{step}" for step in range(1, 9))]
    for row, snapshot, steps in zip(rows, snapshots, [3, 6, 8, 8, 8], strict=True):
        assert row[1 : 9 - steps] == [""] * (8 - steps)
        assert [float(text) for text in row[9 - steps :]] == snapshot.trace.dh.mean.tolist()


def test_a_window_that_grew_keeps_its_last_steps(small_stream, tmp_path: Path) -> None:
    config = small_stream("bptt={k1=3, k2=3}", "training.record_every=1")
    trainer = Trainer(config)
    with RunFolder(config, tmp_path) as record:
        record.add(next(trainer))
        trainer.change(small_stream("bptt={k1=3, k2=6}").live())
        record.add(next(trainer))
        grown = next(trainer)
        record.add(grown)
    assert len(grown.trace.dh.mean) == 6
    header, rows = table(tmp_path / "gradients.csv")
    assert {len(row) for row in rows} == {len(header)} == {4}
    assert [float(text) for text in rows[-1][1:]] == grown.trace.dh.mean.tolist()[-3:]


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_weights_load_back_equal(small, same, tmp_path: Path, cell: str, precision: str) -> None:
    config = small(f"model.cell={cell}", f"training.precision={precision}")
    _, trainer = recorded(config, tmp_path, 25)
    path = tmp_path / "weights.safetensors"
    found = load_file(path)
    assert same(dict(sorted(found.items())), dict(sorted(trainer.weights().items())))
    with safe_open(path, "numpy") as file:
        assert file.metadata()["source"].endswith("after 25 updates")


def test_the_experiment_is_written_first_and_whole(small, tmp_path: Path) -> None:
    config = small("bptt.k2=4", "title=Übung")
    with RunFolder(config, tmp_path):
        assert load_preset(tmp_path / "experiment.toml") == config
        assert not (tmp_path / "metrics.csv").exists()
    assert {"metrics.csv", "gradients.csv"} < contents(tmp_path).keys()


@pytest.fixture
def two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a run take two seconds."""
    clock = iter([5.0, 7.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))


@pytest.mark.usefixtures("two_seconds")
def test_the_summary_of_a_finished_run(small, tmp_path: Path) -> None:
    config = small("clipping={method='norm', threshold=0.3}", "title=Übung")
    snapshots, _ = recorded(config, tmp_path)
    found = summary(tmp_path)
    assert list(found) == KEYS
    losses = [snapshot.metrics.loss for snapshot in snapshots]
    held_out = [snapshot.evaluation.loss for snapshot in snapshots if snapshot.evaluation]
    clipped = [snapshot.metrics.clip_scale < 1.0 for snapshot in snapshots]
    assert 0 < sum(clipped) < 40
    seconds, speed, versions = (
        found.pop(name) for name in ("seconds", "updates_per_second", "versions")
    )
    assert found == {
        "status": "finished",
        "title": "Übung",
        "seed": 4,
        "iterations_asked": 40,
        "iterations": 40,
        "final_loss": losses[-1],
        "best_loss": min(losses),
        "best_loss_iteration": losses.index(min(losses)) + 1,
        "held_out_loss": held_out[-1],
        "best_held_out_loss": min(held_out),
        "clipped": sum(clipped),
        "figures": snapshots[-1].evaluation.figures,
        "divergence": None,
    }
    assert (seconds, speed) == (2.0, 20.0)
    assert versions.keys() == {"gradexplorer", "python", "numpy", "platform"}
    assert versions["numpy"] == np.__version__


def test_the_summary_of_a_stopped_run(small, tmp_path: Path) -> None:
    snapshots, _ = recorded(small(), tmp_path, 25)
    found = summary(tmp_path)
    assert list(found) == KEYS
    assert (found["status"], found["iterations"], found["iterations_asked"]) == ("stopped", 25, 40)
    assert found["final_loss"] == snapshots[-1].metrics.loss
    assert found["held_out_loss"] == snapshots[19].evaluation.loss
    assert found["divergence"] is None


def test_the_summary_of_a_diverged_run(small, tmp_path: Path) -> None:
    snapshots, trainer = recorded(small(*DIVERGING), tmp_path)
    found = summary(tmp_path)
    assert list(found) == KEYS
    assert (found["status"], found["iterations"]) == ("diverged", len(snapshots) - 1)
    assert math.isfinite(found["final_loss"])
    assert found["final_loss"] == snapshots[-2].metrics.loss
    assert found["best_loss"] == min(snapshot.metrics.loss for snapshot in snapshots)
    assert found["divergence"] == {
        "iteration": len(snapshots),
        "quantity": "loss",
        "timestep": 12,
        "where": trainer.divergence.where,
        "axis": "timestep",
        "text": str(trainer.divergence),
    }


@pytest.mark.usefixtures("two_seconds")
def test_the_summary_of_a_run_recorded_from_its_middle_on(small, tmp_path: Path) -> None:
    trainer = Trainer(small())
    list(islice(trainer, 39))
    export_run(trainer, tmp_path)
    found = summary(tmp_path)
    assert found["iterations"] == 40
    assert (found["seconds"], found["updates_per_second"]) == (2.0, 0.5)


def test_the_summary_of_a_run_that_was_over(small, tmp_path: Path) -> None:
    trainer = Trainer(small())
    list(trainer)
    export_run(trainer, tmp_path)
    found = summary(tmp_path)
    assert (found["status"], found["iterations"], found["final_loss"]) == ("finished", 40, None)


@pytest.mark.parametrize("count", [0, 1])
def test_the_summary_of_a_run_that_hardly_was(small, tmp_path: Path, count: int) -> None:
    recorded(small(), tmp_path, count)
    found = summary(tmp_path)
    assert (found["status"], found["iterations"]) == ("stopped", count)
    assert (found["final_loss"] is None) == (found["best_loss"] is None) == (count == 0)
    assert found["held_out_loss"] is None


def test_a_held_out_loss_that_is_not_finite_is_left_out(small, tmp_path: Path) -> None:
    trainer = Trainer(small("training.evaluate_every=1"))
    with RunFolder(trainer.config, tmp_path) as record:
        first, second = islice(trainer, 2)
        record.add(first)
        record.add(Snapshot(second.metrics._replace(held_out_loss=math.inf)))
        record.finish(trainer)
    assert summary(tmp_path)["held_out_loss"] == first.metrics.held_out_loss


def test_an_earlier_run_is_replaced_and_other_files_stay(small, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    export_run(Trainer(small("training.seed=1")), tmp_path)
    before = contents(tmp_path)
    export_run(Trainer(small("training.seed=2")), tmp_path)
    after = contents(tmp_path)
    assert after.keys() == NAMES | {"notes.txt"}
    assert {name for name in after if after[name] == before[name]} == {"notes.txt"}


def test_what_was_recorded_before_an_error_is_kept(small, tmp_path: Path) -> None:
    def fail() -> None:
        trainer = Trainer(small())
        with RunFolder(trainer.config, tmp_path) as record:
            for snapshot in islice(trainer, 8):
                record.add(snapshot)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert contents(tmp_path).keys() == {"experiment.toml", "metrics.csv", "gradients.csv"}
    assert len(table(tmp_path / "metrics.csv")[1]) == 8
    assert len(table(tmp_path / "gradients.csv")[1]) == 1


def test_a_file_in_the_folders_place_is_named(small, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("mine")
    for folder in (path, path / "run"):
        with pytest.raises(InputError) as caught:
            export_run(Trainer(small()), folder)
        assert str(caught.value).startswith(f"Cannot write into {folder}: ")
    assert path.read_text() == "mine"


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_folder_in_a_files_place_is_named(small, tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(InputError) as caught:
        export_run(Trainer(small()), tmp_path)
    assert str(caught.value) == f"Cannot write {tmp_path / name}: it is not a file."
    assert {entry.name for entry in tmp_path.iterdir()} <= NAMES


def test_a_folder_that_cannot_be_written_into_is_named(
    small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "touch", refuse)
    with pytest.raises(InputError, match="permission denied"):
        export_run(Trainer(small()), tmp_path)
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("share", [0.0, 0.03, 0.2, 0.4, 0.6, 0.8, 0.9, 0.99])
def test_a_disk_that_fills_up_leaves_no_half_file(
    small, tmp_path: Path, full_disk: Callable[[int], None], share: float
) -> None:
    new, old = small("training.iterations=400"), small("training.seed=9")
    for name, config in (("new", new), ("old", old)):
        export_run(Trainer(config), tmp_path / name)
    before, wanted = contents(tmp_path / "old"), contents(tmp_path / "new")
    full_disk(int(share * sum(map(len, wanted.values()))))
    with pytest.raises(InputError, match="no space left on device"):
        export_run(Trainer(new), tmp_path / "old")
    after = contents(tmp_path / "old")
    assert after.keys() == NAMES
    for name in NAMES - {"summary.json"}:  # tells the time
        assert after[name] in (before[name], wanted[name])
    summary(tmp_path / "old")
