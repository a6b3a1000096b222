"""A text as classes: the one that Python brings along, or a file in any common encoding."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradexplorer.errors import InputError
from gradexplorer.files import read_bytes

MAX_BYTES = 2**25
MAX_KINDS = 1000
FEWEST = 100
OTHER = "\N{REPLACEMENT CHARACTER}"
_CHUNK = 2**18
_CODE_POINTS = 0x110000
_MARKS = (  # UTF-32's first: its little-endian mark begins with UTF-16's
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_GUESSES = (("utf-8", "UTF-8"), ("cp1252", "Windows-1252"), ("latin-1", "Latin-1"))


@dataclass(frozen=True, eq=False)
class Text:
    """A text, read-only.

    Attributes
    ----------
    classes : ndarray of uint16, shape (N,)
        For each character its place in ``kinds``.
    kinds : str
        The different characters in the order of their code points. Of more than 1,000 the most
        frequent are told apart, and the others are U+FFFD, all of them.
    source : str
        Where it is from and how it was read, for a person.
    """

    classes: NDArray[np.uint16]
    kinds: str
    source: str


class _Decoding(NamedTuple):
    codec: str
    name: str


def load_text(file: str) -> Text:
    r"""Return the text of a file, or where there is none, Python's language reference.

    Line ends become ``\n``. The encoding is that of a byte order mark, else UTF-8, else
    Windows-1252, or Latin-1 where that knows a byte not; ``source`` tells which.

    Raises
    ------
    InputError
        The file cannot be read, has more than 32 MiB or a NUL, does not decode, or is too short
        or too uniform to learn from; or this Python has no language reference.
    """
    if not file:
        return _reference()
    try:
        return _file(file, *_stamp(file))
    except InputError as error:
        raise InputError(f"task.file cannot be used. {error}") from error


def _stamp(file: str) -> tuple[int, int]:
    """Return what tells a file from the one that it was."""
    try:
        status = Path(file).stat()
    except (OSError, ValueError):  # reading it will say what is wrong
        return 0, 0
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=1)
def _reference() -> Text:
    """Return the language reference; a paragraph that several topics share, once.

    Held out as it stands, four lines in five would be known from the part trained on.
    """
    try:
        topics = import_module("pydoc_data.topics").topics
        texts = [topics[name] for name in sorted(topics)]
        every = chain.from_iterable(text.split("\n\n") for text in texts)
        paragraphs = dict.fromkeys(paragraph.strip("\n") for paragraph in every)
    except (ImportError, AttributeError, TypeError) as error:
        raise InputError(
            "task.file is empty, and this Python lacks the text used then, its language reference "
            "(the module pydoc_data.topics); set task.file to a text of your own."
        ) from error
    text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph.strip())
    return _text("Python's language reference", text.encode(), _Decoding("utf-8", ""))


@lru_cache(maxsize=1)
def _file(file: str, _modified: int, _size: int) -> Text:
    path = Path(file)
    data = read_bytes(path, MAX_BYTES)
    return _text(str(path), data, _decoding(path, data), path.name)


def _text(path: str, data: bytes, decoding: _Decoding, name: str = "") -> Text:
    counts = np.zeros(_CODE_POINTS, np.int64)
    for points in _code_points(path, data, decoding):
        counts += np.bincount(points, minlength=_CODE_POINTS)
    _check(path, counts)
    kinds, place = _kinds(counts)
    classes = np.concatenate([place[points] for points in _code_points(path, data, decoding)])
    classes.flags.writeable = False
    source = f"{name or path}: {len(classes):,} characters of {len(kinds):,} kinds"
    if decoding.name:
        source += f", read as {decoding.name}"
    return Text(classes, kinds, source)


def _decoding(path: Path, data: bytes) -> _Decoding:
    """Find out how a file is encoded; raises `InputError` on a NUL byte."""
    for mark, codec, name in _MARKS:
        if data.startswith(mark):
            return _Decoding(codec, name)
    if (nul := data.find(b"\0")) >= 0:
        raise InputError(
            f"{path} is not a text file: it has a NUL byte at position {nul:,}. If it is UTF-16, "
            "save it with a byte order mark, or as UTF-8."
        )
    return next(_Decoding(codec, name) for codec, name in _GUESSES if _decodes(data, codec))


def _decodes(data: bytes, codec: str) -> bool:
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        for start in range(0, len(data), _CHUNK):
            decoder.decode(data[start : start + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _code_points(path: str, data: bytes, decoding: _Decoding) -> Iterator[NDArray[np.uint32]]:
    """Decode piece by piece, so that no more than one piece takes four bytes a character."""
    decoder = io.IncrementalNewlineDecoder(
        codecs.getincrementaldecoder(decoding.codec)(), translate=True
    )
    for start in range(0, len(data), _CHUNK):
        piece, stop = data[start : start + _CHUNK], start + _CHUNK
        try:
            text = decoder.decode(piece, final=stop >= len(data))
        except UnicodeDecodeError as error:
            place = start + len(piece) - len(error.object) + error.start
            raise InputError(
                f"{path} is not {decoding.name} text, as its byte order mark says: byte "
                f"{place:,} cannot be decoded. Save it as UTF-8."
            ) from error
        yield np.frombuffer(text.encode("utf-32-le"), "<u4")


def _check(path: str, counts: NDArray[np.int64]) -> None:
    total = int(counts.sum())
    if not total:
        raise InputError(f"{path} is empty; give a text of at least {FEWEST} characters.")
    if counts[0]:
        raise InputError(f"{path} is not a text file: it has a NUL character.")
    if total < FEWEST:
        noun = "character" if total == 1 else "characters"
        raise InputError(f"{path} has only {total} {noun}; at least {FEWEST} are needed.")
    if np.count_nonzero(counts) == 1:
        only = chr(int(counts.argmax()))
        raise InputError(f"{path} has no character but {only!r}: there is nothing to predict.")


def _kinds(counts: NDArray[np.int64]) -> tuple[str, NDArray[np.uint16]]:
    """Return the characters told apart, and for each code point its place among them."""
    found = np.flatnonzero(counts)
    kept = found
    if len(found) > MAX_KINDS:
        ranked = found[np.argsort(-counts[found], kind="stable")]
        kept = np.union1d(ranked[: MAX_KINDS - 1], ord(OTHER))
    place = np.zeros(_CODE_POINTS, np.uint16)
    place[found] = np.searchsorted(kept, ord(OTHER))
    place[kept] = np.arange(len(kept))
    return "".join(map(chr, kept)), place
