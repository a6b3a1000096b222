"""The user's own table as a stream: roles, missing values, split, standardization, changes."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from gradexplorer.config.presets import load_preset
from gradexplorer.errors import InputError
from gradexplorer.tasks.own_series import ChangedError, OwnSeries
from gradexplorer.tasks.tables import load
from gradexplorer.tasks.tables.roles import find_roles, joined
from gradexplorer.training.trainer import Trainer

ROWS = 200


@pytest.fixture
def numbers() -> np.ndarray:
    """A wave with noise, and what drives it a step before."""
    generator = np.random.default_rng(5)
    driver = generator.standard_normal(ROWS)
    wave = np.sin(np.arange(ROWS) / 4.0)
    wave[1:] += driver[:-1]
    return np.stack([driver, wave], axis=1)


@pytest.fixture
def file(tmp_path: Path, numbers) -> Path:
    path = tmp_path / "data.csv"
    lines = [
        f"2024-{1 + k // 28:02}-{1 + k % 28:02},{a!r},{b!r}"
        for k, (a, b) in enumerate(numbers.tolist())
    ]
    path.write_text("day,driver,wave\n" + "\n".join(lines))
    return path


def test_a_row_forecasts_the_next(file, numbers) -> None:
    task = OwnSeries(str(file), inputs="wave, driver")
    assert (task.input_size, task.output_size) == (2, 1)
    assert task.held_out_from == round(0.8 * (ROWS - 1))
    assert_allclose(task.display.shown(task.series.targets)[:, 0], numbers[1:, 1], atol=1e-12)
    trained_on = numbers[: task.held_out_from + 1]
    standardized = (numbers - trained_on.mean(axis=0)) / trained_on.std(axis=0)
    assert_allclose(task.series.inputs, standardized[:-1, ::-1], atol=1e-12)
    assert (task.display.output, task.display.time) == ("wave", "days since 2024-01-01")
    assert task.times[0] == 1.0


def test_persistence_is_what_it_says(file, numbers) -> None:
    task = OwnSeries(str(file))
    steps = np.diff(numbers[:, 1])[task.held_out_from :] / task.display.scale
    assert task.baselines[0].loss == pytest.approx(np.mean(steps**2))
    outputs = task.series.inputs[task.held_out_from - 3 :]  # say what was last
    figures = task.report(task.held_out_from - 3, outputs, None).figures
    assert figures["RMSE"] == pytest.approx(figures["of persistence"])
    assert figures["RMSE"] == pytest.approx(
        np.std(np.diff(numbers[:, 1])[task.held_out_from :]), rel=0.05
    )


def test_a_network_beats_persistence_on_it(file) -> None:
    settings = ["task.name=own_series", f"task.file='{file}'", "task.inputs=wave, driver"]
    settings += ["training.iterations=300", "training.evaluate_every=100", "training.batch_size=4"]
    trainer = Trainer(load_preset("sunspots-truncated", settings))
    evaluations = [shot.evaluation for shot in trainer if shot.evaluation is not None]
    assert evaluations[-1].figures["RMSE"] < 0.5 * evaluations[-1].figures["of persistence"]


def write(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


def table_of(tmp_path: Path, *values: str, name: str = "x") -> str:
    rows = "".join(f"{k},{value}\n" for k, value in enumerate(values))
    return write(tmp_path / "table.csv", f"t,{name}\n{rows}")


GAPS = ["", "1", "", "4", "5", "6", "3", "NA", "NA", "9", "8", "7", "1", "2", ""]


@pytest.mark.parametrize(
    ("missing", "expected", "said"),
    [
        ("interpolate", [1, 1, 2.5, 4, 5, 6, 3, 5, 7, 9, 8, 7, 1, 2, 2], "x 5; interpolated"),
        ("carry", [1, 1, 4, 5, 6, 3, 3, 3, 9, 8, 7, 1, 2, 2], "before the first value: 1"),
        ("drop", [1, 4, 5, 6, 3, 9, 8, 7, 1, 2], "rows dropped: 5"),
    ],
)
def test_missing_values_are_treated_as_chosen(tmp_path, missing, expected, said) -> None:
    task = OwnSeries(table_of(tmp_path, *GAPS), missing=missing)
    assert_allclose(task.understood.series.target, expected)
    assert any(said in note for note in task.notes)


def test_missing_values_are_refused_unless_something_is_chosen(tmp_path) -> None:
    with pytest.raises(
        InputError,
        match=r"5 values are missing \(x 5; the first in line 2\)",
    ):
        OwnSeries(table_of(tmp_path, *GAPS))


def test_gaps_in_columns_that_are_not_used_do_not_matter(tmp_path) -> None:
    rows = "".join(f"{k % 7},{'' if k % 3 else 1}\n" for k in range(30))
    task = OwnSeries(write(tmp_path / "a.csv", "x,y\n" + rows), target="x")
    assert task.held_out_from == round(0.8 * 29)


def test_the_newest_row_may_come_first(tmp_path) -> None:
    rows = [f"2024-01-{day:02},{day % 5}\n" for day in range(1, 31)]
    forward = OwnSeries(write(tmp_path / "f.csv", "day,x\n" + "".join(rows)))
    backward = OwnSeries(write(tmp_path / "b.csv", "day,x\n" + "".join(rows[::-1])))
    assert_array_equal(forward.series.inputs, backward.series.inputs)
    assert_array_equal(forward.times, backward.times)
    assert any("newest row came first" in note for note in backward.notes)


@pytest.mark.parametrize(
    ("days", "unit", "second"),
    [(range(1, 29), "days since 2024-01-01", 1.0), (range(1, 2000, 70), "year", 2024 + 70 / 366)],
)
def test_dates_are_an_axis(tmp_path, days, unit, second) -> None:
    start = np.datetime64("2024-01-01")
    rows = "".join(f"{start + day - 1},{k % 5}\n" for k, day in enumerate(days))
    task = OwnSeries(write(tmp_path / "a.csv", "day,x\n" + rows))
    assert task.display.time == unit
    assert task.times[0] == pytest.approx(second)


def test_months_are_even_steps_and_a_gap_is_told_of(tmp_path) -> None:
    months = [f"{2000 + k // 12}-{1 + k % 12:02}" for k in range(40)]
    rows = [f"{month},{k % 5}\n" for k, month in enumerate(months)]
    path = tmp_path / "a.csv"
    assert not any(
        "uneven" in note for note in OwnSeries(write(path, "m,x\n" + "".join(rows))).notes
    )
    del rows[20]
    notes = OwnSeries(write(path, "m,x\n" + "".join(rows))).notes
    assert any("from 28 days to 61 days" in note for note in notes)


def test_names_with_commas_can_be_named() -> None:
    names = ["Last, kW", 'a "b"', "c"]
    assert joined(names) == '"Last, kW", "a ""b""", c'


