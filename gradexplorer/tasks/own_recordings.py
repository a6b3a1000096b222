"""Words from the user's own WAV files."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gradexplorer.errors import InputError, cannot
from gradexplorer.tasks.log_mel import BANDS, RATE, log_mel
from gradexplorer.tasks.task import Episodes, Numbers, Report
from gradexplorer.tasks.utterances import Recordings, Utterances
from gradexplorer.tasks.wav import read_wav, resampled

MOST_CLASSES = 50
MOST_FILES = 10_000
MOST_BYTES = 2**28


class File(NamedTuple):
    """A recording and what is said in it, as the number of its folder."""

    path: Path
    spoken: int


class OwnRecordings(Utterances):
    """Tell which word of the user's is spoken.

    Parameters
    ----------
    folder : str
        Of one folder for each class, with WAV files in it; what else is there is left alone.
        The files are looked at now, and read when the first batch is drawn.
    frames : int
        T.
    held_out : float
        Share of each class's files that is not trained on; of each at least one is and one is
        not.
    split_seed : int
        Which.
    loss_at : str
        ``"last"`` frame, or ``"every"``.
    vary : str
        ``"on"`` or ``"off"``: whether the voices that are trained on vary; see `Utterances`.
    shown : int
        Which of the held-out recordings is shown, counted from 1.

    Raises
    ------
    InputError
        There are less than 2 classes, less than 2 files in one of them, or more of either, or
        of bytes, than can be read in reasonable time.
    """

    def __init__(
        self,
        folder: str,
        frames: int = 60,
        held_out: float = 0.2,
        split_seed: int = 0,
        loss_at: str = "last",
        vary: str = "on",
        shown: int = 1,
    ) -> None:
        words, files = look_into(folder)
        self._files = split(files, held_out, split_seed)
        trained_on, tested_on = self._files
        counts = np.bincount([file.spoken for file in trained_on])
        super().__init__(words, counts, len(tested_on), frames, loss_at, vary, shown)

    def report(self, episodes: Episodes, outputs: Numbers, probed: Numbers | None) -> Report:
        """Return what is shown and reached, and how many files are in each part."""
        report = super().report(episodes, outputs, probed)
        trained_on, tested_on = map(len, self._files)
        parts = {"trained on": float(trained_on), "held out": float(tested_on)}
        return replace(report, figures=report.figures | parts)

    def load(self) -> tuple[Recordings, Recordings]:
        """Read the recordings that are trained on and those that are held out."""
        trained_on, tested_on = (_read(files, self.length) for files in self._files)
        return trained_on, tested_on


def look_into(folder: str) -> tuple[list[str], list[list[Path]]]:
    """Return the classes' names and the files of each, both in alphabetical order.

    Raises
    ------
    InputError
        As `OwnRecordings` does.
    """
    if not folder:
        raise InputError("task.folder is empty; choose a folder with one folder for each class.")
    classes = _entries(Path(folder), folders=True)
    if len(classes) < 2:
        raise InputError(
            f"task.folder, {folder}, has {len(classes)} folders in it; at least 2 are needed, one "
            "for each class, named like it."
        )
    if len(classes) > MOST_CLASSES:
        raise InputError(
            f"task.folder, {folder}, has {len(classes):,} folders in it; choose one with at most "
            f"{MOST_CLASSES}, one for each class."
        )
    files = [_entries(Path(entry.path), folders=False) for entry in classes]
    for entry, found in zip(classes, files, strict=True):
        if len(found) < 2:
            raise InputError(
                f"task.folder has {len(found)} WAV files in {entry.path}; a class needs at least "
                "2, one to learn from and one to be tested on. Add some or remove the folder."
            )
    _check_size(folder, [file for found in files for file in found])
    return [entry.name for entry in classes], [[Path(file.path) for file in f] for f in files]


def _entries(folder: Path, *, folders: bool) -> list[os.DirEntry[str]]:
    """Return a folder's folders or its WAV files, those that are hidden left out."""
    try:
        with os.scandir(folder) as found:
            entries = [entry for entry in found if not entry.name.startswith(".")]
            wanted = [entry for entry in entries if (entry.is_dir() if folders else _is_wav(entry))]
    except OSError as error:
        raise InputError(f"task.folder cannot be used. {cannot('read', folder, error)}") from error
    except ValueError as error:  # a path with a NUL in it
        raise InputError(
            f"task.folder, {str(folder)!r}, cannot be the name of a folder."
        ) from error
    return sorted(wanted, key=lambda entry: entry.name)


def _is_wav(entry: os.DirEntry[str]) -> bool:
    return entry.name.lower().endswith((".wav", ".wave")) and entry.is_file()


def _check_size(folder: str, files: list[os.DirEntry[str]]) -> None:
    if len(files) > MOST_FILES:
        raise InputError(
            f"task.folder, {folder}, has {len(files):,} WAV files; at most {MOST_FILES:,} can be "
            "read. Choose a smaller selection."
        )
    size = sum(file.stat().st_size for file in files)
    if size > MOST_BYTES:
        raise InputError(
            f"The WAV files in task.folder, {folder}, have {size / 1e6:,.0f} MB together; at most "
            f"{MOST_BYTES / 1e6:,.0f} MB can be read. Choose a smaller selection."
        )


def split(files: list[list[Path]], held_out: float, seed: int) -> tuple[list[File], list[File]]:
    """Return the files that are trained on and those held out, the latter class by class in turn.

    Of each class that share is held out, at least one file, and at least one is not.
    """
    trained_on: list[File] = []
    tested_on: list[tuple[int, File]] = []
    generator = np.random.default_rng(seed)
    for spoken, paths in enumerate(files):
        count = min(max(1, round(held_out * len(paths))), len(paths) - 1)
        for rank, index in enumerate(generator.permutation(len(paths)).tolist()):
            file = File(paths[index], spoken)
            if rank < count:
                tested_on.append((rank, file))
            else:
                trained_on.append(file)
    return trained_on, [file for _, file in sorted(tested_on, key=lambda item: item[0])]


def _read(files: list[File], frames: int) -> Recordings:
    levels = np.zeros((len(files), frames, BANDS), np.uint8)
    for index, file in enumerate(files):
        levels[index] = _levels_of(file.path, frames)
    return Recordings(levels, np.array([file.spoken for file in files], np.intp))


def _levels_of(path: Path, frames: int) -> np.ndarray:
    samples, rate = read_wav(path)
    found = log_mel(resampled(samples, rate, RATE), frames)
    if not found.any():
        raise InputError(f"{path} is silent from beginning to end; remove it or record it again.")
    return found


TASK = OwnRecordings
