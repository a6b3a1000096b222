"""The flow matrix against the engine one loss at a time, PyTorch, and a closed form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradexplorer.analysis.flow import flow_matrix
from gradexplorer.analysis.sentences import of_matrix
from gradexplorer.analysis.watch import Cancelled
from gradexplorer.engine.network import RecurrentNetwork
from gradexplorer.engine.records import norms_of_own_loss

KINDS = [("rnn", "tanh"), ("rnn", "relu"), ("rnn", "sigmoid"), ("lstm", "tanh"), ("gru", "tanh")]
LOSSES = [None, (6,), (1, 2, 5), (0, 3)]


@pytest.mark.parametrize("losses", LOSSES)
@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize(("cell", "activation"), KINDS)
def test_each_row_is_what_the_engine_carries_back_of_one_loss(
    sized, cell, activation, depth, losses
) -> None:
    measured = sized(cell, activation=activation, depth=depth, loss_steps=losses)
    found = flow_matrix(measured)
    network, d_outputs = measured.network, measured.loss.d_outputs
    for row, s in enumerate(found.loss_steps):
        alone = np.zeros_like(d_outputs)
        alone[row] = d_outputs[row]
        network.backward(alone, measured.window.plan)
        for index in range(depth):
            expected = norms_of_own_loss(network.signal("dh", index)).mean(axis=1)
            np.testing.assert_allclose(found.layers[index][row, : s + 1], expected[: s + 1], 1e-11)
            assert np.isnan(found.layers[index][row, s + 1 :]).all()
            if cell == "lstm":
                expected = norms_of_own_loss(network.signal("dc", index)).mean(axis=1)
                cells = found.cell_layers[index]
                np.testing.assert_allclose(cells[row, : s + 1], expected[: s + 1], 1e-11)
    assert found.norms is found.layers[-1]
    assert (found.cell_norms is None) == (cell != "lstm")


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_agrees_with_pytorch(sized, cell) -> None:
    torch = pytest.importorskip("torch")
    measured = sized(cell, steps=5, batch=2)
    network, found = measured.network, flow_matrix(measured)
    kind = {"rnn": torch.nn.RNNCell, "lstm": torch.nn.LSTMCell, "gru": torch.nn.GRUCell}[cell]
    layer, readout = kind(2, 4).double(), torch.nn.Linear(4, 2).double()
    for theirs, ours in (
        (layer, {name.removesuffix("_l0"): v for name, v in network.parameters.items()}),
        (readout, {"weight": network.parameters["readout.weight"],
                   "bias": network.parameters["readout.bias"]}),
    ):  # fmt: skip
        names = dict(theirs.named_parameters())
        theirs.load_state_dict({name: torch.tensor(ours[name]) for name in names})
    state, hidden, losses = None, [], []
    for x, target in zip(measured.window.inputs, measured.window.targets, strict=True):
        state = layer(torch.tensor(x), state)
        hidden.append(state[0] if cell == "lstm" else state)
        error = (readout(hidden[-1]) - torch.tensor(target)) ** 2
        losses.append(error.mean(dim=1) / 5)  # each sequence's own loss is a mean over 5 steps
    for s, loss in enumerate(losses):
        by_h = torch.autograd.grad(loss.sum(), hidden[: s + 1], retain_graph=True)
        expected = [float(part.norm(dim=1).mean()) for part in by_h]
        np.testing.assert_allclose(found.norms[s, : s + 1], expected, rtol=1e-11)


def test_a_linear_orthogonal_net_shrinks_by_its_gain_a_step(sized) -> None:
    measured = sized("rnn", hidden=6, steps=9, activation="linear", loss_steps=(8,))
    rotation = np.linalg.qr(np.random.default_rng(0).standard_normal((6, 6)))[0]
    network: RecurrentNetwork = measured.network
    network.parameters["weight_hh_l0"][...] = 0.7 * rotation
    norms = flow_matrix(measured).norms[0]
    np.testing.assert_allclose(norms[:-1] / norms[1:], 0.7, rtol=1e-12)


def test_a_feedforward_network_has_one_row_of_layers(small, measure) -> None:
    measured = measure(small("model.cell=feedforward", "model.widths=5 7 3"))
    found = flow_matrix(measured)
    norms = [float(norms_of_own_loss(dh[None]).mean()) for dh in measured.network.signal("dh")]
    np.testing.assert_allclose(found.norms, [norms], rtol=1e-13)
    assert (found.axis, list(found.loss_steps)) == ("layer", [2])


def test_what_truncation_keeps(sized) -> None:
    kept = flow_matrix(sized(steps=4, loss_steps=(1, 3))).kept(2)
    assert kept.tolist() == [[True, True, False, False], [False, False, True, True]]


@pytest.mark.parametrize("losses", [None, (1, 3), (6,)])
def test_the_share_that_truncation_keeps_is_that_of_the_band(sized, losses) -> None:
    found = flow_matrix(sized(loss_steps=losses))
    norms = np.nan_to_num(found.norms)
    shares = [norms[found.kept(k2)].sum() / norms.sum() for k2 in range(1, 8)]
    np.testing.assert_allclose(found.shares_kept(), shares, rtol=1e-12)
    length = found.smallest_keeping(0.8)
    assert shares[length - 1] >= 0.8
    assert length == 1 or shares[length - 2] < 0.8


def test_what_is_not_finite_has_no_share(sized) -> None:
    found = flow_matrix(sized("rnn"))
    norms = found.norms.copy()
    norms[-1, 0] = np.inf
    overflowed = replace(found, norms=norms)
    assert np.isnan(overflowed.shares_kept()).all()
    assert overflowed.smallest_keeping(0.9) is None
    assert "Not all norms are finite" in of_matrix(overflowed)


def test_results_are_read_only_and_it_can_be_cancelled(sized) -> None:
    measured, told = sized(), []
    found = flow_matrix(measured, told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        found.norms[0, 0] = 1.0

    def cancel(fraction: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        flow_matrix(measured, cancel)
