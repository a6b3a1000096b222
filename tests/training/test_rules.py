"""The update rule and the schedule that an experiment asks for."""

from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.config.experiment import differences
from gradexplorer.config.optimizer import OptimizerConfig, ScheduleConfig
from gradexplorer.engine.optimizers import SGD, Adagrad, Adam, AdamW, RMSprop
from gradexplorer.training.build import build_optimizer, build_schedule
from gradexplorer.training.trainer import Trainer

RULES = [
    (OptimizerConfig(), SGD()),
    (OptimizerConfig(momentum=0.9, dampening=0.2), SGD(momentum=0.9, dampening=0.2)),
    (
        OptimizerConfig(name="nesterov", momentum=0.9, dampening=0.2, weight_decay=0.1),
        SGD(momentum=0.9, weight_decay=0.1, nesterov=True),
    ),
    (OptimizerConfig(name="rmsprop"), RMSprop()),
    (
        OptimizerConfig(name="rmsprop", alpha=0.5, momentum=0.4, eps=0.1),
        RMSprop(alpha=0.5, momentum=0.4, eps=0.1),
    ),
    (OptimizerConfig(name="adagrad"), Adagrad()),
    (
        OptimizerConfig(name="adagrad", lr_decay=0.5, initial_accumulator_value=2.0),
        Adagrad(lr_decay=0.5, initial_accumulator_value=2.0),
    ),
    (OptimizerConfig(name="adam", momentum=0.9, beta1=0.8, beta2=0.7), Adam(0.8, 0.7)),
    (OptimizerConfig(name="adam", weight_decay=0.3, eps=1e-3), Adam(eps=1e-3, weight_decay=0.3)),
    (OptimizerConfig(name="adamw"), AdamW()),
    (OptimizerConfig(name="adamw", weight_decay=0.0), AdamW(weight_decay=0.0)),
]


@pytest.mark.parametrize(("config", "expected"), RULES)
def test_a_setting_reaches_its_rule_and_no_other(config, expected) -> None:
    generator = np.random.default_rng(0)
    made, ours = build_optimizer(config), generator.standard_normal(8)
    theirs = ours.copy()
    assert type(made) is type(expected)
    for _ in range(4):
        gradient = generator.standard_normal(8)
        made.step(ours, gradient.copy(), 0.1)
        expected.step(theirs, gradient.copy(), 0.1)
    np.testing.assert_array_equal(ours, theirs)


def factors(config: ScheduleConfig, iterations: int) -> list[float]:
    schedule = build_schedule(config, iterations)
    return [schedule(update) for update in range(iterations + 1)]


def test_without_a_schedule_the_learning_rate_stays() -> None:
    assert factors(ScheduleConfig(gamma=0.5, min_factor=0.1), 3) == [1.0] * 4


def test_a_cosine_fills_what_the_warm_up_leaves_of_the_run() -> None:
    config = ScheduleConfig(name="cosine", warmup="linear", warmup_iters=2, start_factor=0.5)
    assert factors(config, 6) == pytest.approx(
        [0.5, 0.75, 1.0, 0.853553, 0.5, 0.146447, 0.0], abs=1e-6
    )


def test_a_cosine_on_a_run_that_is_all_warm_up() -> None:
    config = ScheduleConfig(name="cosine", warmup="linear", warmup_iters=9, start_factor=0.0)
    assert factors(config, 3) == pytest.approx([0.0, 1 / 9, 2 / 9, 3 / 9])


def test_the_schedule_is_a_factor_on_a_rate_that_may_still_be_changed(experiment) -> None:
    config = experiment("schedule={name='step', step_size=2, gamma=0.5}")
    trainer = Trainer(config)
    first = [next(trainer).metrics.learning_rate for _ in range(3)]
    trainer.change(config.live().model_copy(update={"learning_rate": 0.04}))
    assert first == [0.01, 0.01, 0.005]
    assert [next(trainer).metrics.learning_rate for _ in range(2)] == [0.02, 0.01]


def test_the_rate_that_is_told_is_the_one_applied(small) -> None:
    overrides = ("training.precision=float64", "schedule={warmup='linear', warmup_iters=4}")
    plain, warm = Trainer(small(*overrides[:1])), Trainer(small(*overrides))
    before = plain.weights()
    rates = [next(trainer).metrics.learning_rate for trainer in (plain, warm)]
    assert rates == pytest.approx([0.01, 0.01 / 3])
    for name, start in before.items():
        step, shorter = plain.weights()[name] - start, warm.weights()[name] - start
        np.testing.assert_allclose(shorter, step / 3, atol=1e-16)


def test_another_schedule_needs_a_new_run(small) -> None:
    changes = differences(small(), small("schedule.name=cosine"))
    assert changes == [("Schedule", "Flat", "Cosine")]
