"""Digits spoken by a synthesizer."""

from __future__ import annotations

import numpy as np

from gradexplorer.paths import resource
from gradexplorer.tasks.utterances import Recordings, Utterances

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


class SpokenDigits(Utterances):
    """Tell which digit is spoken, in voices never heard before.

    Synthetic: 1,160 words by eSpeak NG, 960 in 48 voices to learn from and 200 in 10 other
    voices held out, at many speeds and pitches, with noise 10 to 35 dB below them. A word has 48
    frames of 20 log-mel bands, 15 ms apart.

    Parameters
    ----------
    loss_at : str
        ``"last"`` frame, or ``"every"``.
    vary : str
        ``"on"`` or ``"off"``: whether the voices that are trained on vary; see `Utterances`.
    shown : int
        Which of the held-out words is shown, counted from 1.

    References
    ----------
    How they were made: ``resources/data/README.md``.
    """

    def __init__(self, loss_at: str = "last", vary: str = "on", shown: int = 1) -> None:
        with resource("data", "spoken-digits.npz").open("rb") as file, np.load(file) as arrays:
            levels, classes, held_out = (arrays[key] for key in ("levels", "classes", "held_out"))
        classes = classes.astype(np.intp)
        self._loaded = (
            Recordings(levels[~held_out], classes[~held_out]),
            Recordings(levels[held_out], classes[held_out]),
        )
        counts = np.bincount(self._loaded[0].classes)
        super().__init__(WORDS, counts, int(held_out.sum()), levels.shape[1], loss_at, vary, shown)

    def load(self) -> tuple[Recordings, Recordings]:
        """Return the words trained on and those held out."""
        return self._loaded


TASK = SpokenDigits
