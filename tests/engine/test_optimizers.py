from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from gradexplorer.engine.optimizers import SGD, Adagrad, Adam, AdamW, RMSprop
from tests.engine.helpers import assert_same

STORED = Path(__file__).parents[1] / "reference" / "optimizers.npz"
RULES = {
    "sgd": SGD,
    "sgd-decay": lambda: SGD(weight_decay=0.1),
    "momentum": lambda: SGD(momentum=0.9),
    "dampened": lambda: SGD(momentum=0.8, dampening=0.3, weight_decay=0.05),
    "nesterov": lambda: SGD(momentum=0.9, nesterov=True),
    "nesterov-decay": lambda: SGD(momentum=0.6, nesterov=True, weight_decay=0.1),
    "rmsprop": RMSprop,
    "rmsprop-set": lambda: RMSprop(alpha=0.9, eps=1e-3, momentum=0.7, weight_decay=0.1),
    "adagrad": Adagrad,
    "adagrad-set": lambda: Adagrad(
        lr_decay=0.1, weight_decay=0.1, initial_accumulator_value=0.5, eps=1e-3
    ),
    "adam": Adam,
    "adam-set": lambda: Adam(0.8, 0.95, 1e-3, 0.1),
    "adamw": AdamW,
    "adamw-set": lambda: AdamW(beta1=0.7, beta2=0.9, eps=1e-2, weight_decay=0.3),
}


def stored() -> dict[str, np.ndarray]:
    with np.load(STORED, allow_pickle=False) as file:
        return dict(file)


@pytest.mark.parametrize("rule", RULES)
def test_fifty_updates_equal_pytorch_while_the_learning_rate_changes(rule):
    reference, optimizer = stored(), RULES[rule]()
    assert len(reference[rule]) == 50
    ours = reference["start"].copy()
    for gradient, rate, expected in zip(
        reference["gradients"], reference["rates"], reference[rule], strict=True
    ):
        optimizer.step(ours, gradient.copy(), float(rate))
        np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-12)


def test_every_stored_rule_is_one_of_ours():
    assert set(stored()) == {*RULES, "start", "gradients", "rates"}


def test_the_script_still_makes_the_stored_updates():
    pytest.importorskip("torch")
    from tests.reference import make_update_reference

    made = make_update_reference.optimizer_references()
    reference = stored()
    assert set(made) == set(reference)
    for name, values in made.items():
        assert_same(values, reference[name], 1e-9)


def test_the_script_still_makes_the_stored_schedules():
    pytest.importorskip("torch")
    from tests.reference import make_update_reference

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch about its own SequentialLR
        made = make_update_reference.schedule_references()
    with np.load(STORED.with_name("schedules.npz"), allow_pickle=False) as reference:
        assert set(made) == set(reference)
        for name, values in made.items():
            assert_same(values, reference[name], 1e-9)


def test_sgd_with_momentum_by_hand():
    parameters, optimizer = np.array([1.0]), SGD(momentum=0.5)
    for expected in (1.0 - 0.1 * 2, 0.8 - 0.1 * 3, 0.5 - 0.1 * 3.5):
        optimizer.step(parameters, np.array([2.0]), 0.1)
        assert parameters[0] == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize("make", [Adam, Adagrad, lambda: AdamW(weight_decay=0.0)])
def test_the_first_update_is_the_learning_rate_whatever_the_gradient(make, size):
    parameters = np.zeros(2)
    make().step(parameters, np.array([size, -size]), 0.01)
    np.testing.assert_allclose(parameters, [-0.01, 0.01], rtol=1e-4)


def test_nesterov_without_momentum_is_plain_descent():
    parameters = np.ones(3)
    SGD(nesterov=True).step(parameters, np.full(3, 2.0), 0.1)
    np.testing.assert_allclose(parameters, 0.8)


def test_adamw_decays_also_without_a_gradient():
    parameters = np.ones(2)
    AdamW(weight_decay=0.5).step(parameters, np.zeros(2), 0.1)
    np.testing.assert_allclose(parameters, 0.95, rtol=1e-14)


@pytest.mark.parametrize("rule", RULES)
def test_updates_are_in_place_and_keep_the_precision(rule):
    parameters = np.ones(3, np.float32)
    view = parameters[1:]
    optimizer = RULES[rule]()
    for _ in range(3):
        optimizer.step(parameters, np.ones(3, np.float32), 0.1)
    assert parameters.dtype == np.float32
    assert (view < 1.0).all()
