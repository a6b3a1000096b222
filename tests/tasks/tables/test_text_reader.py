"""Tables as text: what is written is what is read, and what cannot be read is named."""

from __future__ import annotations

import csv
import io
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradexplorer.errors import InputError
from gradexplorer.tasks.tables import source, table, text_reader
from gradexplorer.tasks.tables.table import DELIMITERS, CancelledError, Layout, Table
from gradexplorer.tasks.tables.text_reader import read_text_table

finite = st.floats(-1e12, 1e12).map(lambda value: float(f"{value:.6g}"))
several_rows = st.integers(1, 4).flatmap(
    lambda columns: st.lists(
        st.lists(finite, min_size=columns, max_size=columns), min_size=2, max_size=12
    )
)


@pytest.fixture
def read(tmp_path):
    """Give a function that reads what was written to a file."""

    def read_it(content: str | bytes, **layout: str) -> Table:
        path = tmp_path / "data.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_text_table(path, Layout(**layout))

    return read_it


def written(rows, delimiter: str, decimal: str, header: bool) -> str:
    def cell(value: float) -> str:
        text = repr(value)
        return text.replace(".", ",") if decimal == "comma" else text

    out = io.StringIO()
    writer = csv.writer(out, delimiter=DELIMITERS[delimiter], lineterminator="\n")
    if header:
        writer.writerow([f"column {chr(97 + i)}" for i in range(len(rows[0]))])
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()


def values(found: Table) -> np.ndarray:
    return np.stack([column.values for column in found.columns], axis=1)


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("decimal", ["point", "comma"])
@pytest.mark.parametrize("delimiter", ["comma", "semicolon", "tab", "bar"])
@given(rows=several_rows)
def test_numbers_come_back_as_they_were_written(
    tmp_path_factory, delimiter: str, decimal: str, header: bool, rows
) -> None:
    path = tmp_path_factory.getbasetemp() / "round.csv"
    path.write_text(written(rows, delimiter, decimal, header))
    told = Layout(delimiter, decimal, "yes" if header else "no")
    assert np.array_equal(values(read_text_table(path, told)), np.array(rows))
    if len(rows[0]) > 1 and header and any(value % 1 for row in rows for value in row):
        found = read_text_table(path)
        assert found.layout == told
        assert np.array_equal(values(found), np.array(rows))


def test_runs_of_spaces_part_columns(read) -> None:
    found = read("  x    y\n 1.5   2\n10.25  3\n")
    assert [column.name for column in found.columns] == ["x", "y"]
    assert np.array_equal(values(found), [[1.5, 2.0], [10.25, 3.0]])


@pytest.mark.parametrize(
    ("text", "layout", "columns"),
    [
        ("a;b\n1,5;2\n2,5;3\n", ("semicolon", "comma", "yes"), 2),
        ("value\n1,5\n2,5\n3,5\n", ("semicolon", "comma", "yes"), 1),
        ("1.5\n2.5\n", ("comma", "point", "no"), 1),
        ('x,y\n"1,5","2,25"\n"3,5","4"\n', ("comma", "comma", "yes"), 2),
        ("2024-01-31;1,5\n2024-02-29;2,5\n", ("semicolon", "comma", "no"), 2),
        ("Datum;Last, kW\n2024-01-31;1,5\n2024-02-29;2,5\n", ("semicolon", "comma", "yes"), 2),
        ("# by hand\n\nt\tv\n1\t2.5\n2\tNA\n", ("tab", "point", "yes"), 2),
        ("name,2019,2020\nx,1,2\ny,3,4\n", ("comma", "point", "no"), 3),
    ],
)
def test_what_a_text_is_made_of_is_found_out(read, text, layout, columns) -> None:
    found = read(text)
    assert found.layout == Layout(*layout)
    assert len(found.columns) == columns


DATES = [datetime(2024, 1, 28, tzinfo=UTC) + timedelta(days=k) for k in range(40)]


