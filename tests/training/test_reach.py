"""How strongly losses depend on earlier inputs, against finite differences and PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.engine.losses import mean_squared_error, softmax_cross_entropy
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.training import reach
from gradexplorer.training.reach import gradient_reach

STEPS, KINDS, HIDDEN = 7, 4, 5
CELLS = pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])


def network(cell: str, depth: int = 2) -> RecurrentNetwork:
    net = RecurrentNetwork(cell, KINDS, HIDDEN, KINDS, np.float64, depth=depth)
    net.parameters.flat[...] = np.random.default_rng(1).normal(0.0, 0.7, net.parameters.flat.shape)
    return net


@pytest.fixture(params=[2, 3, 100])
def group(request, monkeypatch) -> None:
    monkeypatch.setattr(reach, "GROUP", request.param)


@pytest.mark.usefixtures("group")
@CELLS
@pytest.mark.parametrize("starts", [True, False])
def test_reach_is_the_norm_of_finite_differences(cell: str, starts: bool) -> None:
    net, generator = network(cell), np.random.default_rng(2)
    inputs, targets = generator.normal(size=(STEPS, KINDS)), generator.normal(size=(STEPS, KINDS))
    state = {name: generator.normal(size=(1, HIDDEN)) for name in net.state_names}
    given = None if starts else state
    found = gradient_reach(net, mean_squared_error, inputs, targets, given)

    def losses(changed: np.ndarray) -> np.ndarray:
        outputs = net.forward(changed[:, None], slice(None), given)
        return ((outputs[:, 0] - targets) ** 2).mean(axis=1)

    squares, step = np.zeros((STEPS, STEPS)), 1e-6
    for k, unit in np.ndindex(STEPS, KINDS):
        change = np.zeros_like(inputs)
        change[k, unit] = step
        squares[:, k] += ((losses(inputs + change) - losses(inputs - change)) / (2 * step)) ** 2
    np.testing.assert_allclose(found, np.sqrt(squares), rtol=1e-6, atol=1e-9)
    assert (found[np.triu_indices(STEPS, 1)] == 0.0).all()
    assert (found[np.tril_indices(STEPS)] > 0.0).all()


@CELLS
def test_reach_is_that_of_pytorch(cell: str) -> None:
    torch = pytest.importorskip("torch")
    net, generator = network(cell, depth=1), np.random.default_rng(3)
    classes, targets = generator.integers(0, KINDS, (2, STEPS))
    module = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell]
    module = module(KINDS, HIDDEN).double()
    readout = torch.nn.Linear(HIDDEN, KINDS).double()
    weights = {name: torch.tensor(values) for name, values in net.parameters.copies().items()}
    readout.load_state_dict({n: weights.pop(f"readout.{n}") for n in ("weight", "bias")})
    module.load_state_dict(weights)
    inputs = torch.nn.functional.one_hot(torch.tensor(classes), KINDS).double().requires_grad_()
    outputs = readout(module(inputs)[0])
    losses = torch.nn.functional.cross_entropy(outputs, torch.tensor(targets), reduction="none")
    expected = np.zeros((STEPS, STEPS))
    for s, loss in enumerate(losses):
        (gradient,) = torch.autograd.grad(loss, inputs, retain_graph=True)
        expected[s] = gradient.norm(dim=1).numpy()
    found = gradient_reach(net, softmax_cross_entropy, classes, targets)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-14)
