"""Make the stored reference values with PyTorch: ``python tests/reference/make_reference.py``.

It knows nothing of gradexplorer: PyTorch's own cells, losses, optimizers and clipping, all in
float64, and its autograd for every derivative.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_, clip_grad_value_

Arrays = dict[str, np.ndarray]

HERE = Path(__file__).parent
CELLS = {"rnn": nn.RNNCell, "lstm": nn.LSTMCell}
LOSSES = {
    "mse": nn.functional.mse_loss,
    "xent": nn.functional.cross_entropy,
    "bce": nn.functional.binary_cross_entropy_with_logits,
}

LAST, EVERY, SOME = "last", "every", "some"
# cell, loss, loss-bearing steps, k1, k2, whether an initial state is given
GRADIENTS = [
    ("rnn", "mse", LAST, None, None, False),
    ("rnn", "xent", EVERY, None, None, True),
    ("rnn", "mse", EVERY, 2, 4, True),
    ("rnn", "xent", LAST, 3, 3, False),
    ("rnn", "mse", SOME, 1, 5, False),
    ("rnn", "xent", EVERY, 1, 1, True),
    ("lstm", "xent", LAST, None, None, True),
    ("lstm", "mse", EVERY, None, None, False),
    ("lstm", "xent", EVERY, 3, 5, False),
    ("lstm", "mse", LAST, 4, 4, True),
    ("lstm", "xent", SOME, 2, 3, True),
    ("lstm", "mse", EVERY, 1, 1, False),
]
# cell, loss, optimizer, clipping and its threshold, which some updates meet and others do not
TRAINING = [
    ("rnn", "mse", "sgd", "norm", 0.4),
    ("lstm", "xent", "adam", "norm", 0.083),
    ("rnn", "xent", "adam", "value", 0.2),
    ("lstm", "mse", "sgd", "value", 0.06),
]
UPDATES = 10
OPTIMIZERS = {
    "sgd": lambda parameters: torch.optim.SGD(parameters, lr=0.4, momentum=0.9),
    "adam": lambda parameters: torch.optim.Adam(parameters, lr=0.1),
}
CLIPPING = {"norm": clip_grad_norm_, "value": clip_grad_value_}


class Network(nn.Module):
    """A cell stepped by hand, so that its states can be held and cut, and a readout."""

    def __init__(self, cell: str, parameters: Arrays) -> None:
        super().__init__()
        hidden, inputs = parameters["weight_hh_l0"].shape[1], parameters["weight_ih_l0"].shape[1]
        self.cell = CELLS[cell](inputs, hidden)
        self.readout = nn.Linear(hidden, len(parameters["readout.bias"]))
        self.double()
        for name, parameter in self.by_name().items():
            parameter.data = torch.tensor(parameters[name])

    def by_name(self) -> dict[str, nn.Parameter]:
        """Return the parameters under the names that torch.nn.RNN and torch.nn.LSTM give them."""
        named = self.named_parameters()
        return {
            f"{name.removeprefix('cell.')}_l0" if name.startswith("cell.") else name: parameter
            for name, parameter in named
        }

    def run(self, inputs: torch.Tensor, state: Arrays, stop: int, first: int = 0):
        """Run steps up to ``stop``, no gradient reaching those before ``first``.

        Returns the states after each step, as tuples (h,) or (h, c).
        """
        names = ["h", "c"] if isinstance(self.cell, nn.LSTMCell) else ["h"]
        zero = torch.zeros(inputs.shape[1], self.cell.hidden_size, dtype=torch.float64)
        now = tuple(torch.tensor(state[name]) if name in state else zero for name in names)
        states = []
        for t in range(stop):
            if t == first:
                now = tuple(part.detach() for part in now)
            after = self.cell(inputs[t], now if len(now) == 2 else now[0])
            now = after if isinstance(after, tuple) else (after,)
            for part in now:
                if part.requires_grad:
                    part.retain_grad()
            states.append(now)
        return states

    def loss(self, states, loss: str, targets: np.ndarray, loss_steps):
        """Return the mean loss of these steps, and the outputs."""
        outputs = self.readout(torch.stack([states[s][0] for s in loss_steps]))
        flat = torch.tensor(targets).flatten(0, 1)
        return LOSSES[loss](outputs.flatten(0, 1), flat), outputs


def truncated_bptt(
    cell: str, loss: str, arrays: Arrays, state: Arrays, k1: int | None, k2: int | None
) -> Arrays:
    """Return value, outputs and derivatives, each loss carried back on its own and added up.

    ``arrays`` holds the inputs, targets, loss_steps and parameters. The loss at step s reaches
    step t when t > e(s) - k2, e(s) the last step of its chunk of k1.
    """
    inputs, loss_steps = torch.tensor(arrays["inputs"]), arrays["loss_steps"]
    steps = len(inputs)
    k2 = k2 or steps
    k1 = k1 or k2
    network = Network(cell, arrays)
    whole, outputs = network.loss(
        network.run(inputs, state, steps), loss, arrays["targets"], loss_steps
    )
    shape = (2, steps, inputs.shape[1], network.cell.hidden_size)
    by_state, d_inputs = torch.zeros(shape, dtype=torch.float64), torch.zeros_like(inputs)
    for row, s in enumerate(loss_steps):
        chunk_end = min(k1 * (s // k1 + 1), steps) - 1
        first = max(0, chunk_end - k2 + 1)
        seen = inputs.clone().requires_grad_()
        states = network.run(seen, state, s + 1, first)
        part, _ = network.loss(states, loss, arrays["targets"][[row]], [s])
        (part / len(loss_steps)).backward()
        for t in range(first, s + 1):
            d_inputs[t] += seen.grad[t]
            for kind, tensor in enumerate(states[t]):
                if tensor.grad is not None:
                    by_state[kind, t] += tensor.grad
    result = {name: parameter.grad.numpy() for name, parameter in network.by_name().items()}
    result |= {"loss": whole.detach().numpy(), "outputs": outputs.detach().numpy()}
    result |= {"dh": by_state[0].numpy(), "dx": d_inputs.numpy()}
    return result | ({"dc": by_state[1].numpy()} if cell == "lstm" else {})


def train(
    cell: str, loss: str, arrays: Arrays, optimizer: str, clipping: str, threshold: float
) -> Arrays:
    """Return the parameters after some updates on one batch, and what each update met."""
    network = Network(cell, arrays)
    inputs, parameters = torch.tensor(arrays["inputs"]), list(network.parameters())
    rule = OPTIMIZERS[optimizer](parameters)
    losses, norms, clipped = [], [], []
    for _ in range(UPDATES):
        rule.zero_grad()
        states = network.run(inputs, {}, len(inputs))
        value, _ = network.loss(states, loss, arrays["targets"], arrays["loss_steps"])
        value.backward()
        losses.append(value.item())
        norms.append(_norm(parameters))
        CLIPPING[clipping](parameters, threshold)
        clipped.append(_norm(parameters))
        rule.step()
    few = sum(after < before for before, after in zip(norms, clipped, strict=True))
    assert 0 < few < UPDATES, f"{few} of {UPDATES} updates were clipped: choose another threshold"
    result = {name: parameter.detach().numpy() for name, parameter in network.by_name().items()}
    met = {"losses": losses, "norms": norms, "clipped_norms": clipped}
    return result | {name: np.array(values) for name, values in met.items()}


def _norm(parameters: list[nn.Parameter]) -> float:
    return torch.cat([parameter.grad.ravel() for parameter in parameters]).norm().item()


def draw(cell: str, loss: str, where: str, generator: np.random.Generator) -> Arrays:
    """Draw inputs, targets, loss-bearing steps and parameters."""
    steps, batch, size, hidden, outputs = 7, 3, 2, 4, 3
    rows = hidden * {"rnn": 1, "lstm": 4}[cell]
    loss_steps = {LAST: [steps - 1], EVERY: list(range(steps)), SOME: [0, 2, 3, 6]}[where]
    shape = (len(loss_steps), batch)
    continuous = loss == "mse"
    return {
        "inputs": generator.standard_normal((steps, batch, size)),
        "targets": generator.standard_normal((*shape, outputs))
        if continuous
        else generator.integers(0, outputs, shape),
        "loss_steps": np.array(loss_steps),
        "weight_ih_l0": generator.normal(0.0, 0.7, (rows, size)),
        "weight_hh_l0": generator.normal(0.0, 0.7, (rows, hidden)),
        "bias_ih_l0": generator.normal(0.0, 0.3, rows),
        "bias_hh_l0": generator.normal(0.0, 0.3, rows),
        "readout.weight": generator.normal(0.0, 0.7, (outputs, hidden)),
        "readout.bias": generator.normal(0.0, 0.3, outputs),
    }


def gradient_references() -> dict[str, Arrays]:
    """Return the arrays of every gradient case, by file name."""
    references = {}
    for number, (cell, loss, where, k1, k2, has_state) in enumerate(GRADIENTS):
        generator = np.random.default_rng(number)
        arrays = draw(cell, loss, where, generator)
        names = (["h", "c"] if cell == "lstm" else ["h"]) if has_state else []
        state = {name: generator.standard_normal((3, 4)) for name in names}
        expected = truncated_bptt(cell, loss, arrays, state, k1, k2)
        truncation = "full" if k2 is None else f"k1-{k1}-k2-{k2}"
        references[f"gradient-{cell}-{loss}-{where}-{truncation}"] = {
            **{f"given.{name}": values for name, values in arrays.items()},
            **{f"state.{name}": values for name, values in state.items()},
            **{f"expected.{name}": values for name, values in expected.items()},
        }
    return references


def training_references() -> dict[str, Arrays]:
    """Return the arrays of every training case, by file name."""
    references = {}
    for number, (cell, loss, optimizer, clipping, threshold) in enumerate(TRAINING):
        arrays = draw(cell, loss, EVERY, np.random.default_rng(100 + number))
        expected = train(cell, loss, arrays, optimizer, clipping, threshold)
        references[f"training-{cell}-{loss}-{optimizer}-{clipping}"] = {
            **{f"given.{name}": values for name, values in arrays.items()},
            **{f"expected.{name}": values for name, values in expected.items()},
            "threshold": np.array(threshold),
        }
    return references


def main() -> None:
    """Write one file for each case beside this script."""
    for name, arrays in {**gradient_references(), **training_references()}.items():
        np.savez_compressed(HERE / f"{name}.npz", **arrays)
        print(name)


if __name__ == "__main__":
    main()