@pytest.mark.parametrize(
    "form",
    ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%Y-%m-%dT%H:%M:%S",
     "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M"],
)  # fmt: skip
def test_dates_in_every_format(read, form) -> None:
    found = read("day,v\n" + "".join(f"{day.strftime(form)},{k}\n" for k, day in enumerate(DATES)))
    day = found.columns[0]
    assert day.kind == "date"
    assert np.array_equal(day.values, [date.timestamp() for date in DATES])
    assert not found.warnings


def test_day_and_month_are_told_apart_by_their_order(read) -> None:
    rows = "".join(f"{month:02}/01/2024,{month}\n" for month in range(1, 13))
    found = read("day,v\n" + rows)
    steps = np.diff(found.columns[0].values) / 86_400
    assert steps.min() == 1.0  # both are in order: then the day comes first
    assert "may be day/month/year or month/day/year" in found.warnings[0]
    found = read("day,v\n01/02/2024,1\n02/01/2024,2\n03/01/2024,3\n")
    assert (np.diff(found.columns[0].values) / 86_400 >= 29).all()


def test_zones_are_brought_to_one(read) -> None:
    found = read("t,v\n2024-01-01T12:00:00+02:00,1\n2024-01-01T11:00:00Z,2\n")
    assert np.diff(found.columns[0].values) == [3600.0]


def test_missing_values_are_kept_as_such(read) -> None:
    found = read("a,b,c\n1,NA,\n,2,\nnan,-,\n4,null,\n")
    assert [column.missing for column in found.columns] == [2, 3, 4]
    assert [column.kind for column in found.columns] == ["number", "number", "empty"]
    assert np.isnan(found.columns[0].values[1:3]).all()


def test_names_are_made_to_differ(read) -> None:
    found = read("x,x,,y\n1,2,3,4\n5,6,7,8\n")
    assert [column.name for column in found.columns] == ["x", "x (2)", "column 3", "y"]


def test_lines_and_first_rows_are_remembered(read) -> None:
    found = read('a,b\n1,"x\ny"\n\n2,z\n')
    assert list(found.lines) == [3, 5]
    assert found.head == (("1", "x\ny"), ("2", "z"))
    assert found.place(1) == "line 5"
    assert "left out: 1" in found.warnings[0]


def test_a_column_that_is_mostly_numbers_says_where_it_is_not(read) -> None:
    found = read("a,b\n" + "1,2\n" * 9_000 + "3,x1\n" + "1,2\n" * 9_000)
    assert found.columns[1].kind == "mixed"
    assert found.columns[1].fault == "line 9,002: 'x1' is not a number"
    assert "b is not read as numbers, because of line 9,002" in found.warnings[0]


@pytest.mark.parametrize("cell", ["inf", "-Infinity", "1e999"])
def test_an_infinite_number_is_named(read, cell) -> None:
    assert "line 3: " in read(f"a\n1\n{cell}\n2\n").columns[0].fault
    assert "is not finite" in read(f"a\n1\n{cell}\n2\n").columns[0].fault


@pytest.mark.parametrize("cell", ["1_000", "1,234.5", "12 %", "0x10"])
def test_what_looks_like_a_number_and_is_none_is_not_guessed_at(read, cell) -> None:
    assert read(f'a;b\n1;2\n"{cell}";3\n4;5\n', delimiter="semicolon").columns[0].kind == "mixed"


def test_commas_that_may_part_thousands_are_told_of(read) -> None:
    assert "part thousands" in read("a;b\n1,234;2\n5,678;3\n").warnings[0]
    assert not read("a;b\n1,234;2\n5,6;3\n").warnings


