"""Log-mel frames: how loud a sound is, moment by moment, in bands that an ear would tell apart."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradexplorer.tasks.task import Values

RATE = 8000
FRAME, HOP, FFT = 200, 120, 256  # samples: 25 ms, 15 ms, and a frame with zeros behind it
BANDS = 20
RANGE = 60.0  # decibels below the loudest; what is fainter counts as silence
STEP = 1.0  # decibel

Levels = NDArray[np.uint8]


def mel(frequency: Any) -> Any:
    """Return a frequency in mel, by O'Shaughnessy's formula (1987), as HTK uses it."""
    return 2595.0 * np.log10(1.0 + np.asarray(frequency) / 700.0)


def hertz(mels: Any) -> Any:
    """Return the frequency of a place on the mel scale."""
    return 700.0 * (10.0 ** (np.asarray(mels) / 2595.0) - 1.0)


def band_edges() -> Values:
    """Return lower end, middle and upper end of each band in hertz, shape (BANDS, 3)."""
    places = hertz(np.linspace(0.0, mel(RATE / 2), BANDS + 2))
    return np.stack([places[:-2], places[1:-1], places[2:]], axis=1)


@cache
def mel_filters() -> Values:
    """Return the weight of each frequency of the transform in each band, (BANDS, FFT // 2 + 1).

    Triangles of height 1 over the frequency in hertz, their corners equally far apart in mel.
    """
    low, middle, high = (edge[:, None] for edge in band_edges().T)
    places = np.fft.rfftfreq(FFT, 1.0 / RATE)
    rising, falling = (places - low) / (middle - low), (high - places) / (high - middle)
    filters: Values = np.maximum(np.minimum(rising, falling), 0.0)
    filters.flags.writeable = False
    return filters


def frames(samples: Values) -> Values:
    """Cut samples (N,) into overlapping frames (T, FRAME); silence fills up the last.

    Every sample is in a frame: T is the least that reaches the end, and at least 1.
    """
    count = 1 + max(0, -(-(len(samples) - FRAME) // HOP))
    padded = np.zeros(FRAME + HOP * (count - 1))
    padded[: len(samples)] = samples
    cut: Values = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP]
    return cut


def power_spectrum(cut: Values) -> Values:
    """Return each frame's power by frequency, (T, FFT // 2 + 1), under a periodic Hann window.

    Summed over all FFT frequencies, of which those between the first and the last count twice,
    it is the windowed frame's energy (Parseval).
    """
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(FRAME) / FRAME)
    spectrum = np.fft.rfft(cut * window, FFT, axis=1)
    power: Values = (spectrum.real**2 + spectrum.imag**2) / FFT
    return power


def mel_power(samples: Values) -> Values:
    """Return the power in each band, shape (T, BANDS), of samples (N,) at `RATE`."""
    return power_spectrum(frames(samples)) @ mel_filters().T


def levels(power: Values) -> Levels:
    """Return powers as steps of `STEP` decibels, from 0 at `RANGE` below the loudest.

    So a recording's volume does not matter. Where there is no power at all, all is 0.
    """
    loudest = power.max(initial=0.0)
    if loudest <= 0.0:
        return np.zeros(power.shape, np.uint8)
    decibels = 10.0 * np.log10(np.maximum(power / loudest, 10.0 ** (-RANGE / 10.0)))
    steps: Levels = np.round((decibels + RANGE) / STEP).astype(np.uint8)
    return steps


def as_decibels(steps: NDArray[np.integer]) -> Values:
    """Return what `levels` stands for: decibels relative to the loudest, at most 0."""
    decibels: Values = steps.astype(np.float64) * STEP - RANGE
    return decibels


def log_mel(samples: Values, count: int) -> Levels:
    """Return just so many log-mel frames of a sound, shape (count, BANDS).

    Of a longer sound the frames that have the most energy between them, of a shorter one all
    and silence after them.

    Parameters
    ----------
    samples : ndarray, shape (N,)
        At `RATE`.
    count : int
        T, at least 1.
    """
    power = mel_power(samples)
    if len(power) > count:
        sums = np.cumsum(np.concatenate([[0.0], power.sum(axis=1)]))
        first = int(np.argmax(sums[count:] - sums[:-count]))
        power = power[first : first + count]
    found = np.zeros((count, BANDS), np.uint8)
    found[: len(power)] = levels(power)
    return found