def test_names_are_found_as_they_are_joined(tmp_path) -> None:
    path = write(tmp_path / "a.csv", '"Last, kW";"a ""b""";c\n' + "1;2;3\n4;5;7\n" * 9)
    table = load.load_table(Path(path))
    names = [column.name for column in table.columns]
    assert names == ["Last, kW", 'a "b"', "c"]
    roles = find_roles(table, names[0], joined(names), "#")
    assert [column.name for column in roles.inputs] == names


RIGHT = "t,x,word\n" + "".join(f"{k},{k % 7},a{k}\n" for k in range(40))
BAD = {
    "no file": ({"file": ""}, "^task.file is empty; choose a file"),
    "gone": ({"file": "gone.csv"}, "^task.file cannot be used. Cannot read gone.csv"),
    "no such target": ({"target": "y"}, "^task.target names 'y', and data.csv has no such"),
    "text target": ({"target": "word"}, "which is not numbers: line 2: 'a0'"),
    "no such input": ({"inputs": "x, z"}, "^task.inputs names 'z'"),
    "no such time": ({"time": "when"}, "^task.time names 'when'"),
    "text time": ({"time": "word"}, "^task.time names 'word', which is not numbers"),
    "going back": ({"time": "x", "target": "t"}, "^task.time names 'x', and line 9 goes back"),
}
BAD_FILES = {
    "all missing": (
        "t,x\n" + "".join(f"{k},\n" for k in range(20)),
        "'x', in which all 20 values are missing",
    ),
    "constant": ("x\n" + "3.5\n" * 20, "which is 3.5 in every row trained on"),
    "infinite": ("x\n1\n2\ninf\n" + "1\n" * 20, "line 4: 'inf' is not finite"),
    "mixed": ("x\n1\n2\noops\n" + "1\n" * 20, "line 4: 'oops' is not a number"),
    "texts": ("a,b\n" + "p,q\n" * 20, "has a column 'b', which is not numbers"),
    "one column, the time": (
        "day\n" + "".join(f"2024-01-{k}\n" for k in range(10, 31)),
        "has one column, 'day'",
    ),
    "few rows": ("x\n1\n2\n3\n", "has 3 rows that can be used; at least 10"),
    "missing times": (
        "day,x\n" + "2024-01-01,1\n" * 9 + ",2\n" * 5,
        "misses 5 values, the first in line 11",
    ),
    "too far apart": ("x\n" + "1e300\n-1e300\n" * 20, "'x' are too far apart"),
}


