"""What a run has shown so far, and the smoothed loss."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gradexplorer.training.history import SMOOTHING, History
from gradexplorer.training.mailbox import Mail
from gradexplorer.training.snapshot import METRICS_DTYPE, Divergence

losses_ = st.lists(st.floats(-1e6, 1e6) | st.sampled_from([np.nan, np.inf, -np.inf]), max_size=40)


def rows(losses: list[float]) -> np.ndarray:
    found = np.zeros(len(losses), METRICS_DTYPE)
    found["iteration"] = np.arange(1, len(losses) + 1)
    found["loss"] = losses
    return found


def closed_form(losses: list[float]) -> list[float]:
    """The mean of all finite losses so far, weighted by SMOOTHING to the power of their age."""
    smoothed = []
    for stop in range(1, len(losses) + 1):
        finite = [loss for loss in losses[:stop] if np.isfinite(loss)]
        weights = SMOOTHING ** np.arange(len(finite))[::-1]
        smoothed.append(np.average(finite, weights=weights) if finite else np.nan)
    return smoothed


def test_a_new_history_is_empty() -> None:
    history = History()
    assert len(history) == len(history.metrics) == len(history.smoothed_loss) == 0
    assert (history.trace, history.evaluation, history.divergence) == (None, None, None)


@given(losses=losses_, cut=st.integers(0, 40))
def test_the_smoothed_loss_is_a_weighted_mean_of_the_finite_ones(
    losses: list[float], cut: int
) -> None:
    history = History()
    for part in (losses[:cut], losses[cut:]):
        history.add(Mail(rows(part)))
    np.testing.assert_allclose(history.smoothed_loss, closed_form(losses), rtol=1e-9, atol=1e-6)


def test_a_constant_loss_is_not_biased_towards_zero() -> None:
    history = History()
    history.add(Mail(rows([3.0] * 200)))
    np.testing.assert_allclose(history.smoothed_loss, 3.0, rtol=1e-12)


@given(sizes=st.lists(st.sampled_from([0, 1, 700, 1023, 1024, 1025, 5000]), max_size=4))
def test_it_grows_and_keeps_every_row(sizes: list[int]) -> None:
    history, total = History(), sum(sizes)
    everything = rows(np.linspace(1.0, 2.0, total).tolist())
    start = 0
    for size in sizes:
        history.add(Mail(everything[start : start + size]))
        start += size
    assert len(history) == total
    assert np.array_equal(history.metrics, everything)
    at_once = History()
    at_once.add(Mail(everything))
    assert np.array_equal(history.smoothed_loss, at_once.smoothed_loss)


def test_of_the_rest_the_latest_is_kept() -> None:
    trace: Any = object()
    evaluation: Any = object()
    history, divergence = History(), Divergence(2, "loss", None, "x")
    history.add(Mail(rows([1.0]), trace, evaluation))
    history.add(Mail(rows([1.0]), divergence=divergence))
    history.add(Mail(rows([])))
    assert (history.trace, history.evaluation) == (trace, evaluation)
    assert history.divergence is divergence
