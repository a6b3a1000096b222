"""The regularizer inside a run, against PyTorch with the same things held constant."""

from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.engine.losses import mean_squared_error
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.truncation import backward_plan
from gradexplorer.errors import InputError
from gradexplorer.training.regularize import add_regularizer
from gradexplorer.training.shape import window_shape
from gradexplorer.training.trainer import Trainer

ON = "regularizer={method='pascanu', weight=0.7}"


def test_the_gradient_equals_pytorch_with_states_and_gradients_detached(small) -> None:
    torch = pytest.importorskip("torch")
    generator = np.random.default_rng(0)
    network = RecurrentNetwork("rnn", 2, 5, 1, np.float64)
    network.parameters.flat[...] = 0.5 * generator.standard_normal(network.parameters.flat.size)
    inputs, targets = generator.standard_normal((8, 3, 2)), generator.standard_normal((2, 3, 1))
    loss_steps = np.array([4, 7])
    loss = mean_squared_error(network.forward(inputs, loss_steps), targets)
    network.backward(loss.d_outputs, backward_plan(8, loss_steps.tolist()))
    plain = network.gradients.copies()
    add_regularizer(network, small(ON))

    weights = {name: torch.tensor(values) for name, values in network.parameters.items()}
    recurrent = weights["weight_hh_l0"].requires_grad_()
    h, before, after = torch.zeros(3, 5, dtype=torch.float64), [], []
    for x in torch.tensor(inputs):
        a = x @ weights["weight_ih_l0"].T + weights["bias_ih_l0"] + weights["bias_hh_l0"]
        before.append((a + h @ recurrent.T).requires_grad_())
        h = torch.tanh(before[-1])
        after.append(h)
    read = torch.stack([after[step] for step in loss_steps])
    outputs = read @ weights["readout.weight"].T + weights["readout.bias"]
    error = torch.nn.functional.mse_loss(outputs, torch.tensor(targets))
    d_recurrent, *da = torch.autograd.grad(error, [recurrent, *before])
    np.testing.assert_allclose(plain["weight_hh_l0"], d_recurrent, rtol=1e-10, atol=1e-14)
    total = torch.zeros((), dtype=torch.float64)
    for k in range(7):
        slope = (1.0 - after[k] ** 2).detach()
        passed = (da[k + 1].detach() @ recurrent) * slope
        ratio = passed.norm(dim=1) / da[k + 1].detach().norm(dim=1)
        total = total + ((ratio - 1.0) ** 2).mean()
    (d_omega,) = torch.autograd.grad(total, [recurrent])
    expected = plain["weight_hh_l0"] + 0.7 * d_omega.numpy()
    np.testing.assert_allclose(network.gradients["weight_hh_l0"], expected, rtol=1e-10, atol=1e-14)
    for name, gradient in plain.items():
        if name != "weight_hh_l0":
            np.testing.assert_array_equal(network.gradients[name], gradient)


def flow(trainer: Trainer) -> float:
    """Return how much of the gradient is left after 11 steps."""
    trainer.want_trace()
    trace = next(trainer).trace
    return float(trace.dh.mean[0] / trace.dh.mean[-1])


def test_it_keeps_the_gradient_alive(small) -> None:
    settings = ("model.hidden_size=20", "model.recurrent_gain=0.5", "training.iterations=200")
    plain, kept = Trainer(small(*settings)), Trainer(small(*settings, ON))
    assert flow(plain) == flow(kept) < 1e-4
    for _ in range(150):
        next(plain)
        next(kept)
    assert flow(kept) > 0.1
    assert flow(plain) < 1e-3


def test_a_weight_of_zero_changes_nothing(experiment, same) -> None:
    off, zero = (
        [next(trainer).metrics for _ in range(8)]
        for trainer in map(
            Trainer, (experiment(), experiment("regularizer={method='pascanu', weight=0}"))
        )
    )
    assert same(off, zero)


def test_it_is_refused_for_gated_cells(experiment) -> None:
    config = experiment(ON, "model.cell=lstm")
    for refuse in (Trainer, window_shape):
        with pytest.raises(InputError, match=r"^regularizer.method is 'pascanu', which is defi"):
            refuse(config)
