"""What counting predicts, against counts made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.tasks import ngrams
from gradexplorer.tasks.ngrams import bigram_loss, unigram_loss

TRAINING = np.array([0, 1, 0, 1, 0, 2], np.uint16)  # a b a b a c


@pytest.mark.parametrize("chunk", [4, 2**20])
def test_the_unigram_model_has_the_frequencies_smoothed_by_one(monkeypatch, chunk: int) -> None:
    monkeypatch.setattr(ngrams, "_CHUNK", chunk)
    expected = -np.log([4 / 9, 2 / 9]).mean()
    assert unigram_loss(TRAINING, np.array([0, 2]), 3) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("chunk", [1, 2, 2**20])
def test_the_bigram_model_has_the_successors_smoothed_by_one(monkeypatch, chunk: int) -> None:
    monkeypatch.setattr(ngrams, "_CHUNK", chunk)
    held_out = np.array([0, 1, 0, 2, 2])
    # a is followed by b twice and by c once, b by a twice, c by nothing.
    expected = -np.log([3 / 6, 3 / 5, 2 / 6, 1 / 3]).mean()
    assert bigram_loss(TRAINING, held_out, 3) == pytest.approx(expected, rel=1e-14)


def test_classes_beyond_a_small_integers_square_are_counted() -> None:
    training = np.tile(np.array([998, 999], np.uint16), 500)
    certain = -np.log(501 / 1500)
    assert bigram_loss(training, np.array([998, 999]), 1000) == pytest.approx(certain, rel=1e-14)