@pytest.mark.parametrize(
    ("encoding", "shown"), [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16")]
)
def test_common_encodings_are_read(read, encoding, shown) -> None:
    found = read("Größe;b\n1;2\n3;4\n".encode(encoding))
    assert found.columns[0].name == "Größe"
    assert shown in found.format
    assert not found.warnings


def test_windows_text_is_read_and_told_of(read) -> None:
    found = read(("a;b\n" + "1;2\n" * 300_000 + "3;é\n").encode("cp1252"))
    assert found.columns[1].fault == "line 300,002: 'é' is not a number"
    assert "Line 300,002 is not UTF-8" in found.warnings[0]


BAD = {
    "empty": (b"", "is empty"),
    "header alone": (b"a,b\n", "no row under its header"),
    "blank": (b"\n\n\n", "has no row"),
    "ragged": (b"a,b\n1,2\n3,4,5\n6,7\n", "line 3 has 3 fields, where line 1 has 2"),
    "short row": (b"a,b,c\n1,2,3\n4,5,6\n7,8\n", "line 4 has 2 fields, where line 1 has 3"),
    "nul": (b"a,b\n1,2\n3,\x004\n", "line 3 has a NUL byte"),
    "not an encoding": (b"a,b\n1,2\n3,\x81\xff\n", "line 3 is neither UTF-8 nor Windows-1252"),
    "open quote": (b'a,b,c\n1,"2,3\n' + b"3,4,5\n" * 60_000, "a quotation mark may be open"),
    "broken utf-16": (b"\xff\xfea\x00,\x00b\x00\n\x00\x00\xd8\x00\xd8", "is not UTF-16"),
    "one line": (b"1" * 3_000_000, "line 1 has more than"),
    "many columns": (b"1," * 1500 + b"1\n" + b"1," * 1500 + b"1\n", "has 1,501 columns"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_table_is_refused_in_a_sentence(read, kind) -> None:
    content, reason = BAD[kind]
    with pytest.raises(InputError, match=reason) as caught:
        read(content)
    assert "data.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_large_file_is_refused_before_it_is_read(tmp_path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(source.MAX_BYTES + 1)  # a hole: no byte is written
    with pytest.raises(InputError, match=r"has 268,435,457 bytes; at most 268,435,456 are read"):
        read_text_table(path)


def test_more_values_than_are_kept_are_refused(read, monkeypatch) -> None:
    monkeypatch.setattr(text_reader, "MAX_VALUES", 100_000)
    with pytest.raises(InputError, match=r"more than 100,000 values up to line [\d,]+"):
        read("a,b\n" + "1,2\n" * 60_000)


def test_memory_is_that_of_the_numbers_alone(tmp_path) -> None:
    path = tmp_path / "data.csv"
    rows = 50_000
    path.write_text("day,x,word\n" + "2024-01-01,1.25,some words that are not kept\n" * rows)
    tracemalloc.start()
    try:
        read_text_table(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    kept = rows * 3 * 8  # dates, numbers, lines
    assert peak < 1.3 * kept + 10e6


def test_reading_can_be_watched_and_ended(tmp_path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("a,b\n" + "1,2\n" * 100_000)
    shares: list[float] = []
    read_text_table(path, watch=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) > 5

    def end(share: float) -> None:
        if share > 0.5:
            raise CancelledError

    with pytest.raises(CancelledError):
        read_text_table(path, watch=end)


def test_a_file_that_grows_meanwhile_is_refused(tmp_path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("a,b\n" + "1,2\n" * 10)

    def grow(_share: float) -> None:
        with path.open("a") as file:
            file.write("3,4\n")

    with pytest.raises(InputError, match="was written to while it was read"):
        read_text_table(path, watch=grow)


def test_what_is_missing_or_no_file_is_refused(tmp_path) -> None:
    for path, reason in {
        tmp_path / "gone.csv": "no such file",
        tmp_path: "is not a file",
        Path("a\0b.csv"): "cannot be the name of a file",
    }.items():
        with pytest.raises(InputError, match=reason):
            read_text_table(path)


def test_shown_is_short_and_printable() -> None:
    assert table.shown("a\nb") == r"'a\nb'"
    assert len(table.shown("x" * 500)) < 50
