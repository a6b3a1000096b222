"""Arrays: every layout comes back, and no header is believed."""

from __future__ import annotations

import io
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.lib import format as npy

from gradexplorer.errors import InputError
from gradexplorer.tasks.tables.array_reader import read_array_table
from gradexplorer.tasks.tables.table import MAX_VALUES

TYPES = st.sampled_from(["<f8", ">f8", "<f4", "<f2", "<i2", ">i4", "|u1", "|b1"])
SHAPES = st.one_of(st.tuples(st.integers(1, 20)), st.tuples(st.integers(1, 20), st.integers(1, 5)))


@given(
    data=arrays.arrays(TYPES, SHAPES, elements={"allow_infinity": False}),
    fortran=st.booleans(),
    version=st.sampled_from([(1, 0), (2, 0), (3, 0)]),
)
def test_numbers_come_back_as_they_were_saved(tmp_path_factory, data, fortran, version) -> None:
    path = tmp_path_factory.getbasetemp() / "round.npy"
    with path.open("wb") as file:
        npy.write_array(file, np.asarray(data, order="F" if fortran else "C"), version)
    found = read_array_table(path)
    assert found.rows == len(data)
    read = np.stack([column.values for column in found.columns], axis=1)
    assert np.array_equal(read, data.reshape(len(data), -1).astype(float), equal_nan=True)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays_of_an_npz_are_columns_by_name(tmp_path, save) -> None:
    path = tmp_path / "data.npz"
    day = np.arange("2024-01-01", "2024-01-11", dtype="datetime64[D]")
    save(path, x=np.arange(10), day=day, z=np.ones((10, 2)), unit=np.array("kW"), scale=2.0)
    found = read_array_table(path)
    assert [column.name for column in found.columns] == ["x", "day", "z 0", "z 1"]
    assert [column.kind for column in found.columns] == ["number", "date", "number", "number"]
    assert np.array_equal(np.diff(found.columns[1].values), np.full(9, 86_400.0))
    assert [note.split()[0] for note in found.warnings] == ["unit", "scale"]
    assert found.place(2) == "row 3"


def test_an_infinite_number_is_named(tmp_path) -> None:
    path = tmp_path / "data.npy"
    np.save(path, np.array([1.0, 2.0, np.inf]))
    assert read_array_table(path).columns[0].fault == "row 3 is not finite"


def header(shape: str, dtype: str = "<f8") -> bytes:
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


def saved(data: object) -> bytes:
    file = io.BytesIO()
    np.save(file, np.asarray(data), allow_pickle=True)
    return file.getvalue()


def zipped(**entries: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(f"{name}.npy", data)
    return file.getvalue()


BAD = {
    "lying shape": (header("(1000000000000,)") + b"\0" * 80, "has a header that does not fit"),
    "too short": (header("(11,)") + b"\0" * 80, "88 bytes, and 80 follow"),
    "too long": (header("(9,)") + b"\0" * 80, "72 bytes, and 80 follow"),
    "negative": (header("(-5, -2)") + b"\0" * 80, "its shape is -5 × -2"),
    "overflowing": (header(f"({2**62}, 8)") + b"\0" * 80, "has a header that does not fit"),
    "code": (header("__import__('os').abort()") + b"\0" * 80, "its header is damaged"),
    "no header": (b"\x93NUMPY\x01\x00\xff\xff", "its header is damaged"),
    "unknown version": (b"\x93NUMPY\x09\x00" + b"\0" * 90, "its header is damaged"),
    "objects": (saved([{}, {}]), "holds Python objects"),
    "complex": (saved(np.ones(12, complex)), "the type complex128"),
    "records": (saved(np.zeros(12, "f8,f8")), "must be of real numbers"),
    "texts": (saved(["a", "b"]), "must be of real numbers"),
    "one number": (saved(1.0), "must have rows"),
    "a cube": (saved(np.ones((3, 3, 3))), "the shape 3 × 3 × 3"),
    "no rows": (saved(np.ones(0)), "has no rows"),
    "no columns": (saved(np.ones((5, 0))), "has no rows"),
    "transposed": (saved(np.ones((2, 1001))), "is it transposed"),
    "not an npz": (b"PK\x03\x04" + b"\0" * 80, "is damaged, or not an npz file"),
    "a spreadsheet": (zipped(a=saved([1.0])).replace(b".npy", b".xml"), "saved as CSV"),
    "other rows": (zipped(x=saved(np.ones(5)), y=saved(np.ones(6))), "array 'y' has 6 rows"),
    "objects within": (zipped(x=saved([{}])), "array 'x' holds Python objects"),
    "lying within": (zipped(x=header("(99,)") + b"\0" * 8), "array 'x' has a header"),
    "nothing": (zipped(x=saved(1.0)), "no array with rows"),
    "damaged": (zipped(x=saved(np.arange(99.0)))[:-150] + b"\0" * 150, "is damaged"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_array_is_refused_in_a_sentence(tmp_path, kind) -> None:
    content, reason = BAD[kind]
    path = tmp_path / "data.npz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=reason) as caught:
        read_array_table(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def bomb(values: int) -> bytes:
    """A small file that says, and truly holds, very much."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("a", "b"):
            with archive.open(f"{name}.npy", "w") as entry:
                entry.write(header(f"({values},)", "|u1"))
                for start in range(0, values, 1 << 20):
                    entry.write(b"\0" * min(1 << 20, values - start))
    return file.getvalue()


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path) -> None:
    path = tmp_path / "bomb.npz"
    path.write_bytes(bomb(MAX_VALUES + 1))
    assert path.stat().st_size < 50_000
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="has 10,000,001 values; at most 10,000,000 are read"):
            read_array_table(path)
        assert tracemalloc.get_traced_memory()[1] < 5e6
    finally:
        tracemalloc.stop()


def test_all_arrays_together_are_bounded(tmp_path) -> None:
    path = tmp_path / "bomb.npz"
    path.write_bytes(bomb(MAX_VALUES // 2 + 1))
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"array 'b' has 5,000,001 values"):
            read_array_table(path)
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()


def test_a_list_of_a_million_entries_is_not_read(tmp_path) -> None:
    path = tmp_path / "many.npz"
    content = zipped(x=saved(np.arange(20.0)))
    end = content.rindex(b"PK\5\6")
    size = (2 << 20).to_bytes(4, "little")
    path.write_bytes(content[: end + 12] + size + content[end + 16 :])
    with pytest.raises(InputError, match="has too many arrays"):
        read_array_table(path)
