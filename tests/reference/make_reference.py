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
ACTIVATIONS = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "linear": lambda a: a,
}
LOSSES = {
    "mse": nn.functional.mse_loss,
    "xent": nn.functional.cross_entropy,
    "bce": nn.functional.binary_cross_entropy_with_logits,
}

LAST, EVERY, SOME = "last", "every", "some"
GIVEN, ZERO, LEARNED = "given", "zero", "learned"
# cell, with its activation and its number of layers where these are not tanh and 1; loss;
# loss-bearing steps; k1; k2; initial state
GRADIENTS = [
    ("rnn", "mse", LAST, None, None, ZERO),
    ("rnn", "xent", EVERY, None, None, GIVEN),
    ("rnn", "mse", EVERY, 2, 4, GIVEN),
    ("rnn", "xent", LAST, 3, 3, ZERO),
    ("rnn", "mse", SOME, 1, 5, ZERO),
    ("rnn", "xent", EVERY, 1, 1, GIVEN),
    ("lstm", "xent", LAST, None, None, GIVEN),
    ("lstm", "mse", EVERY, None, None, ZERO),
    ("lstm", "xent", EVERY, 3, 5, ZERO),
    ("lstm", "mse", LAST, 4, 4, GIVEN),
    ("lstm", "xent", SOME, 2, 3, GIVEN),
    ("lstm", "mse", EVERY, 1, 1, ZERO),
    ("gru", "xent", LAST, None, None, LEARNED),
    ("gru", "mse", EVERY, 2, 4, GIVEN),
    ("gru", "xent", SOME, 1, 5, ZERO),
    ("rnn.relu", "xent", EVERY, None, None, ZERO),
    ("rnn.sigmoid", "mse", LAST, None, None, LEARNED),
    ("rnn.linear", "mse", SOME, 2, 5, GIVEN),
    ("rnn.relu.4", "mse", EVERY, 3, 5, GIVEN),
    ("rnn.sigmoid.2", "xent", SOME, 2, 4, ZERO),
    ("rnn.tanh.2", "xent", LAST, None, None, LEARNED),
    ("lstm.tanh.2", "mse", SOME, None, None, LEARNED),
    ("lstm.tanh.3", "xent", EVERY, 2, 4, GIVEN),
    ("gru.tanh.2", "mse", EVERY, 1, 3, LEARNED),
    ("gru.tanh.4", "xent", LAST, None, None, GIVEN),
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


class VanillaCell(nn.RNNCell):
    """PyTorch's cell with any activation."""

    activation = "tanh"

    def forward(self, x: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
        a = x @ self.weight_ih.T + self.bias_ih + h @ self.weight_hh.T + self.bias_hh
        return ACTIVATIONS[self.activation](a)


CELLS = {"rnn": VanillaCell, "lstm": nn.LSTMCell, "gru": nn.GRUCell}


class Network(nn.Module):
    """Stacked cells stepped by hand, so that their states can be held and cut, and a readout."""

    def __init__(self, cell: str, parameters: Arrays) -> None:
        super().__init__()
        kind, activation, depth = parts(cell)
        hidden, inputs = parameters["weight_hh_l0"].shape[1], parameters["weight_ih_l0"].shape[1]
        self.cells = nn.ModuleList(
            CELLS[kind](hidden if index else inputs, hidden) for index in range(depth)
        )
        for layer in self.cells:
            layer.activation = activation
        self.names = ("h", "c") if kind == "lstm" else ("h",)
        self.readout = nn.Linear(hidden, len(parameters["readout.bias"]))
        initial = (name for name in parameters if name.startswith("initial_"))
        self.initial = nn.ParameterDict({name: torch.zeros(hidden) for name in initial})
        self.double()
        for name, parameter in self.by_name().items():
            parameter.data = torch.tensor(parameters[name])

    def by_name(self) -> dict[str, nn.Parameter]:
        """Return the parameters under the names that torch.nn.RNN, LSTM and GRU give them."""
        named = {}
        for name, parameter in self.named_parameters():
            _, *rest = name.split(".")
            if name.startswith("cells."):
                named[f"{rest[1]}_l{rest[0]}"] = parameter
            else:
                named[rest[0] if name.startswith("initial.") else name] = parameter
        return named

    def run(self, inputs: torch.Tensor, state: Arrays, stop: int, first: int = 0):
        """Run steps up to ``stop``, no gradient reaching those before ``first``.

        Returns the states after each step: of every layer a tuple (h,) or (h, c).
        """
        now = [self._start(index, inputs.shape[1], state) for index in range(len(self.cells))]
        states = []
        for t in range(stop):
            if t == first > 0:
                now = [tuple(part.detach() for part in layer) for layer in now]
            values = inputs[t]
            for index, layer in enumerate(self.cells):
                after = layer(values, now[index] if len(self.names) == 2 else now[index][0])
                now[index] = after if isinstance(after, tuple) else (after,)
                values = now[index][0]
                for part in now[index]:
                    if part.requires_grad:
                        part.retain_grad()
            states.append(list(now))
        return states

    def _start(self, index: int, batch: int, state: Arrays) -> tuple[torch.Tensor, ...]:
        parts = []
        for name in (f"{name}_l{index}" for name in self.names):
            if name in state:
                parts.append(torch.tensor(state[name]))
            elif f"initial_{name}" in self.initial:
                parts.append(self.initial[f"initial_{name}"].expand(batch, -1))
            else:
                parts.append(torch.zeros(batch, self.cells[0].hidden_size, dtype=torch.float64))
        return tuple(parts)

    def loss(self, states, loss: str, targets: np.ndarray, loss_steps):
        """Return the mean loss of these steps, and the outputs."""
        outputs = self.readout(torch.stack([states[s][-1][0] for s in loss_steps]))
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
    depth, shape = len(network.cells), (steps, inputs.shape[1], network.cells[0].hidden_size)
    by_state = {
        f"d{name}_l{index}": torch.zeros(shape, dtype=torch.float64)
        for index in range(depth)
        for name in network.names
    }
    d_inputs = torch.zeros_like(inputs)
    for row, s in enumerate(loss_steps):
        chunk_end = min(k1 * (s // k1 + 1), steps) - 1
        first = max(0, chunk_end - k2 + 1)
        seen = inputs.clone().requires_grad_()
        states = network.run(seen, state, s + 1, first)
        part, _ = network.loss(states, loss, arrays["targets"][[row]], [s])
        (part / len(loss_steps)).backward()
        for t in range(first, s + 1):
            d_inputs[t] += seen.grad[t]
            for index, layer in enumerate(states[t]):
                for name, tensor in zip(network.names, layer, strict=True):
                    if tensor.grad is not None:
                        by_state[f"d{name}_l{index}"][t] += tensor.grad
    result = {
        name: np.zeros(parameter.shape) if parameter.grad is None else parameter.grad.numpy()
        for name, parameter in network.by_name().items()
    }
    result |= {name: values.numpy() for name, values in by_state.items()}
    values = {"loss": whole, "outputs": outputs, "dx": d_inputs}
    return result | {name: tensor.detach().numpy() for name, tensor in values.items()}


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
    kind, _, depth = parts(cell)
    steps, batch, size, hidden, outputs = 7, 3, 2, 4, 3
    rows = hidden * {"rnn": 1, "lstm": 4, "gru": 3}[kind]
    loss_steps = {LAST: [steps - 1], EVERY: list(range(steps)), SOME: [0, 2, 3, 6]}[where]
    shape = (len(loss_steps), batch)
    continuous = loss == "mse"
    return {
        "inputs": generator.standard_normal((steps, batch, size)),
        "targets": generator.standard_normal((*shape, outputs))
        if continuous
        else generator.integers(0, outputs, shape),
        "loss_steps": np.array(loss_steps),
        **{
            f"{name}_l{index}": generator.normal(0.0, deviation, shape)
            for index in range(depth)
            for name, deviation, shape in (
                ("weight_ih", 0.7, (rows, hidden if index else size)),
                ("weight_hh", 0.7, (rows, hidden)),
                ("bias_ih", 0.3, rows),
                ("bias_hh", 0.3, rows),
            )
        },
        "readout.weight": generator.normal(0.0, 0.7, (outputs, hidden)),
        "readout.bias": generator.normal(0.0, 0.3, outputs),
    }


def parts(cell: str) -> tuple[str, str, int]:
    """Return kind, activation and number of layers of a cell as `GRADIENTS` names it."""
    kind, activation, depth = (*cell.split("."), *("tanh", "1")[cell.count(".") :])
    return kind, activation, int(depth)


def gradient_references() -> dict[str, Arrays]:
    """Return the arrays of every gradient case, by file name."""
    references = {}
    for number, (cell, loss, where, k1, k2, start) in enumerate(GRADIENTS):
        generator = np.random.default_rng(number)
        arrays = draw(cell, loss, where, generator)
        kind, _, depth = parts(cell)
        names = [
            f"{name}_l{index}" for index in range(depth) for name in "hc"[: 1 + (kind == "lstm")]
        ]
        state = {name: generator.standard_normal((3, 4)) for name in names if start == GIVEN}
        if start == LEARNED:
            arrays |= {f"initial_{name}": generator.standard_normal(4) for name in names}
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
