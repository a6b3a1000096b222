"""The clipping lens against runs and numbers made by hand."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from gradexplorer.analysis.clipping import clipping_lens, suggested_threshold
from gradexplorer.analysis.sentences import of_clipping
from gradexplorer.training.snapshot import METRICS_DTYPE
from gradexplorer.training.trainer import Trainer


def metrics_of(norms, scales, threshold=1.0) -> np.ndarray:
    rows = np.zeros(len(norms), METRICS_DTYPE)
    rows["iteration"] = np.arange(1, len(norms) + 1)
    rows["grad_norm"], rows["clip_scale"], rows["clip_threshold"] = norms, scales, threshold
    return rows


def test_norms_shares_and_scales() -> None:
    lens = clipping_lens(metrics_of([0.5, 4.0, 2.0, 1.0], [1.0, 0.25, 0.5, 1.0]))
    np.testing.assert_array_equal(lens.after, [0.5, 1.0, 1.0, 1.0])
    assert lens.clipped.tolist() == [False, True, True, False]
    np.testing.assert_allclose(lens.rolling, [0, 1 / 2, 2 / 3, 1 / 2])
    assert (lens.share, lens.scale, lens.scale_of_clipped) == (0.5, 0.6875, 0.375)
    assert (lens.percentiles[50], lens.mean) == (1.5, 1.875)
    with pytest.raises(ValueError, match="read-only"):
        lens.before[0] = 1.0


def test_the_rolling_share_is_of_a_hundred_updates() -> None:
    scales = np.ones(300)
    scales[:150] = 0.5
    rolling = clipping_lens(metrics_of(np.ones(300), scales)).rolling
    assert (rolling[149], rolling[199], rolling[248], rolling[249]) == (1.0, 0.5, 0.01, 0.0)


def test_one_in_ten_of_the_later_half_lies_above_the_suggestion() -> None:
    norms = np.random.default_rng(0).lognormal(0.0, 1.0, 20_000)
    norms[:10_000] *= 1000.0  # of another network, at the start
    suggestion = suggested_threshold(norms)
    assert np.mean(norms[10_000:] > suggestion) == pytest.approx(0.1, abs=0.01)
    assert suggestion == 3.6  # exp(1.2816), to two digits
    reason = clipping_lens(metrics_of(norms, np.ones(20_000))).reason
    assert reason == (
        "90 % of the last 10,000 norms are below 3.6, which is 2.2 times their average; Pascanu "
        "(2013) found 0.5 to 10 times to work."
    )


def test_it_agrees_with_a_run(small) -> None:
    config = small("clipping.method=norm", "clipping.threshold=0.1")
    rows = [tuple(snapshot.metrics) for snapshot in islice(Trainer(config), 40)]
    lens = clipping_lens(np.array(rows, METRICS_DTYPE))
    assert 0.0 < lens.share <= 1.0
    np.testing.assert_allclose(lens.after[lens.clipped], 0.1, rtol=1e-4)
    assert (lens.after[~lens.clipped] == lens.before[~lens.clipped]).all()
    assert (lens.threshold == 0.1).all()


def test_gradients_that_are_gone_suggest_nothing() -> None:
    lens = clipping_lens(metrics_of([1.0, 0.0, 0.0, 0.0], [1.0] * 4))
    assert np.isnan(lens.suggestion)
    assert lens.reason == "90 % of the last 2 norms are 0; no threshold follows."
    assert "Suggested" not in of_clipping(lens)


def test_updates_that_diverged_are_left_out_and_none_is_no_error() -> None:
    lens = clipping_lens(metrics_of([1.0, np.inf], [1.0, np.nan], np.nan))
    assert lens.before.tolist() == [1.0]
    empty = clipping_lens(np.empty(0, METRICS_DTYPE))
    assert np.isnan([empty.share, empty.scale, empty.suggestion]).all()
    assert empty.reason == "No update was made."
