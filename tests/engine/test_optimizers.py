from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.engine.optimizers import SGD, Adam

RULES = {
    "sgd": (lambda: SGD(), "SGD", {}),
    "momentum": (lambda: SGD(momentum=0.9), "SGD", {"momentum": 0.9}),
    "adam": (lambda: Adam(), "Adam", {}),
    "adam, set": (lambda: Adam(0.8, 0.95, 1e-3), "Adam", {"betas": (0.8, 0.95), "eps": 1e-3}),
}


@pytest.mark.parametrize("rule", RULES)
def test_equals_pytorch_while_the_learning_rate_changes(rule):
    torch = pytest.importorskip("torch")
    make, kind, options = RULES[rule]
    generator = np.random.default_rng(0)
    ours = generator.standard_normal(20)
    parameter = torch.nn.Parameter(torch.from_numpy(ours.copy()))
    optimizer, theirs = make(), getattr(torch.optim, kind)([parameter], lr=1.0, **options)
    for learning_rate in np.geomspace(0.5, 0.01, 12):
        gradient = generator.standard_normal(20)
        parameter.grad = torch.from_numpy(gradient.copy())
        theirs.param_groups[0]["lr"] = float(learning_rate)
        theirs.step()
        optimizer.step(ours, gradient, float(learning_rate))
        np.testing.assert_allclose(ours, parameter.detach().numpy(), rtol=1e-10, atol=1e-12)


def test_sgd_with_momentum_by_hand():
    parameters, optimizer = np.array([1.0]), SGD(momentum=0.5)
    for expected in (1.0 - 0.1 * 2, 0.8 - 0.1 * 3, 0.5 - 0.1 * 3.5):
        optimizer.step(parameters, np.array([2.0]), 0.1)
        assert parameters[0] == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
def test_adams_first_update_is_the_learning_rate_whatever_the_gradient(size):
    parameters = np.zeros(2)
    Adam().step(parameters, np.array([size, -size]), 0.01)
    np.testing.assert_allclose(parameters, [-0.01, 0.01], rtol=1e-4)


@pytest.mark.parametrize("rule", RULES)
def test_updates_are_in_place_and_keep_the_precision(rule):
    parameters = np.ones(3, np.float32)
    view = parameters[1:]
    optimizer = RULES[rule][0]()
    for _ in range(3):
        optimizer.step(parameters, np.ones(3, np.float32), 0.1)
    assert parameters.dtype == np.float32
    assert (view < 1.0).all()
