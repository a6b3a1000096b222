"""The bundled CO2 record, and the stream made of it."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import date, timedelta
from itertools import islice

import numpy as np
import pytest

from gradexplorer.config.presets import load_preset
from gradexplorer.paths import resource
from gradexplorer.tasks.co2 import Co2
from gradexplorer.training.trainer import Trainer

WEEKS, MISSING = 2284, 59


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    text = resource("data", "co2-weekly.csv").read_text("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def task() -> Co2:
    return Co2()


def test_the_file_is_the_one_its_readme_tells_of() -> None:
    found = hashlib.sha256(resource("data", "co2-weekly.csv").read_bytes()).hexdigest()
    _, section = resource("data", "README.md").read_text("utf-8").split("## co2-weekly.csv\n")
    section = section.split("\n## ")[0]
    assert f"`{found}`" in section
    assert f"{WEEKS:,} weeks" in section
    assert f"The {MISSING} weeks" in section


def test_every_week_is_there_and_some_are_empty(rows) -> None:
    days = [date.fromisoformat(row["date"]) for row in rows]
    assert days == [date(1958, 3, 29) + timedelta(weeks=week) for week in range(WEEKS)]
    assert sum(not row["co2"] for row in rows) == MISSING
    values = np.array([float(row["co2"]) for row in rows if row["co2"]])
    assert (values.min(), values.max()) == (313.0, 373.9)
    assert (values[0], values[-1]) == (316.1, 371.5)


def test_what_is_shown_is_the_record_in_ppm(task, rows) -> None:
    values = np.array([float(row["co2"] or "nan") for row in rows])
    np.testing.assert_array_equal(task.record.values, values)
    assert task.times[0] == pytest.approx(1959 + 86 / 365)  # 28 March
    assert task.times[-1] == pytest.approx(2001 + 362 / 365)
    levels = [np.nanmean(values[week - 51 : week + 1]) for week in range(51, WEEKS - 1)]
    shown = task.display.shown(task.series.targets[:, 0]) + levels
    np.testing.assert_allclose(shown, values[52:], rtol=1e-12)


def test_weeks_that_are_missing_lie_before_the_held_out_part_and_in_it(task) -> None:
    missing = np.isnan(task.series.targets[:, 0])
    assert np.count_nonzero(missing) == 42  # the others lie in the first year
    held_out = task.times[task.held_out_from :][missing[task.held_out_from :]]
    assert task.times[task.held_out_from] < held_out.min()
    assert np.floor(held_out).tolist() == [1984.0] * 4 + [1985.0]


def test_it_is_learned_better_than_by_both_naive_forecasts() -> None:
    config = load_preset("co2", ["training.iterations=250", "training.evaluate_every=250"])
    *_, last = islice(Trainer(config), 250)
    network, *naive = last.evaluation.view.scores
    assert network.one_step < 0.85 * min(score.one_step for score in naive)
    assert network.free_running < 0.8 * min(score.free_running for score in naive)
