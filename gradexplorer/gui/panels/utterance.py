"""A spoken word over time, and what the network takes it for meanwhile."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from gradexplorer.export.tables import Table
from gradexplorer.gui.items.utterance import GAP, UtteranceItem, row_count, shown_words
from gradexplorer.gui.legend import Entry
from gradexplorer.gui.panels.drawing import Drawing, Extent
from gradexplorer.gui.plot import Plot
from gradexplorer.gui.text import magnitude
from gradexplorer.gui.theme import LIGHT, Colors
from gradexplorer.tasks.log_mel import RANGE
from gradexplorer.tasks.views import Utterance

_KILOHERTZ = (0.5, 1.0, 2.0, 3.0)
_LETTERS = 8
_BAR = 5.0  # pixels, in the legend


class UtteranceDrawing(Drawing):
    """A spectrogram, and below it each word's probability after each frame."""

    labels: ClassVar[tuple[str, str]] = ("timestep t", "")

    def __init__(self, plot: Plot) -> None:
        super().__init__(plot)
        self.item = UtteranceItem()
        plot.view.addItem(self.item, ignoreBounds=True)
        self._colors = LIGHT

    def recolor(self, colors: Colors) -> None:
        """Draw in these colours."""
        self._colors = colors
        self.item.set_colors(colors)

    def show(self, view: Utterance) -> tuple[Entry, ...]:
        """Draw a word; return what its marks mean."""
        self.item.show_value(view)
        self.plot.left.set_names(_names(view))
        self.plot.bottom.set_ends(1.0, float(len(view.decibels)))
        self.plot.grid.hide()
        colors, answer = self._colors, view.probabilities[-1]
        entries = [
            Entry("line", colors.accent, f"probability of {view.words[view.truth]}, true", _BAR),
            Entry("line", colors.muted, "of another word", _BAR),
            Entry("text", colors.muted, f"yellow: loud, purple: {RANGE:.0f} dB less"),
        ]
        if np.isfinite(answer).all():
            heard = int(answer.argmax())
            mark = "✓" if heard == view.truth else "✗"
            words = f"{mark} answer: {view.words[heard]}, {answer[heard]:.2f}"
            entries.insert(0, Entry("text", colors.text, words))
        return tuple(entries)

    def clear(self) -> None:
        """Draw nothing, and leave the plot as it was found."""
        self.item.show_value(None)
        self.plot.left.set_names({})
        self.plot.bottom.set_ends()
        self.plot.grid.show()

    def extent(self, view: Utterance) -> Extent:
        """Return left, right, bottom and top of both parts."""
        rows = row_count(view)
        return 0.5, len(view.decibels) + 0.5, -float(rows), GAP + rows

    def table(self, view: Utterance) -> Table:
        """Return for each frame each band's decibels and each word's probability."""
        steps = len(view.decibels)
        likely = np.broadcast_to(view.probabilities, (steps, len(view.words)))
        bands = {
            f"{frequency:.0f} Hz": view.decibels[:, band]
            for band, frequency in enumerate(view.frequencies)
        }
        words = {f"p({word})": likely[:, index] for index, word in enumerate(view.words)}
        return Table({"timestep": np.arange(1, steps + 1), **bands, **words})

    def describe(self, view: Utterance, x: float, y: float) -> str:
        """Return how loud a band is, or how likely a word."""
        step, rows = round(x), row_count(view)
        if not 1 <= step <= len(view.decibels):
            return ""
        place = f"timestep {step}, {(step - 1) * view.milliseconds:.0f} ms"
        if GAP <= y < GAP + rows:
            band = int((y - GAP) / rows * len(view.frequencies))
            loud = view.decibels[step - 1, band]
            return f"{place}\n{view.frequencies[band]:,.0f} Hz: {loud:.0f} dB"
        if -rows < y <= 0.0:
            word = shown_words(view)[int(-y)]
            likely = float(view.probabilities[min(step, len(view.probabilities)) - 1, word])
            return f"{place}\n{view.words[word]}: {magnitude(likely)}\n{_recall(view, word)}"
        return ""


def _names(view: Utterance) -> dict[float, str]:
    """Return what stands beside the axis: the words, the true one marked, and frequencies."""
    names = {
        -row - 0.5: ("▸ " if word == view.truth else "") + _short(view.words[word])
        for row, word in enumerate(shown_words(view))
    }
    bands = np.arange(len(view.frequencies)) + 0.5
    for frequency in _KILOHERTZ:
        place = np.interp(1000.0 * frequency, view.frequencies, bands) / len(bands)
        names[GAP + row_count(view) * float(place)] = f"{frequency:g} kHz"
    return names


def _short(word: str) -> str:
    return word if len(word) <= _LETTERS else f"{word[: _LETTERS - 1]}…"


def _recall(view: Utterance, word: int) -> str:
    """Return how often a word is told rightly, and what it is taken for most."""
    counts = view.counts[word]
    said = f"held out: {counts[word]:,} of {counts.sum():,} right"
    wrong = np.where(np.arange(len(counts)) == word, 0, counts)
    if not wrong.any():
        return said
    return f"{said}, {wrong.max():,} taken for {view.words[int(wrong.argmax())]}"
