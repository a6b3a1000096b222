"""WAV files of every kind, whole and broken, and another rate for their samples."""

from __future__ import annotations

import io
import os
import struct
import wave
from collections.abc import Callable
from pathlib import Path

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

from gradexplorer.errors import InputError
from gradexplorer.tasks.wav import MOST_BYTES, read_wav, resampled

Write = Callable[..., Path]


def wav(samples: np.ndarray, width: int = 2, rate: int = 8000) -> bytes:
    """Return a file's bytes; samples, (N,) or (N, channels), are whole numbers."""
    whole = np.atleast_2d(samples.T).T.astype("<i4")
    if width == 1:
        whole = whole + 128
    raw = whole.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :width].tobytes()
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setparams((whole.shape[1], width, rate, 0, "NONE", ""))
        written.writeframes(raw)
    return file.getvalue()


@pytest.fixture
def write(tmp_path) -> Write:
    """Give a function that writes bytes into a file."""

    def make(data: bytes) -> Path:
        path = tmp_path / "word.wav"
        path.write_bytes(data)
        return path

    return make


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("channels", [1, 2, 5])
def test_every_width_and_number_of_channels(write, width: int, channels: int) -> None:
    top = 2 ** (8 * width - 1)
    samples = np.array([-top, -1, 0, 1, top - 1])[:, None] * np.ones((1, channels), np.int64)
    found, rate = read_wav(write(wav(samples, width, 11025)))
    assert rate == 11025
    np.testing.assert_array_equal(found, samples[:, 0] / top)


def test_channels_are_averaged(write) -> None:
    found, _ = read_wav(write(wav(np.array([[100, 300], [-100, 100]]))))
    np.testing.assert_array_equal(found * 2**15, [200.0, 0.0])


GOOD = wav(np.arange(100))


def field(place: int, form: str, value: int) -> bytes:
    """Return a good file with another number somewhere in its header."""
    data = bytearray(GOOD)
    struct.pack_into(form, data, place, value)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"", "header ends too early", id="empty"),
        pytest.param(b"RIFF", "header ends too early", id="four bytes"),
        pytest.param(b"OggS" + GOOD[4:], "does not start with RIFF", id="not RIFF"),
        pytest.param(b"hello, I am a text\n" * 9, "does not start with RIFF", id="text"),
        pytest.param(GOOD[:8] + b"AVI " + GOOD[12:], "not a WAVE file", id="AVI"),
        pytest.param(GOOD[:30], "header ends too early", id="half a header"),
        pytest.param(GOOD[:36], "missing", id="no data"),
        pytest.param(GOOD[:-50], "cut short: it promises 100 samples and has 75", id="cut"),
        pytest.param(field(20, "<H", 3), "no whole numbers", id="float"),
        pytest.param(field(20, "<H", 2), "compressed", id="ADPCM"),
        pytest.param(field(22, "<H", 0), "channels", id="no channels"),
        pytest.param(field(34, "<H", 0), "sample width", id="no width"),
        pytest.param(field(34, "<H", 64), "64 bits", id="64 bits"),
        pytest.param(field(24, "<I", 0), "0 samples a second", id="no rate"),
        pytest.param(field(24, "<I", 2**32 - 1), "samples a second", id="absurd rate"),
        pytest.param(wav(np.zeros(0)), "no samples", id="no samples"),
        pytest.param(wav(np.zeros(31_000), rate=1000), "31 s long", id="too long"),
        pytest.param(field(40, "<I", 2**31), "s long", id="a lying length"),
    ],
)
def test_a_bad_file_is_refused_in_a_sentence(write, data: bytes, said: str) -> None:
    path = write(data)
    with pytest.raises(InputError, match=said) as caught:
        read_wav(path)
    text = str(caught.value)
    assert text.startswith(str(path))
    assert text.endswith(".")
    assert "\n" not in text


def test_a_huge_file_is_refused_before_it_is_read(tmp_path) -> None:
    path = tmp_path / "huge.wav"
    with path.open("wb") as file:
        file.write(GOOD)
        os.truncate(file.fileno(), 100 * MOST_BYTES)
    with pytest.raises(InputError, match=r"1,677,721,600 bytes"):
        read_wav(path)


def test_what_is_no_file_is_refused(tmp_path) -> None:
    for path in (tmp_path, tmp_path / "gone.wav"):
        with pytest.raises(InputError, match=path.name):
            read_wav(path)


@hypothesis.given(st.data())
@hypothesis.settings(
    max_examples=300,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
def test_whatever_is_broken_nothing_else_is_raised(tmp_path, data) -> None:
    spoilt = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        spoilt[data.draw(st.integers(0, 60))] = data.draw(st.integers(0, 255))
    path = tmp_path / "spoilt.wav"
    path.write_bytes(spoilt[: data.draw(st.integers(0, len(spoilt)))])
    try:
        samples, _ = read_wav(path)
    except InputError:
        return
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() <= 1.0


def swelling_tone(rate: int, frequency: float = 900.0) -> np.ndarray:
    """Return half a second of a tone that swells and fades, at any rate."""
    time = np.arange(round(0.5 * rate)) / rate
    return np.exp(-(((time - 0.25) / 0.04) ** 2)) * np.sin(2.0 * np.pi * frequency * time)


@pytest.mark.parametrize("rate", [4000, 8000, 11025, 16000, 22050, 44100, 48000, 12347])
@pytest.mark.parametrize("wanted", [8000, 22050])
def test_another_rate_is_the_same_sound(rate: int, wanted: int) -> None:
    found = resampled(swelling_tone(rate), rate, wanted)
    expected = swelling_tone(wanted)
    assert abs(len(found) - len(expected)) <= 1 + wanted / rate
    count = min(len(found), len(expected))
    np.testing.assert_allclose(found[:count], expected[:count], atol=1e-6)


def test_what_is_too_high_for_a_rate_is_gone_and_not_an_alias() -> None:
    high = swelling_tone(44100, 6000.0)
    assert np.abs(resampled(high, 44100, 8000)).max() < 1e-6 * np.abs(high).max()


@pytest.mark.parametrize("count", [1, 2, 100])
def test_few_samples_are_resampled_too(count: int) -> None:
    assert resampled(np.ones(count), 44100, 8000).shape == (-(-count * 8000 // 44100),)
