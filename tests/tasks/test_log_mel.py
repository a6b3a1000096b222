"""Log-mel frames against closed forms, a slow transcription and torchaudio."""

from __future__ import annotations

import cmath
import math
from pathlib import Path

import numpy as np
import pytest

from gradexplorer.tasks.log_mel import (
    BANDS,
    FFT,
    FRAME,
    HOP,
    RANGE,
    RATE,
    STEP,
    as_decibels,
    band_edges,
    frames,
    hertz,
    levels,
    log_mel,
    mel,
    mel_filters,
    mel_power,
    power_spectrum,
)

REFERENCE = Path(__file__).parents[1] / "reference" / "log-mel.npz"


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    return np.random.default_rng(0).normal(size=1000)


def tone(frequency: float, count: int = 2000) -> np.ndarray:
    return np.sin(2.0 * np.pi * frequency * np.arange(count) / RATE)


def test_a_thousand_hertz_are_a_thousand_mel() -> None:
    assert mel(1000.0) == pytest.approx(1000.0, abs=0.02)
    np.testing.assert_allclose(hertz(mel([0.0, 123.0, 4000.0])), [0.0, 123.0, 4000.0], atol=1e-9)


def test_bands_are_equally_far_apart_in_mel_and_meet_in_their_middles() -> None:
    low, middle, high = band_edges().T
    np.testing.assert_allclose(np.diff(mel(middle)), mel(RATE / 2) / (BANDS + 1))
    np.testing.assert_allclose(low[1:], middle[:-1])
    np.testing.assert_allclose(high[:-1], middle[1:])
    assert (low[0], high[-1]) == (0.0, pytest.approx(RATE / 2))


@pytest.mark.parametrize("band", range(BANDS))
def test_a_pure_tone_is_loudest_in_its_own_band(band: int) -> None:
    power = mel_power(tone(band_edges()[band, 1]))
    assert (power[:-1].argmax(axis=1) == band).all()
    others = np.abs(np.arange(BANDS) - band) > 5
    assert power[1:-1, others].max() < 1e-3 * power[1:-1].max()  # what a Hann window lets through


def test_energy_is_kept(noise) -> None:
    """Parseval: what is in a windowed frame is in its spectrum."""
    cut = frames(noise)
    windowed = cut * np.sin(np.pi * np.arange(FRAME) / FRAME) ** 2
    twice = np.full(FFT // 2 + 1, 2.0)
    twice[[0, -1]] = 1.0
    np.testing.assert_allclose(power_spectrum(cut) @ twice, (windowed**2).sum(axis=1))


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, 1), (1, 1), (FRAME, 1), (FRAME + 1, 2), (FRAME + HOP, 2), (FRAME + HOP + 1, 3)],
)
def test_every_sample_is_in_a_frame(count: int, expected: int) -> None:
    samples = np.arange(1.0, count + 1.0)
    cut = frames(samples)
    assert cut.shape == (expected, FRAME)
    assert set(cut.ravel()) - {0.0} == set(samples)
    if expected > 1:
        assert cut[1, 0] == HOP + 1.0


def test_a_slow_transcription_says_the_same(noise) -> None:
    """One frame, each sum written out."""
    samples = noise[HOP : HOP + FRAME]
    windowed = [
        value * (0.5 - 0.5 * math.cos(2.0 * math.pi * n / FRAME)) for n, value in enumerate(samples)
    ]
    power = []
    for k in range(FFT // 2 + 1):
        turns = (x * cmath.exp(-2j * math.pi * k * n / FFT) for n, x in enumerate(windowed))
        power.append(abs(sum(turns)) ** 2 / FFT)
    top = 2595.0 * math.log10(1.0 + 4000.0 / 700.0)
    corners = [
        700.0 * (10.0 ** (top * index / (BANDS + 1) / 2595.0) - 1.0) for index in range(BANDS + 2)
    ]
    for band in range(BANDS):
        low, middle, high = corners[band : band + 3]
        total = 0.0
        for k, value in enumerate(power):
            place = k * RATE / FFT
            if low < place <= middle:
                total += value * (place - low) / (middle - low)
            elif middle < place < high:
                total += value * (high - place) / (high - middle)
        assert mel_power(noise)[1, band] == pytest.approx(total, rel=1e-9)


def test_torchaudio_says_the_same() -> None:
    with np.load(REFERENCE) as arrays:
        np.testing.assert_allclose(mel_filters(), arrays["filters"], atol=2e-6)  # made in float32
        np.testing.assert_allclose(mel_power(arrays["samples"]), arrays["power"], rtol=1e-5)


def test_levels_are_decibels_below_the_loudest() -> None:
    found = as_decibels(levels(np.array([[1e3, 1e2], [10.0, 1e-9]])))
    np.testing.assert_array_equal(found, [[0.0, -10.0], [-20.0, -RANGE]])
    assert not levels(np.zeros((3, 2))).any()


def test_the_volume_does_not_matter(noise) -> None:
    np.testing.assert_array_equal(log_mel(noise, 9), log_mel(1e-3 * noise, 9))


def test_what_is_read_back_is_off_by_half_a_step(noise) -> None:
    power = mel_power(noise)
    exact = np.maximum(10.0 * np.log10(power / power.max()), -RANGE)
    assert np.abs(as_decibels(levels(power)) - exact).max() <= STEP / 2 + 1e-9


def test_a_short_sound_is_followed_by_silence_and_of_a_long_one_the_loudest_part_is_taken() -> None:
    word = tone(1000.0, FRAME + 4 * HOP)
    short = log_mel(word, 20)
    np.testing.assert_array_equal(short[:5], log_mel(word, 5))
    assert not short[5:].any()
    silence = np.zeros(30 * HOP)
    np.testing.assert_array_equal(
        log_mel(np.concatenate([silence, word, silence]), 5), log_mel(word, 5)
    )
