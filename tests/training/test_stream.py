"""Truncated backpropagation on streams, against loops written out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import pytest

from gradexplorer.engine.losses import mean_squared_error
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.truncation import backward_plan
from gradexplorer.tasks.sunspots import Sunspots
from gradexplorer.training.build import build_generators, build_network, build_task
from gradexplorer.training.trainer import Trainer

STEPS, BATCH = 125, 20
CELLS = pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
K1_K2 = pytest.mark.parametrize(
    ("k1", "k2"), [(10, 10), (7, 7), (1, 1), (125, 125), (4, 10), (1, 6), (7, 30), (50, 125)]
)


def network(config: Any) -> RecurrentNetwork:
    return build_network(config, build_task(config), build_generators(config.training.seed)[0])


def parallel_streams() -> tuple[np.ndarray, np.ndarray]:
    """Return the training part as (STEPS, BATCH, 1), each stream a part of the series."""
    task = Sunspots(0.2)
    assert task.held_out_from == STEPS * BATCH
    parts = (task.series.inputs[: STEPS * BATCH], task.series.targets[: STEPS * BATCH])
    inputs, targets = (
        np.stack([part[b * STEPS : (b + 1) * STEPS] for b in range(BATCH)], axis=1)
        for part in parts
    )
    return inputs.astype(np.float32), targets.astype(np.float32)


def by_hand(config: Any, k1: int, k2: int) -> Iterator[tuple[float, np.ndarray]]:
    """Yield loss and gradient of each chunk, every state being kept and none carrying gradient."""
    net = network(config)
    inputs, targets = parallel_streams()
    while True:
        states = {0: None}  # step -> the detached state before it
        for chunk in range(0, STEPS, k1):
            stop = min(chunk + k1, STEPS)
            first = max(stop - k2, 0)
            first = min(step for step in states if step >= first)
            losses = slice(chunk - first, stop - first)
            outputs = net.forward(inputs[first:stop], losses, states[first])
            loss = mean_squared_error(outputs, targets[chunk:stop])
            net.backward(
                loss.d_outputs, backward_plan(stop - first, range(losses.start, losses.stop))
            )
            yield loss.value, net.gradients.flat.copy()
            states |= {
                first + step: {name: part.copy() for name, part in net.state_after(step).items()}
                for step in range(1, stop - first + 1)
            }
            rate = np.float32(config.optimizer.learning_rate)
            net.parameters.flat[...] -= rate * net.gradients.flat


@CELLS
@pytest.mark.parametrize("layers", [1, 3])
@K1_K2
def test_a_stream_trains_like_the_loop_by_hand(
    small_stream, cell: str, layers: int, k1: int, k2: int
) -> None:
    config = small_stream(
        f"model.cell={cell}", f"model.layers={layers}", f"bptt={{k1={k1}, k2={k2}}}"
    )
    expected = by_hand(config, k1, k2)
    for snapshot, (loss, gradient) in zip(Trainer(config), expected, strict=False):
        assert snapshot.metrics.loss == pytest.approx(loss, rel=1e-5)
        assert snapshot.metrics.grad_norm == pytest.approx(np.linalg.norm(gradient), rel=1e-4)
        assert (snapshot.metrics.k1, snapshot.metrics.k2) == (k1, k2)


@CELLS
@K1_K2
def test_windows_and_losses_lie_where_they_should(
    small_stream, cell: str, k1: int, k2: int
) -> None:
    config = small_stream(
        f"model.cell={cell}", f"bptt={{k1={k1}, k2={k2}}}", "training.record_every=1"
    )
    inputs, targets = parallel_streams()
    per_pass = -(-STEPS // k1)
    for snapshot in islice(Trainer(config), 2 * per_pass + 1):
        trace = snapshot.trace
        chunk = (trace.iteration - 1) % per_pass * k1
        stop = min(chunk + k1, STEPS)
        first = max(stop - k2, 0)
        assert trace.first_step == first
        assert list(trace.loss_steps) == list(range(chunk - first, stop - first))
        assert np.array_equal(trace.inputs, inputs[first:stop, 0])
        assert np.array_equal(trace.targets, targets[chunk:stop, 0])
        assert (trace.dh.mean > 0.0).all()  # nothing inside a window is cut off
        assert list(np.flatnonzero(trace.cuts)) == ([0] if first else [])


@CELLS
def test_the_state_is_carried_over_windows_and_dropped_at_the_end(small_stream, cell: str) -> None:
    frozen = "optimizer.learning_rate=1e-30"  # so small that no weight changes
    config = small_stream(
        f"model.cell={cell}", "bptt={k1=5, k2=5}", frozen, "training.record_every=1"
    )
    snapshots = list(islice(Trainer(config), 26))
    inputs, _ = parallel_streams()
    outputs = network(config).forward(inputs, slice(None))[:, 0]
    for number, snapshot in enumerate(snapshots[:25]):
        np.testing.assert_allclose(
            snapshot.trace.outputs, outputs[5 * number : 5 * number + 5], rtol=1e-5, atol=1e-6
        )
    assert np.array_equal(snapshots[25].trace.outputs, snapshots[0].trace.outputs)


def test_what_does_not_divide_is_left_out_at_the_beginning(small_stream) -> None:
    trainer = Trainer(small_stream("training.batch_size=30", "bptt.k2=83"))  # 30 x 83 of 2500
    trainer.want_trace()
    trace = next(trainer).trace
    expected = Sunspots(0.2).series.inputs[10 : 10 + 83].astype(np.float32)
    assert np.array_equal(trace.inputs, expected)


@pytest.mark.parametrize(
    ("bptt", "effective"),
    [
        ("none", (125, 125)),
        ("{k2=20}", (20, 20)),
        ("{k1=3}", (3, 125)),
        ("{k1=3, k2=200}", (3, 125)),
        ("{k1=150, k2=200}", (125, 125)),
    ],
)
def test_metrics_tell_the_truncation_in_force(small_stream, bptt: str, effective: tuple) -> None:
    metrics = next(Trainer(small_stream(f"bptt={bptt}"))).metrics
    assert (metrics.k1, metrics.k2) == effective
