"""The shape that is drawn before a run is the shape that the run then has."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradexplorer.config.presets import load_preset, preset_names
from gradexplorer.errors import InputError
from gradexplorer.training.full_window import WindowShape
from gradexplorer.training.shape import window_shape
from gradexplorer.training.snapshot import WindowTrace
from gradexplorer.training.trainer import Trainer


def traces(config, count: int) -> list[WindowTrace]:
    recorded = config.training.model_copy(update={"record_every": 1})
    trainer = Trainer(config.model_copy(update={"training": recorded}))
    return [snapshot.trace for snapshot in islice(trainer, count)]


def check(shape: WindowShape, trace: WindowTrace) -> None:
    assert len(trace.dh.mean) == shape.steps
    assert (trace.dc is not None) == (trace.cell is not None) == shape.has_cell_state
    assert {len(layer.dh.mean) for layer in trace.layers} == {shape.steps}
    assert list(trace.loss_steps) == list(shape.loss_steps)
    assert np.array_equal(trace.cuts, shape.cuts)


@st.composite
def truncations(draw: st.DrawFn) -> str:
    k1, k2 = sorted(draw(st.tuples(st.integers(1, 40), st.integers(1, 40))))
    return draw(st.sampled_from(["none", f"{{k2={k2}}}", f"{{k1={k1}}}", f"{{k1={k1}, k2={k2}}}"]))


@pytest.mark.parametrize("name", preset_names())
def test_of_every_preset(name: str) -> None:
    config = load_preset(name)
    check(window_shape(config), traces(config, 4)[-1])


@given(length=st.integers(2, 30), bptt=truncations(), cell=st.sampled_from(["rnn", "lstm", "gru"]))
def test_of_episodes(small, length: int, bptt: str, cell: str) -> None:
    config = small(f"task.length={length}", f"bptt={bptt}", f"model.cell={cell}")
    check(window_shape(config), traces(config, 1)[0])


@given(
    batch=st.integers(60, 1250), bptt=truncations(), cell=st.sampled_from(["rnn", "lstm", "gru"])
)
def test_of_streams(small_stream, batch: int, bptt: str, cell: str) -> None:
    config = small_stream(f"training.batch_size={batch}", f"bptt={bptt}", f"model.cell={cell}")
    shape, steps = window_shape(config), 2500 // batch
    one_pass = traces(config, -(-steps // len(shape.loss_steps)))
    assert max(len(trace.dh.mean) for trace in one_pass) == shape.steps
    whole_stream = shape.steps == steps
    for trace in one_pass:
        full_window = len(trace.dh.mean) == shape.steps and (trace.first_step > 0 or whole_stream)
        if full_window and len(trace.loss_steps) == len(shape.loss_steps):
            check(shape, trace)


def test_too_large_a_batch_is_refused_as_the_trainer_does(small_stream) -> None:
    config = small_stream("training.batch_size=4096")
    with pytest.raises(InputError) as from_shape:
        window_shape(config)
    with pytest.raises(InputError) as from_trainer:
        Trainer(config)
    assert str(from_shape.value) == str(from_trainer.value)
