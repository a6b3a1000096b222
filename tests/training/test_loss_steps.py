"""Losses at every step, at the last, or at marked ones, of every kind."""

from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.engine.losses import LOSSES
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.truncation import backward_plan
from gradexplorer.tasks.task import Display, Episodes, EpisodeTask
from gradexplorer.training import trainer as module
from gradexplorer.training.evaluation import PIECE, run_in_pieces
from gradexplorer.training.shape import window_shape
from gradexplorer.training.trainer import Trainer

LENGTH = 6
WHERE = {"every": range(LENGTH), "last": range(LENGTH - 1, LENGTH), "marked": (0, 2, 5)}


class Echo(EpisodeTask):
    """Say again at some steps what is heard there."""

    input_size = output_size = 3
    length = LENGTH
    display = Display("what was heard")

    def __init__(self, loss: str, where: str) -> None:
        self.loss, self.loss_steps = loss, WHERE[where]

    def draw(self, generator, batch):
        heard = generator.integers(0, 3, (LENGTH, batch))
        inputs = np.eye(3)[heard]
        wanted = heard if self.loss == "softmax_cross_entropy" else inputs
        return Episodes(inputs, wanted[list(self.loss_steps)])


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("loss", LOSSES)
def test_a_run_learns_and_tells_which_steps_bear_a_loss(monkeypatch, small, loss, where) -> None:
    monkeypatch.setattr(module, "build_task", lambda _config: Echo(loss, where))
    config = small("training.iterations=300", "optimizer={name='adam'}", "bptt={k1=2, k2=3}")
    snapshots = list(Trainer(config))
    assert snapshots[-1].divergence is None
    losses = [snapshot.metrics.loss for snapshot in snapshots]
    assert np.mean(losses[-20:]) < 0.4 * np.mean(losses[:20])
    held_out = [snapshot.evaluation.loss for snapshot in snapshots if snapshot.evaluation]
    assert held_out[-1] < 0.6 * held_out[0]
    trace = next(snapshot.trace for snapshot in snapshots if snapshot.trace)
    assert list(trace.loss_steps) == list(WHERE[where])
    assert trace.losses.shape == (len(WHERE[where]),)
    expected = backward_plan(LENGTH, WHERE[where], 2, 3).cuts
    np.testing.assert_array_equal(trace.cuts, expected)


@pytest.mark.parametrize("steps", [(0,), (3, PIECE - 1, PIECE, PIECE + 9), (2 * PIECE + 4,)])
def test_outputs_at_marked_steps_are_the_same_in_pieces(steps) -> None:
    generator = np.random.default_rng(0)
    network = RecurrentNetwork("rnn", 2, 4, 3, np.float64)
    network.parameters.flat[...] = generator.standard_normal(network.parameters.flat.size)
    inputs = generator.standard_normal((2 * PIECE + 5, 2, 2))
    whole = network.forward(inputs, np.array(steps)).copy()
    np.testing.assert_allclose(run_in_pieces(network, inputs, steps), whole, rtol=1e-12)


@pytest.mark.parametrize("name", ["copy", "delayed_recall"])
def test_a_task_places_its_loss_where_it_is_told(small, name) -> None:
    """The same sequences and weights: the losses differ in nothing but the steps they are of."""
    found = {}
    for where in WHERE:
        bptt = {"every": "{k2=9, k1=4}", "marked": "{k2=7}", "last": "{}"}[where]
        task = f"task={{name='{name}', loss_at='{where}'}}"
        trainer = Trainer(small(task, "training.precision=float64", f"bptt={bptt}"))
        trainer.want_trace()
        found[where] = next(trainer)
        shape = window_shape(trainer.config)
        trace = found[where].trace
        expected = backward_plan(shape.steps, shape.loss_steps, *effective(trainer, shape.steps))
        np.testing.assert_array_equal(trace.cuts, expected.cuts)
        np.testing.assert_array_equal(trace.loss_steps, list(shape.loss_steps))
        assert found[where].metrics.loss == pytest.approx(trace.losses.mean(), rel=1e-13)
    steps = {where: len(found[where].trace.loss_steps) for where in WHERE}
    assert steps["every"] > steps["marked"] > steps["last"] == 1
    by_step = found["every"].trace.losses
    for where in ("marked", "last"):
        np.testing.assert_allclose(found[where].trace.losses, by_step[-steps[where] :], rtol=1e-12)
    # Of a loss at the last step alone the gradient is the mean loss's share of it.
    last, every = (found[where].trace.dy[-1] for where in ("last", "every"))
    assert last == pytest.approx(every * steps["every"], rel=1e-9)


def effective(trainer: Trainer, steps: int) -> tuple[int, int]:
    k2 = trainer.config.bptt.k2 or steps
    return trainer.config.bptt.k1 or k2, k2
