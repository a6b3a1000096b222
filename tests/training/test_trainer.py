"""A run as an iterator of snapshots, the same bits each time."""

from __future__ import annotations

import math
from itertools import islice
from typing import Any

import numpy as np
import pytest

from gradexplorer.engine.rnn import RNNLayer
from gradexplorer.errors import InputError
from gradexplorer.training.snapshot import Snapshot
from gradexplorer.training.trainer import Trainer

CELLS = pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])


def metrics(trainer: Trainer, count: int | None = None) -> list[tuple[float, ...]]:
    return [tuple(snapshot.metrics) for snapshot in islice(trainer, count)]


def arrays(value: Any) -> list[np.ndarray]:
    if isinstance(value, np.ndarray):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else ()
    return [array for part in parts for array in arrays(part)]


def test_a_trainer_is_an_iterator_of_snapshots(experiment) -> None:
    trainer = Trainer(experiment())
    snapshots = list(islice(trainer, 5))
    assert [type(snapshot) for snapshot in snapshots] == [Snapshot] * 5
    assert [snapshot.metrics.iteration for snapshot in snapshots] == [1, 2, 3, 4, 5]
    assert trainer.iteration == 5
    assert all(0.0 < snapshot.metrics.loss < 10.0 for snapshot in snapshots)
    assert all(snapshot.metrics.grad_norm > 0.0 for snapshot in snapshots)


def test_a_run_ends_after_its_iterations(experiment) -> None:
    trainer = Trainer(experiment("training.iterations=23"))
    assert len(list(trainer)) == trainer.iteration == 23
    assert next(trainer, None) is None
    assert trainer.divergence is None


def test_traces_and_evaluations_come_when_they_are_due(experiment) -> None:
    snapshots = list(Trainer(experiment("training.iterations=25")))
    assert [s.trace.iteration for s in snapshots if s.trace] == [7, 14, 21, 25]
    assert [s.evaluation.iteration for s in snapshots if s.evaluation] == [10, 20, 25]
    for snapshot in snapshots:
        held_out = snapshot.metrics.held_out_loss
        evaluation = snapshot.evaluation
        assert math.isnan(held_out) if evaluation is None else held_out == evaluation.loss


@CELLS
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_the_same_experiment_gives_the_same_bits(
    experiment, same, cell: str, precision: str
) -> None:
    config = experiment(f"model.cell={cell}", f"training.precision={precision}")
    first, second = Trainer(config), Trainer(config)
    assert same(list(first), list(second))
    assert same(first.weights(), second.weights())


@CELLS
def test_asking_for_traces_changes_nothing(experiment, same, cell: str) -> None:
    config = experiment(f"model.cell={cell}", "training.iterations=30", "bptt={k1=2, k2=4}")
    quiet, asked = Trainer(config), Trainer(config)
    expected = list(quiet)
    found = []
    for iteration in range(1, 31):
        if iteration in (1, 2, 5, 11, 12, 29):
            asked.want_trace()
        found.append(next(asked))
    assert [s.trace.iteration for s in found if s.trace] == [1, 2, 5, 7, 11, 12, 14, 21, 28, 29, 30]
    assert same([s.metrics for s in found], [s.metrics for s in expected])
    assert same(
        [f.trace for f, e in zip(found, expected, strict=True) if e.trace],
        [e.trace for e in expected if e.trace],
    )
    assert same(asked.weights(), quiet.weights())


def test_a_new_trainer_is_a_reset(experiment) -> None:
    config = experiment()
    trainer = Trainer(config)
    before = metrics(trainer, 5)
    metrics(trainer, 10)
    assert metrics(Trainer(config), 5) == before


def test_another_seed_is_another_run(experiment) -> None:
    one, other = (metrics(Trainer(experiment(f"training.seed={seed}")), 3) for seed in (1, 2))
    assert all(first[1] != second[1] for first, second in zip(one, other, strict=True))


def test_both_precisions_start_from_the_same_numbers(experiment) -> None:
    single, double = (
        Trainer(experiment(f"training.precision={name}")).weights()
        for name in ("float32", "float64")
    )
    for name, values in double.items():
        assert values.dtype == np.float64
        assert single[name].dtype == np.float32
        assert np.array_equal(values.astype(np.float32), single[name])


