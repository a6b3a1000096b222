"""Makes ``resources/data/spoken-digits.npz``: ten words, spoken by a synthesizer.

A voice is an accent and a variant of eSpeak NG's; no variant and only some accents are both
trained on and held out. Each voice says each word several times, with its own speed, pitch,
pause before the word and noise. The file's bytes follow from this script, eSpeak NG 1.51
(Debian 12's ``espeak-ng``) and zlib::

    apt-get install espeak-ng
    python -m tests.data_makers.make_spoken_digits
"""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from gradexplorer.tasks.log_mel import FRAME, HOP, RATE, log_mel
from gradexplorer.tasks.wav import read_wav, resampled

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TRAINED_ON = """
    en-gb+m1 en-us+m2 en-gb-scotland+m3 en-gb-x-rp+m4 en-029+m5 en-gb-x-gbclan+m6 en-us+m7
    en-gb+m8 en-us+f1 en-gb-x-rp+f2 en-gb-scotland+f3 en-029+f4 en-gb+Alex en-us+Annie
    en-gb-x-gbclan+Andy en-us+Denis en-gb-x-rp+Gene en-029+Lee en-gb-scotland+linda
    en-gb+klatt2 en-us+klatt4 en-gb+steph en-us+norbert en-gb-x-rp+victor en-gb-x-gbclan+Andrea
    en-gb-scotland+Hugo en-us+Mario en-gb+Michael en-029+Nguyen en-gb-x-rp+Storm en-us+adam
    en-gb+anika en-gb-x-gbclan+antonio en-us+edward en-gb-x-rp+edward2 en-gb+grandma
    en-us+grandpa en-029+gustave en-gb-scotland+john en-gb+kaukovalta en-us+klatt
    en-gb-x-gbclan+max en-gb+miguel en-us+paul en-gb-x-rp+quincy en-gb-scotland+rob
    en-029+robert en-us+shelby
"""
HELD_OUT = """
    en-gb+f5 en-us+Mike en-gb-x-gbcwmd+belinda en-us-nyc+david en-gb-scotland+Alicia
    en-029+boris en-gb-x-rp+klatt3 en-us+travis en-gb+aunty en-gb-x-gbclan+zac
"""
TAKES = 2
FRAMES = 48
SECONDS = (FRAME + HOP * (FRAMES - 1)) / RATE
SPEEDS, PITCHES = (130, 200), (25, 80)  # words a minute; of 0 to 99
NOISE = (10.0, 35.0)  # decibels, signal over noise
PAUSE = 0.08  # seconds, at most
FAINT = 0.02  # of the loudest sample; below it a word has not begun or is over
SEED = 6
FILE = Path(__file__).parents[2] / "resources" / "data" / "spoken-digits.npz"


class Take(NamedTuple):
    """How a word is spoken."""

    voice: str
    word: str
    speed: int
    pitch: int


def spoken(take: Take) -> NDArray[np.float64]:
    """Return the samples of a word, at `RATE`, from its beginning to its end."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "word.wav"
        how = ["-v", take.voice, "-s", str(take.speed), "-p", str(take.pitch)]
        subprocess.run(["espeak-ng", *how, "-w", str(file), take.word], check=True)
        samples = resampled(*read_wav(file), RATE)
    loud = np.flatnonzero(np.abs(samples) > FAINT * np.abs(samples).max())
    return samples[loud[0] : loud[-1] + 1]


def in_a_room(word: NDArray[np.float64], generator: Generator) -> NDArray[np.float64]:
    """Return a word after a pause, in noise that falls by 3 dB an octave, `SECONDS` long."""
    length = round(SECONDS * RATE)
    pause = round(generator.uniform(0.0, PAUSE) * RATE)
    pause = min(pause, max(0, length - len(word)))
    clean = np.zeros(length)
    clean[pause : pause + len(word)] = word[: length - pause]
    spectrum = np.fft.rfft(generator.normal(size=length))
    noise = np.fft.irfft(spectrum / np.sqrt(np.maximum(1.0, np.arange(len(spectrum)))), length)
    ratio = 10.0 ** (generator.uniform(*NOISE) / 20.0)
    return clean + noise * np.sqrt(np.mean(word**2) / np.mean(noise**2)) / ratio


def make(voices: list[str], generator: Generator) -> dict[str, NDArray[np.uint8]]:
    """Return levels, shape (N, FRAMES, BANDS), classes and the voices' numbers."""
    levels, classes, speakers = [], [], []
    for speaker, voice in enumerate(voices):
        for _ in range(TAKES):
            for digit, word in enumerate(WORDS):
                speed, pitch = (int(generator.integers(*ends)) for ends in (SPEEDS, PITCHES))
                samples = spoken(Take(voice, word, speed, pitch))
                levels.append(log_mel(in_a_room(samples, generator), FRAMES))
                classes.append(digit)
                speakers.append(speaker)
    return {
        "levels": np.array(levels),
        "classes": np.array(classes, np.uint8),
        "voices": np.array(speakers, np.uint8),
    }


def main() -> None:
    """Write the file and print its size and hash."""
    generator = np.random.default_rng(SEED)
    trained_on, held_out = TRAINED_ON.split(), HELD_OUT.split()
    parts = [make(trained_on, generator), make(held_out, generator)]
    parts[1]["voices"] += len(trained_on)
    arrays = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    arrays["held_out"] = arrays["voices"] >= len(trained_on)
    np.savez_compressed(FILE, **arrays)
    data = FILE.read_bytes()
    print(f"{len(data):,} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
