"""Backpropagation through layers: differences, PyTorch, and the recurrent network it resembles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradexplorer.engine.activations import ACTIVATIONS
from gradexplorer.engine.feedforward import FeedforwardNetwork
from gradexplorer.engine.gradient_check import STEP, check_components, check_directions
from gradexplorer.engine.losses import LOSSES
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.truncation import backward_plan

BATCH, INPUTS, OUTPUTS = 4, 3, 2


def make(widths=(5, 4, 6), activation="tanh", seed=0, inputs=INPUTS, outputs=OUTPUTS):
    network = FeedforwardNetwork(inputs, widths, outputs, np.float64, activation=activation)
    generator = np.random.default_rng(seed)
    network.parameters.flat[...] = generator.uniform(-0.9, 0.9, network.parameters.flat.size)
    return network, generator


def targets_for(loss, generator, batch=BATCH, outputs=OUTPUTS):
    if loss == "softmax_cross_entropy":
        return generator.integers(0, outputs, (1, batch))
    if loss == "binary_cross_entropy":
        return generator.integers(0, 2, (1, batch, outputs)).astype(float)
    return generator.standard_normal((1, batch, outputs))


def loss_of(network, inputs, targets, loss):
    def value(flat):
        other = network.twin()
        before = network.parameters.flat.copy()
        network.parameters.flat[...] = flat
        try:
            return LOSSES[loss](other.forward(inputs), targets).value
        finally:
            network.parameters.flat[...] = before

    return value


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("loss", sorted(LOSSES))
@pytest.mark.parametrize("widths", [(1,), (4,), (3, 5), (2, 3, 2, 3, 2)])
def test_gradients_equal_central_differences(activation, loss, widths):
    network, generator = make(widths, activation)
    inputs, targets = generator.standard_normal((1, BATCH, INPUTS)), targets_for(loss, generator)
    network.backward(LOSSES[loss](network.forward(inputs), targets).d_outputs)
    step = 1e-6 if activation == "relu" else STEP
    function = loss_of(network, inputs, targets, loss)
    point, gradient = network.parameters.flat.copy(), network.gradients.flat
    check_components(function, point, gradient, step=step)
    check_directions(function, point, gradient, generator, step=step)


@given(
    widths=st.lists(st.integers(1, 6), min_size=1, max_size=8),
    activation=st.sampled_from(sorted(ACTIVATIONS)),
    batch=st.integers(1, 4),
    seed=st.integers(0, 99),
)
def test_everything_equals_pytorch(widths, activation, batch, seed):
    torch = pytest.importorskip("torch")
    network, generator = make(tuple(widths), activation, seed)
    inputs = generator.standard_normal((1, batch, INPUTS))
    targets = generator.standard_normal((1, batch, OUTPUTS))
    outputs = network.forward(inputs)
    network.backward(LOSSES["mean_squared_error"](outputs, targets).d_outputs)
    weights = {
        name: torch.tensor(value, requires_grad=True) for name, value in network.parameters.items()
    }
    apply = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid}.get(
        activation, lambda values: values
    )
    states = [torch.tensor(inputs[0], requires_grad=True)]
    for index in range(len(widths)):
        below = states[-1] @ weights[f"layers.{index}.weight"].T + weights[f"layers.{index}.bias"]
        states.append(apply(below))
        states[-1].retain_grad()
    expected = states[-1] @ weights["readout.weight"].T + weights["readout.bias"]
    ((expected - torch.tensor(targets[0])) ** 2).mean().backward()
    np.testing.assert_allclose(outputs[0], expected.detach().numpy(), rtol=1e-12, atol=1e-14)
    for name, weight in weights.items():
        close(network.gradients[name], weight.grad.numpy())
    for ours, state in zip(network.signal("dh"), states[1:], strict=True):
        close(ours, state.grad.numpy())
    norms = network.gradient_norms()
    close(norms.dx[0], batch * np.linalg.norm(states[0].grad.numpy(), axis=1))
    for ours, state in zip(norms.layers[0].dh, states[1:], strict=True):
        close(ours, batch * np.linalg.norm(state.grad.numpy(), axis=1))


def close(ours, expected):
    scale = max(float(np.abs(expected).max()), 1e-300)
    np.testing.assert_allclose(ours, expected, rtol=1e-10, atol=1e-13 * scale)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_an_unrolled_recurrent_network_is_a_feedforward_network_with_shared_weights(activation):
    """The idea that carries the program: one depth axis, to the last digit."""
    steps, hidden = 7, 5
    recurrent = RecurrentNetwork("rnn", INPUTS, hidden, OUTPUTS, np.float64, activation=activation)
    generator = np.random.default_rng(1)
    flat = recurrent.parameters.flat
    flat[...] = generator.uniform(-0.9, 0.9, flat.size)
    recurrent.parameters["bias_ih_l0"][...] = 0.0
    deep, _ = make((hidden,) * steps, activation)
    for index in range(steps):
        name = "weight_hh_l0" if index else "weight_ih_l0"
        deep.parameters[f"layers.{index}.weight"][...] = recurrent.parameters[name]
        deep.parameters[f"layers.{index}.bias"][...] = recurrent.parameters["bias_hh_l0"]
    for name in ("readout.weight", "readout.bias"):
        deep.parameters[name][...] = recurrent.parameters[name]
    inputs = np.zeros((steps, BATCH, INPUTS))
    inputs[0] = generator.standard_normal((BATCH, INPUTS))
    targets = generator.standard_normal((1, BATCH, OUTPUTS))
    through_time = recurrent.forward(inputs, slice(steps - 1, steps))
    through_layers = deep.forward(inputs[:1])
    np.testing.assert_allclose(through_layers, through_time, rtol=1e-13)
    loss = LOSSES["mean_squared_error"](through_time, targets)
    recurrent.backward(loss.d_outputs, backward_plan(steps, [steps - 1]))
    deep.backward(loss.d_outputs)
    ours, theirs = deep.gradient_norms().layers[0], recurrent.gradient_norms().layers[0]
    np.testing.assert_allclose(ours.dh, theirs.dh, rtol=1e-12)
    np.testing.assert_allclose(ours.flow_h, theirs.flow_h, rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(ours.from_above, theirs.from_above, rtol=1e-12, atol=1e-300)
    total = sum(deep.gradients[f"layers.{index}.weight"] for index in range(1, steps))
    np.testing.assert_allclose(total, recurrent.gradients["weight_hh_l0"], rtol=1e-11, atol=1e-15)


def test_a_twin_shares_the_weights_and_nothing_else():
    network, generator = make()
    twin = network.twin()
    inputs = generator.standard_normal((1, BATCH, INPUTS))
    before = network.forward(inputs).copy()
    twin.forward(generator.standard_normal((1, 9, INPUTS)))
    assert np.shares_memory(twin.parameters.flat, network.parameters.flat)
    network.backward(np.ones((1, BATCH, OUTPUTS)))
    assert not twin.gradients.flat.any()
    np.testing.assert_array_equal(network.forward(inputs), before)


def test_float32_stays_float32():
    network = FeedforwardNetwork(2, [3, 3], 1, np.float32)
    outputs = network.forward(np.ones((1, 2, 2), np.float32))
    network.backward(np.ones_like(outputs))
    assert outputs.dtype == network.gradients.flat.dtype == np.float32
    assert network.signal("dh")[0].dtype == np.float32


def test_only_what_is_measured_has_a_name():
    network, generator = make()
    network.backward(np.ones_like(network.forward(generator.standard_normal((1, 2, INPUTS)))))
    with pytest.raises(KeyError):
        network.signal("dc")
    assert network.state_names == ()
    assert network.state_after(3) == {}


def test_what_is_measured_after_an_update_is_of_before_it():
    network, generator = make()
    network.backward(np.ones_like(network.forward(generator.standard_normal((1, 3, INPUTS)))))
    before = network.gradient_norms()
    network.parameters.flat[...] = 7.0
    np.testing.assert_array_equal(network.gradient_norms().dx, before.dx)
