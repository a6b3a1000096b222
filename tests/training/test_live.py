"""Settings that change while a run trains act from the next update."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gradexplorer.config.experiment import LiveSettings
from gradexplorer.config.training import BPTTConfig, ClippingConfig
from gradexplorer.training.snapshot import Snapshot
from gradexplorer.training.trainer import Trainer

DOUBLE = "training.precision=float64"


def flat(trainer: Trainer) -> np.ndarray:
    return np.concatenate([values.ravel() for values in trainer.weights().values()])


def update(trainer: Trainer) -> tuple[Snapshot, np.ndarray]:
    before = flat(trainer)
    trainer.want_trace()
    snapshot = next(trainer)
    return snapshot, flat(trainer) - before


def pair(config: Any, **changes: Any) -> tuple[Trainer, Trainer]:
    """Return two equal trainers after three updates, the second one's settings then changed."""
    trainers = Trainer(config), Trainer(config)
    for trainer in trainers:
        for _ in range(3):
            next(trainer)
    live = config.live()
    trainers[1].change(
        LiveSettings(**{name: getattr(live, name) for name in type(live).model_fields} | changes)
    )
    return trainers


def test_the_learning_rate_acts_from_the_next_update(experiment) -> None:
    plain, changed = pair(experiment(DOUBLE), learning_rate=0.03)
    (old, small_step), (new, large_step) = update(plain), update(changed)
    assert (old.metrics.learning_rate, new.metrics.learning_rate) == (0.01, 0.03)
    assert new.metrics.grad_norm == old.metrics.grad_norm
    np.testing.assert_allclose(large_step, 3.0 * small_step, atol=1e-15)
    assert next(plain).metrics.loss != next(changed).metrics.loss
    assert changed.config.optimizer.learning_rate == 0.03


def test_clipping_by_norm_acts_from_the_next_update(experiment) -> None:
    clipping = ClippingConfig(method="norm", threshold=1e-3)
    plain, changed = pair(experiment(DOUBLE), clipping=clipping)
    (old, step), (new, short_step) = update(plain), update(changed)
    assert np.isnan(old.metrics.clip_threshold)
    assert (old.metrics.clip_scale, new.metrics.clip_threshold) == (1.0, 1e-3)
    assert new.metrics.grad_norm == old.metrics.grad_norm
    assert new.metrics.clip_scale * new.metrics.grad_norm == pytest.approx(1e-3, rel=1e-4)
    np.testing.assert_allclose(short_step, new.metrics.clip_scale * step, atol=1e-15)


def test_clipping_by_parameter_acts_from_the_next_update(experiment) -> None:
    clipping = ClippingConfig(method="parameter", threshold=1e-3)
    _, changed = pair(experiment(DOUBLE), clipping=clipping)
    before = changed.weights()
    new = next(changed)
    assert 0.0 < new.metrics.clip_scale < 1.0
    assert new.metrics.clip_threshold == 1e-3
    rate, after = changed.config.optimizer.learning_rate, changed.weights()
    moved = np.array([np.linalg.norm(after[name] - before[name]) for name in before]) / rate
    assert (moved <= 1e-3).all()
    assert moved.max() > 0.99e-3
    assert np.linalg.norm(moved) == pytest.approx(new.metrics.clip_scale * new.metrics.grad_norm)


def test_clipping_by_value_acts_from_the_next_update(experiment) -> None:
    clipping = ClippingConfig(method="value", threshold=1e-3)
    plain, changed = pair(experiment(DOUBLE), clipping=clipping)
    (_, step), (new, short_step) = update(plain), update(changed)
    np.testing.assert_allclose(short_step, np.clip(step, -1e-5, 1e-5), atol=1e-15)
    expected = np.linalg.norm(short_step) / np.linalg.norm(step)
    assert new.metrics.clip_scale == pytest.approx(expected)


def test_truncation_acts_from_the_next_update(small) -> None:
    plain, changed = pair(small(DOUBLE), bptt=BPTTConfig(k2=4))
    (old, _), (new, _) = update(plain), update(changed)
    assert (old.metrics.k1, old.metrics.k2, new.metrics.k1, new.metrics.k2) == (12, 12, 4, 4)
    assert new.metrics.loss == old.metrics.loss
    assert np.array_equal(new.trace.dh.mean[8:], old.trace.dh.mean[8:])
    assert (new.trace.dh.mean[:8] == 0.0).all()
    assert (old.trace.dh.mean > 0.0).all()


def test_changes_act_as_if_they_had_been_so_from_the_start(experiment, same) -> None:
    """On episodes and streams alike, plain SGD has no memory of the settings before."""
    bptt, clipping = BPTTConfig(k1=5, k2=5), ClippingConfig(method="norm", threshold=0.1)
    wanted = experiment("bptt={k1=5, k2=5}", "clipping={method='norm', threshold=0.1}")
    trainer = Trainer(experiment())
    trainer.change(wanted.live())
    assert (trainer.config.bptt, trainer.config.clipping) == (bptt, clipping)
    assert same(list(trainer), list(Trainer(wanted)))


def test_momentum_outlives_a_change_of_the_learning_rate(small) -> None:
    plain, changed = pair(small(DOUBLE, "optimizer.momentum=0.9"), learning_rate=1e-9)
    (_, step), (_, tiny_step) = update(plain), update(changed)
    np.testing.assert_allclose(tiny_step, 1e-7 * step, rtol=1e-3, atol=1e-17)


def test_a_raised_k2_lets_the_window_grow_back_to_what_it_knows(small_stream) -> None:
    trainer = Trainer(small_stream("bptt={k1=4, k2=4}", "training.record_every=1"))
    windows = [next(trainer) for _ in range(3)]
    trainer.change(trainer.config.live().model_copy(update={"bptt": BPTTConfig(k1=4, k2=13)}))
    windows += [next(trainer) for _ in range(4)]
    assert [(w.trace.first_step, len(w.trace.inputs)) for w in windows] == [
        (0, 4),
        (4, 4),
        (8, 4),
        (8, 8),  # no state before step 8 is kept
        (8, 12),
        (11, 13),
        (15, 13),
    ]


def test_a_lowered_k2_shortens_the_next_window(small_stream) -> None:
    trainer = Trainer(small_stream("bptt={k1=4, k2=12}", "training.record_every=1"))
    windows = [next(trainer) for _ in range(4)]
    trainer.change(trainer.config.live().model_copy(update={"bptt": BPTTConfig(k1=2, k2=3)}))
    windows += [next(trainer) for _ in range(2)]
    assert [
        (w.trace.first_step, len(w.trace.inputs), len(w.trace.loss_steps)) for w in windows
    ] == [
        (0, 4, 4),
        (0, 8, 4),
        (0, 12, 4),
        (4, 12, 4),
        (15, 3, 2),
        (17, 3, 2),
    ]