@pytest.mark.parametrize("kind", BAD)
def test_settings_that_do_not_fit_are_named(tmp_path, monkeypatch, kind) -> None:
    settings, reason = BAD[kind]
    monkeypatch.chdir(tmp_path)
    Path("data.csv").write_text(RIGHT)
    with pytest.raises(InputError, match=reason):
        OwnSeries(**{"file": "data.csv", "target": "x"} | settings)


@pytest.mark.parametrize("kind", BAD_FILES)
def test_data_that_cannot_be_learned_from_are_refused(tmp_path, kind) -> None:
    text, reason = BAD_FILES[kind]
    with pytest.raises(InputError, match=reason) as caught:
        OwnSeries(write(tmp_path / "data.csv", text))
    assert str(caught.value).startswith("task.")
    assert "\n" not in str(caught.value)


def test_one_column_is_enough(tmp_path) -> None:
    task = OwnSeries(write(tmp_path / "a.csv", "".join(f"{k % 6}\n" for k in range(30))))
    assert (task.display.output, task.display.time) == ("column 1", "row")
    assert task.times[0] == 2.0


def test_a_file_that_changed_is_refused(file) -> None:
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    task = OwnSeries(str(file), sha256)
    assert task.pinned == {"sha256": sha256}
    file.write_text(RIGHT)
    assert_array_equal(OwnSeries(str(file), sha256).series.inputs, task.series.inputs)  # at hand
    load._known.clear()
    with pytest.raises(ChangedError, match=r"^task.file has changed: .*data.csv is not"):
        OwnSeries(str(file), sha256)
    assert OwnSeries(str(file), target="x").display.output == "x"


def test_a_file_is_read_once(file, monkeypatch) -> None:
    first = OwnSeries(str(file))
    monkeypatch.setattr(load, "read_text_table", lambda *_: pytest.fail("read again"))
    assert OwnSeries(str(file)).series is first.series
    assert OwnSeries(str(file), held_out=0.4).held_out_from < first.held_out_from
    os.utime(file, ns=(1, 1))
    with pytest.raises(pytest.fail.Exception):
        OwnSeries(str(file))


def test_an_array_under_another_name_is_an_array(tmp_path) -> None:
    path = tmp_path / "data.bin"
    with path.open("wb") as out:
        np.save(out, np.arange(40.0) % 7)
    assert OwnSeries(str(path)).display.output == "column 1"
    text = write(tmp_path / "data.npy", "1\n2\n")
    with pytest.raises(InputError, match="is not an npy file"):
        OwnSeries(text)
