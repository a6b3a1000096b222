"""The adding problem as Hochreiter & Schmidhuber (1997) describe it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradexplorer.tasks import make_task
from gradexplorer.tasks.adding import Adding
from gradexplorer.tasks.views import NumberSequences

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


@pytest.mark.parametrize("length", [2, 3, 20, 50, 100])
@pytest.mark.parametrize(("scaling", "constant"), [("signed", 0.5), ("unit", 1.0)])
def test_the_best_constant_costs_what_the_baseline_says(
    length: int, scaling: str, constant: float
) -> None:
    task = Adding(length, scaling)
    targets = task.draw(np.random.default_rng(0), 50_000).targets
    (baseline,) = task.baselines
    assert baseline.name == f"always {constant:g}"
    assert baseline.loss == pytest.approx(np.mean((targets - constant) ** 2), rel=0.02)
    assert np.mean(targets) == pytest.approx(constant, abs=0.005)


def test_the_baselines_are_the_published_ones() -> None:
    assert Adding(20_000).baselines[0].loss == pytest.approx(1 / 24, rel=0.06)
    assert Adding(20, "unit").baselines[0].loss == 1 / 6


@given(length=lengths, batch=st.integers(1, 8), seed=seeds)
def test_from_zero_to_one_each_half_has_a_marked_number(length: int, batch: int, seed: int) -> None:
    task = Adding(length, "unit")
    episodes = task.draw(np.random.default_rng(seed), batch)
    for sequence, target in zip(episodes.inputs.swapaxes(0, 1), episodes.targets[0], strict=True):
        numbers, markers = sequence.T
        first, second = np.flatnonzero(markers)
        assert first < length // 2 <= second
        assert set(np.unique(markers)) <= {0.0, 1.0}
        assert ((numbers >= 0.0) & (numbers < 1.0)).all()
        assert target == numbers[first] + numbers[second]


@pytest.mark.parametrize(("scaling", "tolerance"), [("signed", 0.04), ("unit", 0.08)])
def test_the_share_right_is_by_the_published_tolerance(scaling: str, tolerance: float) -> None:
    task = Adding(12, scaling)
    episodes = task.draw_held_out(np.random.default_rng(0))
    off = np.where(np.arange(task.held_out_size) < 32, 0.99, 1.01) * tolerance
    report = task.report(episodes, episodes.targets + off[None, :, None], None)
    assert report.figures == {"share right": 32 / task.held_out_size}
    view = report.view
    assert isinstance(view, NumberSequences)
    np.testing.assert_array_equal(view.inputs, episodes.inputs[:, :8, 0].T)
    assert (view.marked.sum(axis=1) == 2).all()
    np.testing.assert_array_equal(view.targets, episodes.targets[:, :8, 0].T)
    assert list(view.loss_steps) == [11]


def test_too_short_a_sequence_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2 steps, got 1"):
        Adding(1)


def test_tasks_are_made_by_name() -> None:
    task = make_task("adding", length=7)
    assert isinstance(task, Adding)
    assert task.length == 7
