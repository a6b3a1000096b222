"""Tables as CSV."""

from __future__ import annotations

import csv
import locale
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradexplorer.errors import InputError
from gradexplorer.export.tables import Table, csv_writer, write_table


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize(("kind", "width"), [(list, 64), (np.float64, 64), (np.float32, 32)])
@given(data=st.data())
def test_numbers_read_back_to_the_same_bits(
    tmp_path_factory: pytest.TempPathFactory, kind: type, width: int, data: st.DataObject
) -> None:
    values = data.draw(st.lists(st.floats(width=width), min_size=1, max_size=20))
    path = tmp_path_factory.mktemp("table") / "table.csv"
    write_table(Table({"a": values if kind is list else np.array(values, kind)}), path)
    header, *rows = read(path)
    assert header == ["a"]
    for (text,), value in zip(rows, values, strict=True):
        found = float(text)
        assert found == value or (math.isnan(found) and math.isnan(value))
        assert math.isnan(value) or math.copysign(1.0, found) == math.copysign(1.0, value)


def test_whole_numbers_words_and_gaps(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    columns = {"k": np.array([1, 2**60]), "x": [None, 0.5], 'Ünï, "q"': ["a\nb", "c;d"]}
    write_table(Table(columns), path)
    assert read(path) == [["k", "x", 'Ünï, "q"'], ["1", "", "a\nb"], [str(2**60), "0.5", "c;d"]]


def test_a_table_without_rows_has_its_header(tmp_path: Path) -> None:
    write_table(Table({"a": [], "b": np.empty(0)}), tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_bytes() == b"a,b\n"


def test_columns_of_different_lengths_write_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="shorter"):
        write_table(Table({"a": [1, 2], "b": [1]}), tmp_path / "table.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def decimal_comma(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A locale with decimal commas if there is any, and what Python itself makes of one."""
    before = locale.setlocale(locale.LC_ALL)
    for name in ("de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "German"):
        try:
            locale.setlocale(locale.LC_ALL, name)
            break
        except locale.Error:
            continue
    monkeypatch.setattr(
        locale,
        "localeconv",
        lambda: {"decimal_point": ",", "thousands_sep": ".", "grouping": [3, 0]},
    )
    yield
    locale.setlocale(locale.LC_ALL, before)


@pytest.mark.usefixtures("decimal_comma")
def test_the_locale_changes_nothing(tmp_path: Path) -> None:
    assert locale.format_string("%.1f", 0.5) == "0,5"
    path = tmp_path / "table.csv"
    write_table(Table({"a": [0.5, 12345.678], "b": [1234567, math.pi]}), path)
    assert path.read_text() == f"a,b\n0.5,1234567\n12345.678,{math.pi!r}\n"


def test_an_error_among_the_rows_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("old")

    def write_half() -> None:
        with csv_writer(path) as write_row:
            write_row(["a"] * 10_000)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("room", [0, 20_000, 48_000])
def test_a_full_disk_leaves_the_old_file(tmp_path: Path, full_disk, room: int) -> None:
    path = tmp_path / "table.csv"
    path.write_text("old")
    full_disk(room)
    with pytest.raises(InputError, match=r"^Cannot write .*table\.csv: no space left on device\.$"):
        write_table(Table({"a": [0.123456789] * 5000}), path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("count", [0, 3, 40])
def test_long_tables_are_written_in_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr("gradexplorer.export.tables._BLOCK", 8)
    values = np.where(np.arange(count) % 3 == 0, np.nan, np.arange(count))
    columns = {"a": np.arange(count), "b": np.ma.masked_invalid(values)}
    write_table(Table(columns), tmp_path / "table.csv")
    expected = [[str(i), "" if i % 3 == 0 else str(float(i))] for i in range(count)]
    assert read(tmp_path / "table.csv")[1:] == expected


def test_columns_of_different_lengths_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="zip"):
        write_table(Table({"a": [1, 2], "b": [1]}), tmp_path / "table.csv")
