"""WAV files: bounded reading into samples of one channel, and another rate for them."""

from __future__ import annotations

import io
import wave
from math import gcd
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gradexplorer.errors import InputError
from gradexplorer.files import read_bytes
from gradexplorer.tasks.task import Values

LONGEST = 30.0  # seconds
MOST_BYTES = 2**24  # 30 s of 48 kHz, 32 bits and two channels, and room to spare
RATES = range(1000, 400_001)
_MEND = "save it as 16-bit PCM"


def read_wav(path: Path) -> tuple[Values, int]:
    """Read a PCM file of 8, 16, 24 or 32 bits and any number of channels, which are averaged.

    Parameters
    ----------
    path : Path

    Returns
    -------
    samples : ndarray, shape (N,)
        In [-1, 1).
    rate : int
        In hertz.

    Raises
    ------
    InputError
        It cannot be read, is no such file, is cut short, or has no samples, more than
        `LONGEST` seconds of them or more than `MOST_BYTES` bytes.
    """
    data = read_bytes(path, MOST_BYTES)
    try:
        with wave.open(io.BytesIO(data)) as file:
            channels, width, rate, count, *_ = file.getparams()
            _check(path, width, rate, count)
            read = file.readframes(count)
    except (wave.Error, EOFError, RuntimeError) as error:
        raise InputError(f"{path} cannot be read as a WAV file: {_reason(error)}") from error
    if len(read) < count * width * channels:
        raise InputError(
            f"{path} is cut short: it promises {count:,} samples and has "
            f"{len(read) // (width * channels):,}; copy or record it again."
        )
    mixed: Values = np.mean(_decoded(read, width).reshape(count, channels), axis=1)
    return mixed, rate


def _check(path: Path, width: int, rate: int, count: int) -> None:
    if width not in (1, 2, 3, 4):
        raise InputError(f"{path} has samples of {8 * width} bits; {_MEND}.")
    if rate not in RATES:
        raise InputError(
            f"{path} says that it has {rate:,} samples a second; a recording has from "
            f"{RATES[0]:,} to {RATES[-1]:,}."
        )
    if not count:
        raise InputError(f"{path} has no samples; remove it or record it again.")
    if count > LONGEST * rate:
        raise InputError(
            f"{path} is {count / rate:,.0f} s long; a recording has at most {LONGEST:.0f} s. "
            "Cut it into single words."
        )


def _reason(error: Exception) -> str:
    """Return what is wrong and how to mend it, of an error of the module `wave`."""
    text = str(error)
    if text.startswith("unknown format"):
        return f"its samples are compressed or no whole numbers; {_MEND}."
    if isinstance(error, wave.Error) and text:
        return f"{text}; {_MEND}."
    return f"its header ends too early; copy it again, or {_MEND}."


def _decoded(data: bytes, width: int) -> Values:
    """Return little-endian PCM samples as numbers in [-1, 1); those of one byte are unsigned."""
    if width == 1:
        return np.frombuffer(data, np.uint8) / 128.0 - 1.0
    if width == 3:
        padded = np.zeros((len(data) // 3, 4), np.uint8)
        padded[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
        data, width = padded.tobytes(), 4
    whole: NDArray[np.signedinteger] = np.frombuffer(data, f"<i{width}")
    return whole.astype(np.float64) / 2.0 ** (8 * width - 1)


def resampled(samples: Values, rate: int, wanted: int) -> Values:
    """Return the same sound with other samples a second.

    Its spectrum is kept below both Nyquist frequencies and is zero above: linear in phase, no
    aliases. Silence is put around it, so that its ends do not meet.

    Parameters
    ----------
    samples : ndarray, shape (N,)
    rate, wanted : int
        In hertz.

    Returns
    -------
    ndarray, shape (ceil(N * wanted / rate),)
    """
    if rate == wanted:
        return samples
    block, made = rate // gcd(rate, wanted), wanted // gcd(rate, wanted)
    blocks = -(-len(samples) // block) + -(-rate // (20 * block))  # and 50 ms of silence
    spectrum = np.fft.rfft(samples, blocks * block)
    kept = (min(blocks * block, blocks * made) + 1) // 2  # below both Nyquist frequencies
    whole = np.fft.irfft(spectrum[:kept], blocks * made) * (made / block)
    return whole[: -(-len(samples) * wanted // rate)]
