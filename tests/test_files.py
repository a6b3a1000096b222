from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from gradexplorer.errors import InputError
from gradexplorer.files import atomic_writer, make_folder, read_text, write_bytes, write_text

LIMIT = 100


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "file.toml"
    path.write_bytes(b"old")
    return path


def test_written_text_reads_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "Ünïcode 実験 🙂.toml"
    write_text(path, "a\nb\r\nc Σ")
    assert path.read_bytes() == "a\nb\r\nc Σ".encode()
    assert read_text(path, LIMIT) == "a\nb\r\nc Σ"
    assert names(tmp_path) == [path.name]


def test_writing_replaces_the_whole_file(target: Path) -> None:
    write_bytes(target, b"n")
    assert target.read_bytes() == b"n"
    assert names(target.parent) == [target.name]


@pytest.mark.parametrize("room", [0, 10_000, 99_999])
def test_a_full_disk_leaves_the_old_file(target: Path, full_disk, room: int) -> None:
    full_disk(room)
    with pytest.raises(InputError, match=r"^Cannot write .*file\.toml: no space left on device\.$"):
        write_bytes(target, bytes(100_000))
    assert target.read_bytes() == b"old"
    assert names(target.parent) == [target.name]


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_disk_that_fails_at_the_end_leaves_the_old_file(
    target: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(*{"fsync": (os, "fsync"), "replace": (Path, "replace")}[failing], fail)
    with pytest.raises(InputError, match="no space left on device"):
        write_bytes(target, b"new")
    assert target.read_bytes() == b"old"
    assert names(target.parent) == [target.name]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_of_the_writer_leaves_the_old_file(
    target: Path, error: type[BaseException]
) -> None:
    def write_half() -> None:
        with atomic_writer(target) as file:
            file.write(b"half")
            raise error

    with pytest.raises(error):
        write_half()
    assert target.read_bytes() == b"old"
    assert names(target.parent) == [target.name]


def test_the_old_file_stands_while_the_new_one_is_written(target: Path) -> None:
    with atomic_writer(target) as file:
        file.write(b"new")
        file.flush()
        assert target.read_bytes() == b"old"
        assert len(names(target.parent)) == 2
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("mode", [0o600, 0o664])
def test_a_file_keeps_its_permissions(target: Path, mode: int) -> None:
    target.chmod(mode)
    write_bytes(target, b"new")
    assert stat.S_IMODE(target.stat().st_mode) == mode


def test_writing_to_a_link_writes_what_it_points_to(tmp_path: Path, target: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    link = folder / "link.toml"
    link.symlink_to(target)
    write_bytes(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert names(folder) == ["link.toml"]


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("missing/file", "no such file or directory"),
        ("file.toml/file", "not a directory"),
        ("folder", "it is not a file"),
        ("x" * 256, "file name too long"),
    ],
)
def test_an_unwritable_place_is_named(target: Path, place: str, reason: str) -> None:
    (target.parent / "folder").mkdir()
    with pytest.raises(InputError, match=reason) as caught:
        write_bytes(target.parent / place, b"new")
    assert str(target.parent / place) in str(caught.value)
    assert names(target.parent) == ["file.toml", "folder"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a" * (LIMIT + 1), "has 101 bytes; a file of this kind has at most 100."),
        (b"ab\0c", "is not a text file: it has a NUL byte at position 2."),
        (b"abc\xff", "is not UTF-8 text: byte 3 cannot be decoded. Save it as UTF-8."),
        ("aé".encode("utf-16-be"), "is not a text file: it has a NUL byte at position 0."),
    ],
)
def test_a_file_that_is_not_short_text_is_refused(
    tmp_path: Path, data: bytes, message: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_text(path, LIMIT)
    assert str(caught.value) == f"{path} {message}"


def test_a_file_as_long_as_allowed_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"a" * LIMIT)
    assert read_text(path, LIMIT) == "a" * LIMIT


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"\xef\xbb\xbfa")
    assert read_text(path, LIMIT) == "a"


def test_a_huge_file_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # a hole: no disk is used, but no memory would hold it
    with pytest.raises(InputError, match="has 1,099,511,627,776 bytes"):
        read_text(path, LIMIT)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_text(tmp_path / "none", LIMIT)
    assert str(caught.value) == f"Cannot read {tmp_path / 'none'}: no such file or directory."


def test_a_folder_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a file"):
        read_text(tmp_path, LIMIT)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    found: list[BaseException] = []

    def read() -> None:
        try:
            read_text(path, LIMIT)
        except InputError as error:
            found.append(error)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(10)
    assert [str(error) for error in found] == [f"{path} is not a file."]


def test_a_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert names(tmp_path / "a" / "b") == []


@pytest.mark.parametrize("place", ["file.toml", "file.toml/folder"])
def test_a_folder_that_cannot_be_is_named(target: Path, place: str) -> None:
    with pytest.raises(InputError, match=r"^Cannot write into .*file\.toml"):
        make_folder(target.parent / place)
    assert target.read_bytes() == b"old"


def test_a_folder_that_cannot_be_written_into_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "touch", refuse)  # permissions do not bind root
    with pytest.raises(InputError) as caught:
        make_folder(tmp_path)
    assert str(caught.value) == f"Cannot write into {tmp_path}: permission denied."
