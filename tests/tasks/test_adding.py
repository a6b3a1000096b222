"""The adding problem as Hochreiter & Schmidhuber (1997) describe it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradexplorer.tasks import make_task
from gradexplorer.tasks.adding import Adding

lengths, seeds = st.integers(2, 120), st.integers(0, 2**32 - 1)


@given(length=lengths, batch=st.integers(1, 8), seed=seeds)
def test_every_sequence_is_as_published(length: int, batch: int, seed: int) -> None:
    task = Adding(length)
    episodes = task.draw(np.random.default_rng(seed), batch)
    assert episodes.inputs.shape == (length, batch, task.input_size)
    assert episodes.targets.shape == (1, batch, task.output_size)
    assert list(task.loss_steps) == [length - 1]
    half = max(2, length // 2)
    for sequence, target in zip(episodes.inputs.swapaxes(0, 1), episodes.targets[0], strict=True):
        numbers, markers = sequence.T
        marked = np.flatnonzero(markers == 1.0)
        assert len(marked) == 2
        assert marked.min() < 10
        assert marked.max() < half
        ends = sorted({0, length - 1} - set(marked))
        assert (markers[ends] == -1.0).all()
        assert np.count_nonzero(markers) == 2 + len(ends)
        assert (np.abs(numbers) <= 1.0).all()
        assert (numbers[0] == 0.0) == (0 in marked)
        assert target == 0.5 + numbers[marked].sum() / 4.0


@given(length=lengths, seed=seeds)
def test_the_same_generator_draws_the_same_batch(length: int, seed: int) -> None:
    first, second = (Adding(length).draw(np.random.default_rng(seed), 3) for _ in range(2))
    assert np.array_equal(first.inputs, second.inputs)
    assert np.array_equal(first.targets, second.targets)


def test_one_generator_draws_another_batch_each_time() -> None:
    task, generator = Adding(20), np.random.default_rng(0)
    assert not np.array_equal(task.draw(generator, 3).inputs, task.draw(generator, 3).inputs)


@pytest.mark.parametrize("length", [20, 50, 51])
def test_every_allowed_pair_of_steps_is_marked(length: int) -> None:
    episodes = Adding(length).draw(np.random.default_rng(0), 20_000)
    pairs = {
        tuple(map(int, np.flatnonzero(markers == 1.0))) for markers in episodes.inputs[:, :, 1].T
    }
    half = length // 2
    assert pairs == {(one, other) for one in range(10) for other in range(one + 1, half)}


@pytest.mark.parametrize("length", [2, 20, 50, 100])
def test_always_answering_one_half_costs_about_one_24th(length: int) -> None:
    targets = Adding(length).draw(np.random.default_rng(0), 50_000).targets
    half = max(2, length // 2)
    first = min(10, half)
    zeroed = 1 / first + (1 - 1 / first) / (half - 1)  # the share whose first step is marked
    assert np.mean((targets - 0.5) ** 2) == pytest.approx((2 - zeroed) / 48, rel=0.02)
    assert np.mean(targets) == pytest.approx(0.5, abs=0.004)


def test_too_short_a_sequence_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2 steps, got 1"):
        Adding(1)


def test_tasks_are_made_by_name() -> None:
    task = make_task("adding", length=7)
    assert isinstance(task, Adding)
    assert task.length == 7


def test_the_best_constant_has_the_published_error_of_one_sixth():
    """Of the sum of two numbers in [0, 1], which is twice our target where none is zeroed."""
    episodes = Adding(40).draw(np.random.default_rng(0), 20_000)
    whole = episodes.inputs[0, :, 1] != 1.0
    targets = episodes.targets[0, whole, 0]
    assert np.mean((2.0 * targets - 1.0) ** 2) == pytest.approx(1 / 6, rel=0.03)
