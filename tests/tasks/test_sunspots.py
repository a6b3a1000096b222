"""The bundled sunspot numbers, and the stream made of them."""

from __future__ import annotations

import csv
import hashlib
import io
import re

import numpy as np
import pytest
from numpy.testing import assert_allclose

from gradexplorer.paths import resource
from gradexplorer.tasks.sunspots import Sunspots

MONTHS = 3126


def raw() -> tuple[list[tuple[int, int]], np.ndarray]:
    text = resource("data", "sunspots-monthly.csv").read_text("utf-8")
    rows = list(csv.reader(io.StringIO(text)))[1:]
    return [(int(row[0]), int(row[1])) for row in rows], np.array([float(row[2]) for row in rows])


def test_the_file_is_the_one_its_readme_tells_of() -> None:
    found = hashlib.sha256(resource("data", "sunspots-monthly.csv").read_bytes()).hexdigest()
    readme = resource("data", "README.md").read_text("utf-8")
    assert found in re.findall(r"`([0-9a-f]{64})`", readme)
    assert f"{MONTHS:,} months" in readme


def test_no_month_is_missing() -> None:
    months, numbers = raw()
    assert months == [(1749 + index // 12, index % 12 + 1) for index in range(MONTHS)]
    assert (numbers >= 0.0).all()
    assert numbers.max() == 253.8  # October 1957


def test_each_month_forecasts_the_next() -> None:
    task = Sunspots(0.2)
    _, numbers = raw()
    inputs, targets = task.series.inputs, task.series.targets
    assert inputs.shape == targets.shape == (MONTHS - 1, 1)
    assert np.array_equal(inputs[1:], targets[:-1])
    assert_allclose(task.display.shown(inputs)[:, 0], numbers[:-1], atol=1e-9)
    assert_allclose(task.display.shown(targets)[:, 0], numbers[1:], atol=1e-9)
    assert task.times[0] == pytest.approx(1749 + 1.5 / 12)
    assert task.times[-1] == pytest.approx(2009 + 5.5 / 12)


@pytest.mark.parametrize("held_out", [0.05, 0.2, 0.5])
def test_the_latest_months_are_held_out(held_out: float) -> None:
    task = Sunspots(held_out)
    tail = len(task.series.targets) - task.held_out_from
    assert tail == pytest.approx(held_out * (MONTHS - 1), abs=1)


@pytest.mark.parametrize("held_out", [0.05, 0.5])
def test_standardization_knows_nothing_of_the_held_out_months(held_out: float) -> None:
    task = Sunspots(held_out)
    _, numbers = raw()
    seen = np.append(
        task.series.inputs[: task.held_out_from], task.series.targets[task.held_out_from - 1]
    )
    assert len(seen) == task.held_out_from + 1
    assert seen.mean() == pytest.approx(0.0, abs=1e-12)
    assert seen.std() == pytest.approx(1.0)
    trained_on = numbers[: task.held_out_from + 1]
    assert (task.display.offset, task.display.scale) == (trained_on.mean(), trained_on.std())
