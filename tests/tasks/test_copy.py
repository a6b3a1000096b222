from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.config.tasks.memory import CopyTask
from gradexplorer.engine.losses import softmax_cross_entropy
from gradexplorer.tasks import make_task
from gradexplorer.tasks.copy import CopyMemory

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


def test_every_step_bears_a_loss():
    task = make_task(**CopyTask(delay=7).model_dump())
    assert list(task.loss_steps) == list(range(27))
    assert (task.input_size, task.output_size, task.length) == (10, 9, 27)


def test_no_delay_is_refused():
    with pytest.raises(ValueError, match="at least 1 step, got 0"):
        CopyMemory(0)
