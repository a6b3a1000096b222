"""The held-out loss: what it is, and that measuring it disturbs nothing."""

from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.engine.losses import mean_squared_error
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.tasks.sunspots import Sunspots
from gradexplorer.tasks.task import HELD_OUT
from gradexplorer.training.build import build_generators, build_task
from gradexplorer.training.evaluation import LEAD_STEPS, PIECE, run_in_pieces
from gradexplorer.training.trainer import Trainer

CELLS = pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])


def rebuilt(trainer: Trainer) -> RecurrentNetwork:
    """Return a network of its own with the trainer's weights."""
    task, config = build_task(trainer.config), trainer.config
    network = RecurrentNetwork(
        config.model.cell, task.input_size, config.model.hidden_size, task.output_size
    )
    for name, values in trainer.weights().items():
        network.parameters[name][...] = values
    return network


@CELLS
@pytest.mark.parametrize("bptt", ["none", "{k1=3, k2=7}"])
def test_evaluating_does_not_disturb_training(experiment, same, cell: str, bptt: str) -> None:
    runs = [
        Trainer(
            experiment(f"training.evaluate_every={every}", f"model.cell={cell}", f"bptt={bptt}")
        )
        for every in (1, 1000)
    ]
    often, once = ([s.metrics._replace(held_out_loss=0.0) for s in run] for run in runs)
    assert same(often, once)
    assert same(runs[0].weights(), runs[1].weights())


@CELLS
def test_episodes_are_held_out_and_always_the_same(small, cell: str) -> None:
    trainer = Trainer(small(f"model.cell={cell}"))
    first, *_, last = [s.evaluation for s in trainer if s.evaluation]
    assert np.array_equal(first.truth, last.truth)
    assert first.truth.shape == first.output.shape == (HELD_OUT,)
    task = build_task(trainer.config)
    episodes = task.draw(build_generators(trainer.config.training.seed)[2], HELD_OUT)
    outputs = rebuilt(trainer).forward(episodes.inputs.astype(np.float32), slice(11, 12))
    targets = episodes.targets.astype(np.float32)
    assert last.loss == pytest.approx(mean_squared_error(outputs, targets).value, rel=1e-6)
    np.testing.assert_allclose(last.truth, targets.ravel())
    np.testing.assert_allclose(last.output, outputs.ravel(), rtol=1e-5)
    assert last.times is None
    assert first.loss != last.loss


@CELLS
def test_a_stream_is_measured_on_its_held_out_end(small_stream, cell: str) -> None:
    trainer = Trainer(small_stream(f"model.cell={cell}"))
    *_, evaluation = [s.evaluation for s in trainer if s.evaluation]
    task = Sunspots(0.2)
    first = task.held_out_from - LEAD_STEPS
    outputs = rebuilt(trainer).forward(
        task.series.inputs[first:, None].astype(np.float32), slice(None)
    )
    held_out = task.series.targets[task.held_out_from :, None]
    expected = mean_squared_error(outputs[LEAD_STEPS:], held_out.astype(np.float32))
    assert evaluation.loss == pytest.approx(expected.value, rel=1e-6)
    assert evaluation.held_out_from == LEAD_STEPS
    assert np.array_equal(evaluation.times, task.times[first:])
    shown = task.display.shown
    np.testing.assert_allclose(evaluation.truth, shown(task.series.targets[first:, 0]), atol=1e-4)
    np.testing.assert_allclose(evaluation.output, shown(outputs[:, 0, 0]), atol=1e-3)
    shown_loss = np.mean(
        ((evaluation.output - evaluation.truth) / task.display.scale)[LEAD_STEPS:] ** 2
    )
    assert shown_loss == pytest.approx(evaluation.loss, rel=1e-4)
    assert evaluation.time_name == "year"


@CELLS
@pytest.mark.parametrize("steps", [PIECE - 1, PIECE, PIECE + 1, 2 * PIECE + 40])
@pytest.mark.parametrize("tail", [1, 50, None])
def test_pieces_give_what_one_long_window_gives(cell: str, steps: int, tail: int | None) -> None:
    generator = np.random.default_rng(0)
    network = RecurrentNetwork(cell, 2, 4, 1, np.float64)
    network.parameters.flat[...] = generator.normal(0.0, 0.5, network.parameters.flat.shape)
    inputs = generator.normal(size=(steps, 3, 2))
    wanted = range(0 if tail is None else steps - tail, steps)
    pieces = run_in_pieces(network, inputs, wanted)
    whole = network.forward(inputs, slice(wanted.start, wanted.stop))
    np.testing.assert_allclose(pieces, whole, rtol=1e-12, atol=1e-14)
