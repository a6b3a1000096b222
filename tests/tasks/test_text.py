"""Texts: how they are read, which characters are told apart, and what is refused."""

from __future__ import annotations

import codecs
import sys
import tracemalloc
from types import ModuleType

import numpy as np
import pytest

from gradexplorer.errors import InputError
from gradexplorer.tasks import text
from gradexplorer.tasks.text import load_text

WORDS = "Grüße, “naïve” café – and so on.\n" * 10


@pytest.fixture
def file(tmp_path):
    """Give a function that writes bytes and returns where."""

    def write(data: bytes) -> str:
        path = tmp_path / "a.txt"
        path.write_bytes(data)
        return str(path)

    return write


def said(found: text.Text) -> str:
    return "".join(found.kinds[place] for place in found.classes)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (WORDS.encode(), "UTF-8"),
        (codecs.BOM_UTF8 + WORDS.encode(), "UTF-8"),
        (WORDS.encode("utf-16"), "UTF-16"),
        (codecs.BOM_UTF16_BE + WORDS.encode("utf-16-be"), "UTF-16"),
        (WORDS.encode("utf-32"), "UTF-32"),
        (WORDS.encode("cp1252"), "Windows-1252"),
    ],
)
def test_common_encodings_are_read_and_told(file, monkeypatch, data: bytes, name: str) -> None:
    for chunk in (3, 2**18):  # characters and line ends cut in the middle
        monkeypatch.setattr(text, "_CHUNK", chunk)
        text._file.cache_clear()
        found = load_text(file(data))
        assert said(found) == WORDS
        assert found.source == f"a.txt: 330 characters of 22 kinds, read as {name}"


def test_what_windows_1252_knows_not_is_latin_1(file) -> None:
    found = load_text(file(b"\x81\xe9a\n" * 50))
    assert said(found) == "\x81éa\n" * 50
    assert found.source.endswith("read as Latin-1")


def test_line_ends_are_made_equal(file, monkeypatch) -> None:
    monkeypatch.setattr(text, "_CHUNK", 2)
    assert said(load_text(file(b"a\r\nb\rc\n" * 40))) == "a\nb\nc\n" * 40


def test_the_vocabulary_is_every_character_in_the_order_of_code_points(file) -> None:
    found = load_text(file(("zebra Ä\n" * 30).encode()))
    assert found.kinds == "\n aberzÄ"
    assert found.classes.dtype == np.uint16
    assert not found.classes.flags.writeable


def test_of_too_many_characters_the_rare_are_one(file, monkeypatch) -> None:
    monkeypatch.setattr(text, "MAX_KINDS", 4)
    found = load_text(file(("aaabbbcccdé" * 20).encode()))
    assert found.kinds == "abc\ufffd"
    assert said(found) == "aaabbbccc\ufffd\ufffd" * 20


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", r"a\.txt is empty; give a text of at least 100 characters\.$"),
        (codecs.BOM_UTF8, "is empty"),
        (b"x", "has only 1 character; at least 100 are needed"),
        (b"ab" * 20, "has only 40 characters"),
        (b"a" * 500, "has no character but 'a': there is nothing to predict"),
        (b"ab" * 300 + b"\0", r"has a NUL byte at position 600\. If it is UTF-16, save it with"),
        (("ab" * 300).encode("utf-16-le"), "has a NUL byte at position 1"),
        (("ab\0" * 300).encode("utf-16"), "is not a text file: it has a NUL character"),
        (codecs.BOM_UTF8 + b"a" * 300 + b"\xff", r"not UTF-8 text.* byte 303 cannot be decoded"),
        (("ab" * 300).encode("utf-16") + b"!", r"not UTF-16 text.* byte 1,202 cannot"),
    ],
)
def test_what_is_no_text_is_refused_in_a_sentence(file, data: bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as caught:
        load_text(file(data))
    assert str(caught.value).startswith("task.file cannot be used. ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["gone.txt", ".", "a\0b", "x" * 999])
def test_what_is_no_file_is_refused(tmp_path, name: str) -> None:
    with pytest.raises(InputError, match=r"^task\.file cannot be used\. "):
        load_text(str(tmp_path / name))


def test_a_file_too_large_is_refused_before_it_takes_memory(file, monkeypatch) -> None:
    monkeypatch.setattr(text, "MAX_BYTES", 10_000)
    path = file(b"ab" * 5_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"has 10,000,000 bytes; .* at most 10,000"):
            load_text(path)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_large_file_takes_little_more_than_its_characters(file) -> None:
    """Beside the bytes and two for each character, a table of all code points."""
    path = file(("ab\n" * 1_000_000).encode())
    text._file.cache_clear()
    tracemalloc.start()
    try:
        load_text(path)
        assert tracemalloc.get_traced_memory()[1] < 8 * 3_000_000 + 40_000_000
    finally:
        tracemalloc.stop()


def test_a_file_is_read_once_and_again_when_it_has_changed(file) -> None:
    path = file(b"ab" * 100)
    first = load_text(path)
    assert load_text(path) is first
    file(b"abc" * 100)
    assert load_text(path).kinds == "abc"


def test_pythons_reference_has_each_paragraph_once() -> None:
    found = load_text("")
    written = said(found)
    assert 200_000 < len(written) < 800_000
    assert {*"\n abcdefghijklmnopqrstuvwxyz"} <= {*found.kinds}
    paragraphs = [part for part in written.split("\n\n") if part.strip()]
    assert len(set(paragraphs)) == len(paragraphs)
    assert found.source.startswith("Python's language reference: ")


@pytest.mark.parametrize("topics", [None, 3, {"a": 3}])
def test_a_python_without_the_reference_says_what_to_do(monkeypatch, topics) -> None:
    module = ModuleType("pydoc_data.topics")
    if topics is not None:
        module.topics = topics
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", module)
    text._reference.cache_clear()
    with pytest.raises(InputError, match=r"lacks .* its language reference .*; set task\.file to"):
        load_text("")
    text._reference.cache_clear()
