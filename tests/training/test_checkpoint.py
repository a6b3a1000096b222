"""A run that is cut and goes on from a checkpoint: the same bits as one that is not."""

from __future__ import annotations

import pickle
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradexplorer.config.experiment import LiveSettings
from gradexplorer.config.training import BPTTConfig, ClippingConfig
from gradexplorer.errors import InputError
from gradexplorer.training.checkpoint import Checkpoint
from gradexplorer.training.trainer import Trainer

CELLS = {
    "rnn": (),
    "lstm": ("model.cell=lstm", "model.layers=2"),
    "gru": ("model.cell=gru", "model.initial_state=learned"),
}
OPTIMIZERS = {
    "sgd": (),
    "momentum": ("optimizer.momentum=0.9", "optimizer.dampening=0.1"),
    "nesterov": ("optimizer.name=nesterov", "optimizer.momentum=0.9"),
    "rmsprop": ("optimizer.name=rmsprop", "optimizer.momentum=0.5"),
    "adagrad": ("optimizer.name=adagrad", "optimizer.lr_decay=0.01"),
    "adam": ("optimizer.name=adam", "schedule.name=cosine"),
    "adamw": ("optimizer.name=adamw", "schedule.name=step", "schedule.step_size=7"),
}
TRUNCATED = ("bptt.k2=12", "bptt.k1=5")


def cut(trainer: Trainer, updates: int) -> Trainer:
    """Return another trainer that goes on after so many updates, by way of a pickle."""
    for _ in islice(trainer, updates):
        pass
    checkpoint = pickle.loads(pickle.dumps(trainer.checkpoint()))
    assert type(checkpoint) is Checkpoint
    return Trainer(checkpoint)


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("cell", CELLS)
def test_a_cut_changes_no_bit(experiment, same, cell, optimizer, precision) -> None:
    config = experiment(
        "training.iterations=21", f"training.precision={precision}",
        *CELLS[cell], *OPTIMIZERS[optimizer], *TRUNCATED,
    )  # fmt: skip
    whole, resumed = list(Trainer(config)), cut(Trainer(config), 12)
    assert resumed.iteration == 12
    assert same(list(resumed), whole[12:])


@settings(max_examples=15)
@given(
    place=st.integers(0, 60),
    k2=st.integers(1, 130),
    share=st.floats(0.0, 1.0),
    stream=st.booleans(),
)
def test_wherever_it_is_cut(small, small_stream, same, place, k2, share, stream) -> None:
    k1 = max(1, round(share * k2))
    config = (small_stream if stream else small)(
        "training.iterations=60", "model.cell=lstm", "optimizer.name=adam",
        f"bptt.k2={k2}", f"bptt.k1={k1}",
    )  # fmt: skip
    assert same(list(cut(Trainer(config), place)), list(Trainer(config))[place:])


@pytest.mark.parametrize("overrides", [("model.cell=feedforward",), ("task.name=digits",)])
def test_other_windows_too(small, same, overrides) -> None:
    config = small("model.cell=feedforward", *overrides, "training.iterations=12")
    assert same(list(cut(Trainer(config), 5)), list(Trainer(config))[5:])


def test_a_checkpoint_disturbs_no_run_and_no_run_a_checkpoint(experiment, same) -> None:
    config = experiment("optimizer.name=adam", "bptt.k2=7")
    trainer, taken, seen = Trainer(config), [], []
    for snapshot in trainer:
        seen.append(snapshot)
        taken.append(trainer.checkpoint())
    assert same(seen, list(Trainer(config)))
    assert same(list(Trainer(taken[9])), seen[10:])


def test_live_changes_are_part_of_it(experiment, same) -> None:
    live = LiveSettings(
        learning_rate=0.05,
        clipping=ClippingConfig(method="norm", threshold=0.1),
        bptt=BPTTConfig(k2=4),
    )
    one = Trainer(experiment("bptt.k2=9"))
    list(islice(one, 6))
    one.change(live)
    resumed = Trainer(one.checkpoint())
    assert resumed.config.live() == live
    assert same(list(resumed), list(one))


def test_a_shorter_truncation_after_a_cut_is_that_of_the_run(small_stream, same) -> None:
    live = LiveSettings(learning_rate=0.01, clipping=ClippingConfig(), bptt=BPTTConfig(k2=8, k1=2))
    one = Trainer(small_stream("bptt.k2=20", "bptt.k1=2"))
    list(islice(one, 30))
    resumed = Trainer(one.checkpoint())
    for trainer in (one, resumed):
        trainer.change(live)
    assert same(list(resumed), list(one))


def test_what_is_carried_is_no_more_than_is_needed(small_stream) -> None:
    def carried(*overrides: str) -> int:
        trainer = Trainer(small_stream(*overrides))
        list(islice(trainer, 10))
        return len(trainer.checkpoint().feed.carried["h_l0"])

    assert carried("bptt.k2=5") == 1
    assert carried("bptt.k2=12", "bptt.k1=5") == 8


def test_a_diverged_run_stays_over(small, same) -> None:
    trainer = Trainer(small("optimizer.learning_rate=1000", "training.iterations=1000"))
    list(trainer)
    assert trainer.divergence is not None
    resumed = Trainer(trainer.checkpoint())
    assert same(resumed.divergence, trainer.divergence)
    assert resumed.is_over
    assert list(resumed) == []


def test_before_the_first_update(experiment, same) -> None:
    trainer = Trainer(experiment())
    assert same(list(Trainer(trainer.checkpoint())), list(trainer))


def taken_after(config, updates: int) -> Checkpoint:
    trainer = Trainer(config)
    list(islice(trainer, updates))
    return trainer.checkpoint()


@pytest.mark.parametrize(
    ("change", "data", "average"),
    [
        ("clipping.method=norm", True, True),
        ("optimizer.learning_rate=0.2", True, True),
        ("optimizer.name=sgd", True, False),
        ("training.seed=9", False, True),
        ("training.batch_size=2", False, True),
        ("task.length=20", False, True),
        ("training.iterations=500", True, True),
    ],
)
def test_a_branch_keeps_what_still_means_the_same(small, change, data, average) -> None:
    base = ("optimizer.name=adam",)
    checkpoint = taken_after(small(*base), 8)
    branch = checkpoint.branch(small(*base, change))
    assert branch.iteration == 8
    assert branch.weights is checkpoint.weights
    assert (branch.feed is checkpoint.feed) == data
    assert (branch.optimizer is checkpoint.optimizer) == average
    snapshot = next(Trainer(branch))
    assert snapshot.metrics.iteration == 9
    assert np.isfinite(snapshot.metrics.loss)


def test_a_branch_that_changes_nothing_is_the_run(experiment, same) -> None:
    config = experiment("optimizer.name=adam")
    branch = taken_after(config, 11).branch(config)
    assert same(list(Trainer(branch)), list(Trainer(config))[11:])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("model.hidden_size=6", "weight_ih_l0 is 5 × 2 at update 8, but 6 × 2"),
        ("model.layers=2", "weight_ih_l1 is missing at update 8, but 5 × 5 with"),
        ("training.precision=float64", "training.precision is float64, but the run"),
        ("training.iterations=7", "has made 8 updates; set it to more"),
    ],
)
def test_a_branch_that_does_not_fit_is_refused(small, change, words) -> None:
    branch = taken_after(small(), 8).branch(small(change))
    with pytest.raises(InputError) as caught:
        Trainer(branch)
    assert words in str(caught.value)
