"""The engine against values that PyTorch computed once; see tests/reference/make_reference.py."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gradexplorer.engine.clipping import clip_by_norm, clip_by_value, global_norm
from gradexplorer.engine.losses import LOSSES
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.optimizers import SGD, Adam
from gradexplorer.engine.truncation import backward_plan
from tests.engine.helpers import assert_same

FOLDER = Path(__file__).parents[1] / "reference"
GRADIENTS = sorted(path.stem for path in FOLDER.glob("gradient-*.npz"))
TRAINING = sorted(path.stem for path in FOLDER.glob("training-*.npz"))
LOSS_NAMES = {"mse": "mean_squared_error", "xent": "softmax_cross_entropy"}
# As the script sets them; it cannot be imported without torch.
OPTIMIZERS = {"sgd": (lambda: SGD(momentum=0.9), 0.4), "adam": (Adam, 0.1)}
CLIPPING = {"norm": clip_by_norm, "value": clip_by_value}


class Reference:
    """A stored case and the network it was computed with."""

    def __init__(self, name: str) -> None:
        with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as file:
            arrays = dict(file)
        self.given, self.state, self.expected = (
            {key.removeprefix(prefix): array for key, array in arrays.items() if prefix in key}
            for prefix in ("given.", "state.", "expected.")
        )
        self.threshold = float(arrays.get("threshold", np.nan))
        _, cell, loss, *self.words = name.split("-")
        self.cell, activation, depth = (*cell.split("."), *("tanh", "1")[cell.count(".") :])
        self.loss = LOSSES[LOSS_NAMES[loss]]
        outputs, hidden = self.given["readout.weight"].shape
        inputs = self.given["inputs"].shape[2]
        self.network = RecurrentNetwork(
            self.cell,
            inputs,
            hidden,
            outputs,
            np.dtype(np.float64),
            depth=int(depth),
            activation=activation,
            learns_initial_state="initial_h_l0" in self.given,
        )
        for key, view in self.network.parameters.items():
            view[...] = self.given[key]

    def run(self, k1: int | None = None, k2: int | None = None):
        """Run forward and backward; return the outputs and the loss."""
        inputs, loss_steps = self.given["inputs"], self.given["loss_steps"]
        outputs = self.network.forward(inputs, loss_steps, self.state or None)
        loss = self.loss(outputs, self.given["targets"])
        plan = backward_plan(len(inputs), loss_steps.tolist(), k1, k2)
        self.network.backward(loss.d_outputs, plan)
        return outputs, loss


def test_no_stored_case_is_missing():
    assert (len(GRADIENTS), len(TRAINING)) == (25, 4)


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients(name):
    reference = Reference(name)
    _, *truncation = reference.words
    k1, k2 = (None, None) if truncation == ["full"] else (int(truncation[1]), int(truncation[3]))
    outputs, loss = reference.run(k1, k2)
    network, expected = reference.network, reference.expected
    assert_same(outputs, expected["outputs"])
    assert loss.value == pytest.approx(float(expected["loss"]), rel=1e-10)
    for key, gradient in network.gradients.items():
        assert_same(gradient, expected[key])
    norms, batch = network.gradient_norms(), reference.given["inputs"].shape[1]
    assert_same(norms.dx, batch * np.linalg.norm(expected["dx"], axis=2))
    for index, layer in enumerate(norms.layers):
        for key in ["dh"] + ["dc"] * (reference.cell == "lstm"):
            signal = expected[f"{key}_l{index}"]
            assert_same(network.signal(key, index), signal)
            assert_same(getattr(layer, key), batch * np.linalg.norm(signal, axis=2))


@pytest.mark.parametrize("name", TRAINING)
def test_parameters_after_ten_updates(name):
    reference = Reference(name)
    optimizer_name, clipping = reference.words
    make, learning_rate = OPTIMIZERS[optimizer_name]
    optimizer, gradient = make(), reference.network.gradients.flat
    losses, norms, clipped, scales = [], [], [], []
    for _ in reference.expected["losses"]:
        losses.append(reference.run()[1].value)
        norms.append(global_norm(gradient))
        scales.append(CLIPPING[clipping](gradient, norms[-1], reference.threshold))
        clipped.append(global_norm(gradient))
        optimizer.step(reference.network.parameters.flat, gradient, learning_rate)
    expected = reference.expected
    np.testing.assert_allclose(losses, expected["losses"], rtol=1e-9)
    np.testing.assert_allclose(norms, expected["norms"], rtol=1e-9)
    np.testing.assert_allclose(clipped, expected["clipped_norms"], rtol=1e-9)
    np.testing.assert_allclose(scales, np.divide(clipped, norms), rtol=1e-9)
    for key, parameter in reference.network.parameters.items():
        assert_same(parameter, expected[key], 1e-9)


def test_the_script_still_makes_the_stored_values():
    pytest.importorskip("torch")
    from tests.reference import make_reference

    made = {**make_reference.gradient_references(), **make_reference.training_references()}
    assert sorted(made) == GRADIENTS + TRAINING
    for name, arrays in made.items():
        with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as stored:
            assert sorted(stored) == sorted(arrays)
            for key, values in arrays.items():
                assert_same(values, stored[key], 1e-9)