def test_weights_are_copies(experiment) -> None:
    trainer = Trainer(experiment())
    expected = metrics(Trainer(experiment()), 2)
    for values in trainer.weights().values():
        values[...] = 7.0
    assert metrics(trainer, 2) == expected


def test_a_traces_weights_are_those_after_the_update(experiment, same) -> None:
    trainer = Trainer(experiment())
    trainer.want_trace()
    snapshot = next(trainer)
    assert same(snapshot.trace.weights, trainer.weights())


@CELLS
def test_nothing_in_a_snapshot_can_be_changed(experiment, cell: str) -> None:
    trainer = Trainer(experiment(f"model.cell={cell}", "training.evaluate_every=1"))
    trainer.want_trace()
    trace = next(trainer).trace
    found = [array for value in vars(trace).values() for array in arrays(value)]
    assert len(found) > 15
    assert not any(array.flags.writeable for array in found)


@CELLS
def test_a_trace_outlives_the_updates_after_it(experiment, same, cell: str) -> None:
    config = experiment(f"model.cell={cell}", "training.record_every=1")
    trainer = Trainer(config)
    kept = list(islice(trainer, 2))
    assert not same(kept[0].trace.dh, kept[1].trace.dh)
    assert same(kept, list(islice(Trainer(config), 2)))
    list(trainer)
    assert same(kept, list(islice(Trainer(config), 2)))


def test_a_trace_agrees_with_its_metrics(small) -> None:
    trainer = Trainer(small("training.batch_size=1", "bptt.k2=4"))
    trainer.want_trace()
    snapshot = next(trainer)
    trace = snapshot.trace
    assert trace.losses.mean() == pytest.approx(snapshot.metrics.loss)
    assert list(trace.loss_steps) == [11]
    assert trace.inputs.shape == (12, 2)
    assert trace.outputs.shape == trace.targets.shape == (1, 1)
    assert np.square(trace.outputs - trace.targets).mean() == pytest.approx(snapshot.metrics.loss)
    assert (trace.dh.mean[:8] == 0.0).all()
    assert (trace.dh.mean[8:] > 0.0).all()
    assert np.array_equal(trace.dh.low, trace.dh.high)  # of one sequence


@pytest.mark.parametrize("batch", [1251, 4096])
def test_a_batch_that_the_stream_does_not_fill_is_refused(small_stream, batch: int) -> None:
    config = small_stream(f"training.batch_size={batch}")
    with pytest.raises(InputError) as caught:
        Trainer(config)
    assert str(caught.value) == (
        f"training.batch_size is {batch:,}, but the training part has only 2,500 steps; "
        "set it to at most 1,250."
    )


def test_the_largest_batch_of_a_stream_trains(small_stream) -> None:
    assert len(metrics(Trainer(small_stream("training.batch_size=1250")), 5)) == 5


def test_an_experiment_that_memory_does_not_hold_is_refused(
    experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exhaust(*_: object) -> None:
        raise MemoryError

    trainer = Trainer(experiment())
    monkeypatch.setattr(RNNLayer, "_allocate", exhaust)
    with pytest.raises(InputError, match=r"does not fit into memory; lower the network"):
        next(trainer)
    assert trainer.iteration == 0


@CELLS
def test_a_trace_has_the_gradients_of_every_layer(experiment, same, cell: str) -> None:
    config = experiment(f"model.cell={cell}", "model.layers=3", "bptt={k1=2, k2=4}")
    trainer = Trainer(config)
    trainer.want_trace()
    trace = next(trainer).trace
    assert len(trace.layers) == 3
    for below, layer in enumerate(trace.layers[:2]):
        assert (layer.dh.mean > 0.0).sum() >= (trace.layers[below + 1].dh.mean > 0.0).sum() > 0
        assert (layer.from_above > 0.0).any()
        assert not same(layer.dh, trace.layers[below + 1].dh)
    top = trace.layers[-1]
    for name in ("dh", "dc", "flow_h", "flow_c", "dc_from_h", "hidden", "cell"):
        assert getattr(trace, name) is getattr(top, name)
    assert (top.dc is not None) == (cell == "lstm")
    assert np.array_equal(top.from_above[trace.loss_steps], trace.flow_y)
