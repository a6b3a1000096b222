"""Gates, their gradients and what is saturated: against central differences and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gradexplorer.engine.activations import ACTIVATIONS
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.stepped_cells import STEPPED
from gradexplorer.engine.truncation import backward_plan

STEPS, BATCH, INPUTS, HIDDEN, OUTPUTS = 5, 2, 3, 4, 2
NAMES = {"lstm": "ifgo", "gru": "rzn"}
STEP = 1e-6
GATES = [(cell, name) for cell, names in NAMES.items() for name in names]


def sigmoid(a):
    return 1.0 / (1.0 + np.exp(-a))


def by_hand(cell, parameters, inputs, readout, depth, added):
    """Return the loss, with numbers added to gates: ``added[layer, "f", "value"]``, (T, B, H)."""
    values = inputs
    for layer in range(depth):
        w_x, w_h, b_x, b_h = (
            parameters[f"{name}_l{layer}"]
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        h, c, out = np.zeros((BATCH, HIDDEN)), np.zeros((BATCH, HIDDEN)), []
        for t, x in enumerate(values):
            of_x = np.split(x @ w_x.T + b_x, len(NAMES[cell]), axis=1)
            of_h = np.split(h @ w_h.T + b_h, len(NAMES[cell]), axis=1)

            def gate(name, a, t=t, layer=layer):
                a = a + added.get((layer, name, "pre-activation"), np.zeros(STEPS))[t]
                found = np.tanh(a) if name in "gn" else sigmoid(a)
                return found + added.get((layer, name, "value"), np.zeros(STEPS))[t]

            if cell == "lstm":
                i, f, g, o = (gate(n, a + b) for n, a, b in zip("ifgo", of_x, of_h, strict=True))
                c = f * c + i * g
                h = o * np.tanh(c)
            else:
                r, z = (gate(n, of_x[k] + of_h[k]) for k, n in enumerate("rz"))
                n = gate("n", of_x[2] + r * of_h[2])
                h = (1.0 - z) * n + z * h
            out.append(h)
        values = np.array(out)
    return float((readout * (values @ parameters["readout.weight"].T)).sum())


def run(cell, depth):
    rng = np.random.default_rng(7)
    network = RecurrentNetwork(cell, INPUTS, HIDDEN, OUTPUTS, np.float64, depth=depth)
    network.parameters.flat[...] = rng.normal(size=network.parameters.flat.shape)
    inputs = rng.normal(size=(STEPS, BATCH, INPUTS))
    readout = rng.normal(size=(STEPS, BATCH, OUTPUTS))
    network.forward(inputs, slice(None))
    network.backward(readout, backward_plan(STEPS, range(STEPS)))
    return network, inputs, readout


@pytest.mark.parametrize(("cell", "name"), GATES)
@pytest.mark.parametrize("of", ["value", "pre-activation"])
def test_gradients_of_gates_are_central_differences(cell, name, of) -> None:
    depth = 2
    network, inputs, readout = run(cell, depth)
    parameters = dict(network.parameters.items())
    for index, layer in enumerate(network.layers):
        dh = network.signal("dh", index)
        dc = network.signal("dc", index) if cell == "lstm" else None
        found = layer.gate_gradients(dh, dc) if of == "value" else layer.pre_activation_gradients()
        assert list(found) == list(layer.gate_values()) == list(NAMES[cell])
        for t, b, unit in ((0, 0, 1), (2, 1, 0), (4, 0, 3)):
            losses = []
            for sign in (1.0, -1.0):
                added = np.zeros((STEPS, BATCH, HIDDEN))
                added[t, b, unit] = sign * STEP
                losses.append(
                    by_hand(cell, parameters, inputs, readout, depth, {(index, name, of): added})
                )
            expected = (losses[0] - losses[1]) / (2.0 * STEP)
            assert found[name][t, b, unit] == pytest.approx(expected, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_an_update_of_the_weights_changes_nothing_that_was_measured(cell) -> None:
    network, _, _ = run(cell, 1)
    layer, dh = network.layer, network.signal("dh")
    dc = network.signal("dc") if cell == "lstm" else None
    before = {name: values.copy() for name, values in layer.gate_gradients(dh, dc).items()}
    network.parameters.flat[...] *= 3.0
    for name, values in layer.gate_gradients(dh, dc).items():
        np.testing.assert_array_equal(values, before[name])


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_cells_run_step_by_step_tell_the_same(cell) -> None:
    network, inputs, _ = run(cell, 1)
    stepped = STEPPED[cell](network.parameters, network.gradients)
    stepped.begin(STEPS, BATCH, None)
    for t in range(STEPS):
        stepped.step(t, inputs[t])
    stepped.begin_backward()
    flows: dict = {}
    above = network.signal("from_above")
    for t in range(STEPS - 1, -1, -1):
        _, flows = stepped.step_back(t, above[t], flows)
    layer, signals = network.layer, stepped.signals()
    pairs = [
        (stepped.gate_values(), layer.gate_values()),
        (stepped.pre_activation_gradients(), layer.pre_activation_gradients()),
        (
            stepped.gate_gradients(signals["dh"], signals.get("dc")),
            layer.gate_gradients(
                network.signal("dh"), network.signal("dc") if cell == "lstm" else None
            ),
        ),
        (
            dict(zip(("values",), stepped.squashed(), strict=False)),
            dict(zip(("values",), layer.squashed(), strict=False)),
        ),
    ]
    for mine, expected in pairs:
        assert list(mine) == list(expected)
        for name, values in expected.items():
            np.testing.assert_allclose(mine[name], values, rtol=1e-10, atol=1e-14)


def test_what_is_bounded_is_squashed() -> None:
    lstm, gru = (run(cell, 1)[0].layer for cell in ("lstm", "gru"))
    np.testing.assert_allclose(lstm.squashed()[0], np.tanh(lstm.states("c")[1:]))
    np.testing.assert_array_equal(gru.squashed()[0], gru.gate_values()["n"])


def test_ends_are_where_little_slope_is_left() -> None:
    values = np.array([-0.96, -0.94, 0.05, 0.5, 0.95, 0.96])
    told = {name: one.saturated(values).tolist() for name, one in ACTIVATIONS.items()}
    assert told["tanh"] == [True, False, False, False, False, True]
    assert told["sigmoid"] == [True, True, True, False, True, True]
    assert not any(told["relu"])
    assert not any(told["linear"])
    assert [name for name, one in ACTIVATIONS.items() if one.can_die] == ["relu"]
