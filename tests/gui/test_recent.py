"""The list of recent files survives whatever is in its place."""

from __future__ import annotations

import pytest
from platformdirs import user_config_path

from gradexplorer.gui.recent import recent_files, remember


@pytest.fixture
def store():
    path = user_config_path("gradexplorer", appauthor=False) / "recent.json"
    path.parent.mkdir(parents=True)
    return path


@pytest.fixture
def make_file(tmp_path):
    def make(name):
        path = tmp_path / name
        path.touch()
        return path

    return make


def test_the_newest_comes_first_and_once(make_file):
    a, b = make_file("a.toml"), make_file("b.toml")
    for path in (a, b, a):
        remember(path)
    assert recent_files() == [a, b]


def test_eight_are_remembered(make_file):
    files = [make_file(f"{number}.toml") for number in range(10)]
    for path in files:
        remember(path)
    assert recent_files() == files[:1:-1]


def test_files_that_are_gone_are_left_out(make_file):
    a, b = make_file("a.toml"), make_file("b.toml")
    remember(a)
    remember(b)
    b.unlink()
    assert recent_files() == [a]


@pytest.mark.parametrize(
    "content",
    [b"", b"\0", b"{}", b"[1, null, {}]", b'["\\u0000"]', b"[" * 50_000, b'"' + b"x" * 100_000],
)
def test_a_spoilt_list_is_no_list(store, make_file, content):
    store.write_bytes(content)
    assert recent_files() == []
    remember(make_file("a.toml"))
    assert [path.name for path in recent_files()] == ["a.toml"]


def test_a_home_that_cannot_be_written_keeps_nothing(store, make_file):
    store.parent.rmdir()
    store.parent.touch()
    remember(make_file("a.toml"))
    assert recent_files() == []
