from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.config.tasks.memory import CopyTask
from gradexplorer.engine.losses import softmax_cross_entropy
from gradexplorer.tasks import make_task
from gradexplorer.tasks.copy import CopyMemory
from gradexplorer.tasks.views import SymbolSequences

DELAYS = pytest.mark.parametrize("delay", [1, 2, 30])


def draw(delay: int, batch: int = 300):
    return CopyMemory(delay).draw(np.random.default_rng(0), batch)


@DELAYS
def test_the_word_is_shown_first_and_wanted_last(delay):
    episodes = draw(delay)
    shown = episodes.inputs.argmax(axis=2)
    assert shown.shape == episodes.targets.shape == (delay + 20, 300)
    np.testing.assert_array_equal(episodes.inputs.sum(axis=2), 1.0)
    np.testing.assert_array_equal(shown[:10], episodes.targets[-10:])
    np.testing.assert_array_equal(np.unique(shown[:10]), np.arange(8))
    assert (episodes.targets[:-10] == 8).all()
    assert (shown[-11] == 9).all()
    assert (np.delete(shown[10:], delay - 1, axis=0) == 8).all()


@DELAYS
def test_blanks_and_then_guesses_cost_what_is_published(delay):
    logits = np.full((delay + 20, 300, 9), -1e9)
    logits[:-10, :, 8] = 0.0
    logits[-10:, :, :8] = 0.0
    loss = softmax_cross_entropy(logits, draw(delay).targets)
    assert loss.value == pytest.approx(10 * np.log(8) / (delay + 20), rel=1e-13)
    (baseline,) = CopyMemory(delay).baselines
    assert baseline.loss == pytest.approx(loss.value, rel=1e-13)


@pytest.mark.parametrize(("loss_at", "steps"), [("marked", 10), ("last", 1)])
def test_a_loss_placed_elsewhere_is_of_the_same_sequences(loss_at, steps):
    task = CopyMemory(5, loss_at)
    assert list(task.loss_steps) == list(range(25 - steps, 25))
    episodes, every = task.draw(np.random.default_rng(0), 300), draw(5)
    np.testing.assert_array_equal(episodes.inputs, every.inputs)
    np.testing.assert_array_equal(episodes.targets, every.targets[-steps:])
    guesses = np.full((steps, 300, 9), 0.0)
    guesses[..., 8] = -1e9
    cost = softmax_cross_entropy(guesses, episodes.targets).value
    assert cost == pytest.approx(np.log(8), rel=1e-13)
    assert task.baselines[0].loss == pytest.approx(cost, rel=1e-13)


def test_the_view_is_of_the_word_and_what_is_said():
    task = CopyMemory(5)
    episodes = task.draw_held_out(np.random.default_rng(0))
    logits = 50.0 * np.eye(9)[episodes.targets]
    logits[-3:] = 0.0  # the last three symbols are forgotten: symbol 0 is taken
    report = task.report(episodes, logits, None)
    right = np.mean(episodes.targets[-3:] == 0) * 0.3 + 0.7
    assert report.figures == {"symbols recalled": pytest.approx(right)}
    view = report.view
    assert isinstance(view, SymbolSequences)
    np.testing.assert_array_equal(view.inputs, episodes.inputs[:, :8].argmax(axis=2).T)
    np.testing.assert_array_equal(np.flatnonzero(view.marked[3]), np.arange(10))
    np.testing.assert_allclose(view.probabilities.sum(axis=2), 1.0, rtol=1e-6)
    np.testing.assert_allclose(view.probabilities[:, -3:], 1 / 9, rtol=1e-6)
    np.testing.assert_array_equal(view.probabilities[:, :-3].argmax(axis=2), view.targets[:, :-3])
    assert (len(view.symbols), len(view.classes)) == (10, 9)


def test_every_step_bears_a_loss():
    task = make_task(**CopyTask(delay=7).model_dump())
    assert list(task.loss_steps) == list(range(27))
    assert (task.input_size, task.output_size, task.length) == (10, 9, 27)


def test_no_delay_is_refused():
    with pytest.raises(ValueError, match="at least 1 step, got 0"):
        CopyMemory(0)
