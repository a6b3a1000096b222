"""Training a controller through its plant."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from safetensors.numpy import save_file

from gradexplorer.engine.truncation import Cut
from gradexplorer.errors import InputError
from gradexplorer.tasks.views import PendulumTrial, PlantResponse
from gradexplorer.training.build import build_task
from gradexplorer.training.estimate import estimate_run, needed_bytes
from gradexplorer.training.shape import window_shape
from gradexplorer.training.trainer import Trainer
from tests.training.test_estimate import peak

PENDULUM = "task={name='pendulum', length=20}"
CELLS = ["rnn", "lstm", "gru", "feedforward"]
OFTEN = "training.evaluate_every=5"


@pytest.fixture
def steered(small):
    """Give a function that makes a small experiment with a pendulum."""
    return lambda *overrides: small(PENDULUM, "model.depth=2", *overrides)


def traced(config):
    trainer = Trainer(config)
    trainer.want_trace()
    return next(trainer).trace


@pytest.mark.parametrize("cell", CELLS)
def test_every_cell_can_steer(steered, same, cell: str) -> None:
    config = steered(f"model.cell={cell}", OFTEN)
    first, second = (list(islice(Trainer(config), 5)) for _ in range(2))
    assert same(first, second)
    evaluation = first[-1].evaluation
    assert type(evaluation.view) is PendulumTrial
    assert len(evaluation.view.angle) == 200
    assert list(evaluation.figures) == ["held-out successes", "mean return"]
    assert np.isfinite(evaluation.loss)
    assert evaluation.output.shape == evaluation.truth.shape == (200 * 100 * 4,)


@pytest.mark.parametrize("cell", CELLS)
def test_the_trace_has_plant_and_controller_on_one_axis(steered, cell: str) -> None:
    config = steered(f"model.cell={cell}")
    trace, shape = traced(config), window_shape(config)
    assert trace.axis == shape.axis == "timestep"
    assert shape.steps == len(trace.dh.mean) == len(trace.dx) == len(trace.flow_s) == 20
    assert shape.roads == ("s" if cell == "feedforward" else "shc")
    assert (trace.dx > 0.0).all()
    assert (trace.flow_s[:-1] > 0.0).all()
    assert trace.flow_s[-1] == 0.0
    assert trace.ds_from_h.shape == (20,)
    assert (trace.dc is not None) == (cell == "lstm")
    assert bool(trace.flow_h.any()) == (cell != "feedforward")


def test_other_networks_have_no_plant(small) -> None:
    trace = traced(small())
    assert trace.flow_s is None
    assert trace.ds_from_h is None
    assert window_shape(small()).roads == "hc"


@pytest.mark.parametrize("cell", CELLS)
def test_truncation_cuts_the_plant_too(steered, cell: str) -> None:
    trace = traced(steered(f"model.cell={cell}", "bptt.k2=5"))
    assert [step for step in range(20) if trace.cuts[step]] == [5, 10, 15]
    assert trace.cuts[5] == Cut.FULL
    assert not trace.flow_s[[4, 9, 14, 19]].any()
    assert trace.flow_s[[3, 8, 13]].all()


def test_a_learned_initial_state_is_learned(steered) -> None:
    trainer = Trainer(steered("model.cell=lstm", "model.initial_state=learned"))
    next(trainer)
    weights = trainer.weights()
    assert weights["initial_h_l0"].any()
    assert weights["initial_c_l0"].any()


@pytest.mark.parametrize("cell", CELLS)
def test_it_learns_to_hold_what_starts_upright(steered, cell: str) -> None:
    config = steered(
        f"model.cell={cell}", "model.hidden_size=16", "task.length=30", "training.batch_size=32",
        "optimizer={name='adam', learning_rate=0.01}", "training.iterations=60",
        "clipping.method=norm", "training.evaluate_every=60",
    )  # fmt: skip
    *_, last = snapshots = list(Trainer(config))
    losses = [snapshot.metrics.loss for snapshot in snapshots]
    assert np.mean(losses[-10:]) < 0.9 * np.mean(losses[:5])
    untrained = Trainer(config)
    next(untrained)
    assert last.evaluation.loss < 0.99


def test_weights_may_come_from_a_file(steered, tmp_path) -> None:
    first = Trainer(steered("model.cell=gru"))
    next(first)
    path = tmp_path / "weights.safetensors"
    save_file(first.weights(), path)
    second = Trainer(steered("model.cell=gru", f"model.weights_file='{path}'", "training.seed=9"))
    for name, values in first.weights().items():
        np.testing.assert_array_equal(second.weights()[name], values)
    with pytest.raises(InputError, match="weights of another network"):
        Trainer(steered("model.cell=lstm", f"model.weights_file='{path}'"))


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("model.layers=2", "model.layers is 2, but this task.name, 'pendulum', is steered by"),
        ("regularizer.method=pascanu", "regularizer.method is 'pascanu', which looks at"),
    ],
)
def test_what_a_controller_cannot_have_is_refused(steered, override: str, sentence: str) -> None:
    for ask in (Trainer, window_shape, estimate_run):
        with pytest.raises(InputError, match=sentence):
            ask(steered(override))


@pytest.mark.parametrize(
    "overrides",
    [
        ("model.hidden_size=64",),
        ("model.cell=lstm", "model.hidden_size=48", "training.precision=float64"),
        ("model.cell=gru", "model.hidden_size=48", "training.batch_size=64"),
        ("model.cell=feedforward", "model.hidden_size=100", "task.length=100"),
        ("model.cell=gru", "bptt={k1=5, k2=10}", "task.length=300", "training.batch_size=30"),
    ],
)
def test_memory_is_told_within_a_quarter(steered, overrides: tuple[str, ...]) -> None:
    config = steered(*overrides, "training.evaluate_every=1")
    assert needed_bytes(config, build_task(config)) == pytest.approx(peak(config), rel=0.25)


@pytest.mark.parametrize("cell", ["gru", "feedforward"])
def test_time_is_told(steered, cell: str) -> None:
    assert estimate_run(steered(f"model.cell={cell}")).seconds > 0.0


@pytest.mark.parametrize("plant", ["model_2", "model_3"])
def test_a_plant_is_identified_better_than_by_any_baseline(small, plant: str) -> None:
    config = small(
        f"task={{name='plant_identification', plant='{plant}', training_steps=5000}}",
        "model={cell='gru', hidden_size=16}", "bptt={k1=20, k2=40}", "clipping.method=norm",
        "optimizer={name='adam', learning_rate=0.01}", "training.batch_size=8",
        "training.iterations=500", "training.evaluate_every=500",
    )  # fmt: skip
    *_, last = Trainer(config)
    assert type(last.evaluation.view) is PlantResponse
    losses = [baseline.loss for baseline in build_task(config).baselines]
    assert last.evaluation.loss < 0.5 * min(losses)
    scale = build_task(config).display.scale
    error = last.evaluation.figures["held-out RMSE"]
    assert error == pytest.approx(scale * np.sqrt(last.evaluation.loss), rel=1e-4)
