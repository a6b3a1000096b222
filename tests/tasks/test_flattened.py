"""A sequence as one input: the same sequences, side by side."""

from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.tasks.adding import Adding
from gradexplorer.tasks.copy import CopyMemory
from gradexplorer.tasks.flattened import Flattened
from gradexplorer.tasks.task import Report


def test_it_draws_the_same_sequences():
    task = Adding(7)
    flat = Flattened(task)
    whole, one = (each.draw(np.random.default_rng(3), 5) for each in (task, flat))
    assert one.inputs.shape == (1, 5, flat.input_size) == (1, 5, 14)
    np.testing.assert_array_equal(one.inputs[0, 2], whole.inputs[:, 2].ravel())
    np.testing.assert_array_equal(one.targets, whole.targets)
    assert (flat.length, list(flat.loss_steps), flat.loss) == (1, [0], task.loss)


class Seen(Adding):
    """Keeps what it is asked to show."""

    def probe_inputs(self):
        return self.draw(np.random.default_rng(8), 4).inputs

    def report(self, episodes, outputs, probed):
        first = float(episodes.inputs[0, 0, 0])
        return Report(None, {"first": first, "outputs": float(outputs.sum())})


def test_the_task_itself_shows_and_measures():
    task = Seen(7)
    flat = Flattened(task)
    whole, one = (each.draw_held_out(np.random.default_rng(3)) for each in (task, flat))
    assert one.inputs.shape == (1, task.held_out_size, 14)
    outputs = np.ones((1, task.held_out_size, 1))
    assert flat.report(one, outputs, None) == task.report(whole, outputs, None)
    probes = flat.probe_inputs()
    np.testing.assert_array_equal(probes[0, 2], task.probe_inputs()[:, 2].ravel())
    assert Flattened(Adding(7)).probe_inputs() is None


def test_a_task_with_many_answers_is_refused():
    with pytest.raises(ValueError, match="one answer a sequence"):
        Flattened(CopyMemory(5))
