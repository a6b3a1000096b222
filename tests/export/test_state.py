"""A run as it stands, as files."""

from __future__ import annotations

import csv
from itertools import islice
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from gradexplorer.config.presets import load_preset
from gradexplorer.export.state import write_state
from gradexplorer.training.history import History
from gradexplorer.training.mailbox import Mailbox
from gradexplorer.training.snapshot import METRICS_DTYPE
from gradexplorer.training.trainer import Trainer


def test_the_state_of_a_run_reads_back(small, same, tmp_path: Path) -> None:
    trainer, mailbox, history = Trainer(small()), Mailbox(), History()
    for snapshot in islice(trainer, 14):
        mailbox.put(snapshot)
    history.add(mailbox.fetch())
    write_state(trainer.config, history, history.trace, tmp_path)
    assert load_preset(tmp_path / "experiment.toml") == trainer.config
    with (tmp_path / "metrics.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert tuple(header) == METRICS_DTYPE.names
    for name, column in zip(header, zip(*rows, strict=True), strict=True):
        found = np.array([METRICS_DTYPE[name].type(text) for text in column])
        assert found.tobytes() == history.metrics[name].tobytes()
    found = load_file(tmp_path / "weights.safetensors")
    assert same(dict(sorted(found.items())), dict(sorted(trainer.weights().items())))


def test_before_the_first_update_there_is_only_the_experiment(small, tmp_path: Path) -> None:
    write_state(small(), History(), None, tmp_path)
    assert {entry.name for entry in tmp_path.iterdir()} == {"experiment.toml", "metrics.csv"}
    assert len((tmp_path / "metrics.csv").read_text().splitlines()) == 1
