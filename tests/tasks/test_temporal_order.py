from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.config.task import TemporalOrderTask
from gradexplorer.engine.losses import softmax_cross_entropy
from gradexplorer.tasks import make_task
from gradexplorer.tasks.temporal_order import TemporalOrder
from gradexplorer.tasks.views import SymbolSequences


def draw(length: int, batch: int = 4000):
    return TemporalOrder(length).draw(np.random.default_rng(0), batch)


@pytest.mark.parametrize("length", [10, 11, 20, 45, 100])
def test_two_symbols_stand_where_they_are_published_to(length):
    shown = draw(length).inputs.argmax(axis=2)
    steps, sequences = np.nonzero(shown.T < 2)[::-1]
    np.testing.assert_array_equal(sequences, np.repeat(np.arange(4000), 2))
    first, second = steps[::2], steps[1::2]
    assert (first.min(), first.max()) == (length // 10, 2 * length // 10)
    assert (second.min(), second.max()) == (4 * length // 10, 5 * length // 10)


def test_the_target_tells_both_symbols_in_their_order():
    episodes = draw(20, 500)
    shown = episodes.inputs.argmax(axis=2)
    assert episodes.targets.shape == (1, 500)
    for sequence, target in zip(shown.T, episodes.targets[0], strict=True):
        order = "".join("AB"[symbol] for symbol in sequence if symbol < 2)
        assert ["AA", "AB", "BA", "BB"].index(order) == target


@pytest.mark.parametrize("length", [10, 37, 100])
def test_three_symbols_stand_where_they_are_published_to(length):
    task = TemporalOrder(length, bits=3)
    episodes = task.draw(np.random.default_rng(0), 6000)
    shown = episodes.inputs.argmax(axis=2)
    steps = np.nonzero(shown.T < 2)[1].reshape(-1, 3)
    for column, ends in zip(steps.T, [(10, 20), (33, 43), (66, 76)], strict=True):
        assert (column.min(), column.max()) == tuple(end * length // 100 for end in ends)
    for sequence, target in zip(shown.T[:200], episodes.targets[0], strict=False):
        assert task.classes[target] == "".join("AB"[symbol] for symbol in sequence if symbol < 2)
    shares = np.bincount(episodes.targets[0], minlength=8) / 6000
    np.testing.assert_allclose(shares, 1 / 8, atol=4 * np.sqrt(7 / 64 / 6000))
    guesses = softmax_cross_entropy(np.zeros((1, 6000, 8)), episodes.targets)
    assert guesses.value == pytest.approx(task.baselines[0].loss, rel=1e-13) == np.log(8)


def test_the_view_marks_the_symbols_to_be_told():
    task = TemporalOrder(20)
    episodes = task.draw_held_out(np.random.default_rng(0))
    report = task.report(episodes, np.eye(4)[episodes.targets ^ 1], None)
    assert report.figures == {"held-out accuracy": 0.0}
    view = report.view
    assert isinstance(view, SymbolSequences)
    np.testing.assert_array_equal(view.marked, view.inputs < 2)
    assert (view.marked.sum(axis=1) == 2).all()
    assert view.probabilities.shape == (8, 1, 4)
    assert view.classes == ("AA", "AB", "BA", "BB")


def test_inputs_are_one_hot_and_everything_is_equally_likely():
    episodes = draw(40, 4000)
    assert episodes.inputs.shape == (40, 4000, 6)
    np.testing.assert_array_equal(episodes.inputs.sum(axis=2), 1.0)
    np.testing.assert_array_equal(np.unique(episodes.inputs), [0.0, 1.0])
    classes = np.bincount(episodes.targets[0], minlength=4) / 4000
    np.testing.assert_allclose(classes, 0.25, atol=4 * np.sqrt(0.25 * 0.75 / 4000))
    distractors = episodes.inputs.sum(axis=(0, 1))[2:] / (38 * 4000)
    np.testing.assert_allclose(distractors, 0.25, atol=0.005)


def test_guessing_costs_the_logarithm_of_four():
    targets = draw(20).targets
    loss = softmax_cross_entropy(np.zeros((1, 4000, 4)), targets)
    assert loss.value == pytest.approx(np.log(4.0), rel=1e-14)
    assert TemporalOrder(20).baselines[0].loss == pytest.approx(loss.value, rel=1e-14)


def test_the_loss_is_at_the_last_step_alone():
    task = make_task(**TemporalOrderTask(length=33).model_dump())
    assert list(task.loss_steps) == [32]
    assert (task.input_size, task.output_size, task.loss) == (6, 4, "softmax_cross_entropy")


def test_a_seed_gives_the_same_batch():
    for one, again in zip(vars(draw(20, 3)).values(), vars(draw(20, 3)).values(), strict=True):
        np.testing.assert_array_equal(one, again)


def test_too_short_a_sequence_is_refused():
    with pytest.raises(ValueError, match="at least 10 steps, got 9"):
        TemporalOrder(9)
