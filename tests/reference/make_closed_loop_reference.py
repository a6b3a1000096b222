"""Make a closed loop's reference values: ``python tests/reference/make_closed_loop_reference.py``.

It knows nothing of gradexplorer: PyTorch's own cells and layers steer a pendulum written down
here from Gymnasium's documentation, in float64, and autograd takes every derivative. A chunk's
losses are carried back by a run of their own, detached where truncation cuts. Of a case without
truncation there are also the gradient of every single step's loss at every step, and the Jacobian
of every step: of the next s (before it is disturbed), h and c, with respect to those before.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn

Arrays = dict[str, np.ndarray]

HERE = Path(__file__).parent
STEPS, BATCH, HIDDEN = 9, 3, 4
SCALES = (1.0, 0.9, 0.4, 0.3)
# cell, with its activation; k1; k2; initial state
CASES = [
    ("rnn", None, None, "zero"),
    ("rnn.relu", 2, 4, "given"),
    ("rnn.sigmoid", 3, 3, "learned"),
    ("lstm", None, None, "learned"),
    ("lstm", 2, 5, "given"),
    ("gru", None, None, "given"),
    ("gru", 1, 3, "learned"),
    ("feedforward", None, None, "zero"),
    ("feedforward.relu", 2, 3, "given"),
]
CELLS = {"rnn": nn.RNNCell, "lstm": nn.LSTMCell, "gru": nn.GRUCell}
FUNCTIONS = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid}


def case_name(cell: str, k1: int | None, k2: int | None, initial: str) -> str:
    """Return what a case's file is called."""
    truncation = "full" if k2 is None else f"k1-{k1}-k2-{k2}"
    return f"closed-loop-{cell}-{truncation}-{initial}"


class Loop:
    """A controller and a pendulum, with everything that a step leaves behind."""

    def __init__(self, cell: str, initial: str) -> None:
        self.cell, _, activation = cell.partition(".")
        self.activation = FUNCTIONS[activation or "tanh"]
        self.initial = initial
        shapes = {"readout.weight": (1, HIDDEN), "readout.bias": (1,)}
        if self.cell == "feedforward":
            shapes |= {"layers.0.weight": (5, 3), "layers.0.bias": (5,)}
            shapes |= {"layers.1.weight": (HIDDEN, 5), "layers.1.bias": (HIDDEN,)}
        else:
            rows = HIDDEN * {"rnn": 1, "lstm": 4, "gru": 3}[self.cell]
            shapes |= {"weight_ih_l0": (rows, 3), "weight_hh_l0": (rows, HIDDEN)}
            shapes |= {"bias_ih_l0": (rows,), "bias_hh_l0": (rows,)}
        self.names = ["h", "c"] if self.cell == "lstm" else ["h"]
        if self.cell == "feedforward":
            self.names = []
        if initial == "learned":
            shapes |= {f"initial_{name}_l0": (HIDDEN,) for name in self.names}
        self.parameters = {
            name: (0.7 * torch.randn(shape)).requires_grad_() for name, shape in shapes.items()
        }
        self.inputs = 0.1 * torch.randn(STEPS, BATCH, 2)
        self.inputs[0] = torch.tensor([[0.3, 0.5], [2.5, 7.9], [-1.5, -7.8]])  # two get clipped
        self.targets = torch.randn(STEPS, BATCH, 4)
        self.given = {"s": torch.zeros(BATCH, 2)}
        self.given |= {f"{name}_l0": torch.zeros(BATCH, HIDDEN) for name in self.names}
        if initial == "given":
            self.given = {name: 0.5 * torch.randn_like(part) for name, part in self.given.items()}

    def answer(self, seen: torch.Tensor, state: list[torch.Tensor]) -> list[torch.Tensor]:
        """Return the controller's next state, h first."""
        parameters = self.parameters
        if self.cell == "feedforward":
            for index in range(2):
                weight, bias = (parameters[f"layers.{index}.{part}"] for part in ("weight", "bias"))
                seen = self.activation(nn.functional.linear(seen, weight, bias))
            return [seen]
        if self.cell == "rnn" and self.activation is torch.sigmoid:  # torch's cell has none
            a = nn.functional.linear(seen, parameters["weight_ih_l0"], parameters["bias_ih_l0"])
            b = nn.functional.linear(state[0], parameters["weight_hh_l0"], parameters["bias_hh_l0"])
            return [torch.sigmoid(a + b)]
        options = {"nonlinearity": self.activation.__name__} if self.cell == "rnn" else {}
        cell = CELLS[self.cell](3, HIDDEN, **options)
        own = {name: parameters[f"{name}_l0"] for name, _ in cell.named_parameters()}
        carried = tuple(state) if self.cell == "lstm" else state[0]
        found = torch.func.functional_call(cell, own, (seen, carried))
        return list(found) if self.cell == "lstm" else [found]

    def run(self, detached_before: int) -> tuple[torch.Tensor, dict[str, list[torch.Tensor]]]:
        """Return the outputs, and states and commands that retain their gradients."""
        arrived = self.given["s"]
        state = [self.given[f"{name}_l0"] for name in self.names]
        if self.initial == "learned":
            state = [self.parameters[f"initial_{name}_l0"].expand(BATCH, -1) for name in self.names]
        outputs: list[torch.Tensor] = []
        kept: dict[str, list[torch.Tensor]] = {name: [] for name in ("s", "y", "h", "c")}
        for t in range(STEPS):
            if t == detached_before and t > 0:
                arrived, state = arrived.detach(), [part.detach() for part in state]
            here = arrived + self.inputs[t]
            here.requires_grad_()
            output, command, arrived, state = self.step(here, state)
            found = {"s": here, "y": command, **dict(zip("hc", state, strict=False))}
            for name, part in found.items():
                part.retain_grad()
                kept[name].append(part)
            outputs.append(output)
        return torch.stack(outputs) * torch.tensor(SCALES), kept

    def step(
        self, here: torch.Tensor, state: list[torch.Tensor]
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, list[torch.Tensor]]:
        """Return what is measured, the command, where the plant goes, and the next state."""
        angle, speed = here.unbind(1)
        state = self.answer(torch.stack([angle.cos(), angle.sin(), speed], 1), state)
        readout = self.parameters["readout.weight"], self.parameters["readout.bias"]
        command = nn.functional.linear(state[0], *readout)
        torque = 2.0 * torch.tanh(command[:, 0])
        output = torch.stack([angle.cos(), angle.sin(), speed, torque], 1)
        # m = l = 1, g = 10, dt = 0.05
        speed = speed + (3 * 10.0 / (2 * 1.0) * angle.sin() + 3.0 / (1.0 * 1.0**2) * torque) * 0.05
        speed = speed.clamp(-8.0, 8.0)
        return output, command, torch.stack([angle + speed * 0.05, speed], 1), state

    def jacobian(self, here: torch.Tensor, state: list[torch.Tensor]) -> torch.Tensor:
        """Return the Jacobian of a step of one sequence's whole state."""
        sizes = [2, *[HIDDEN] * len(self.names)]

        def after(before: torch.Tensor) -> torch.Tensor:
            parts = list(before[None].split(sizes, 1))
            _, _, arrived, following = self.step(parts[0], parts[1:])
            return torch.cat([arrived, *following[: len(self.names)]], 1)[0]

        joint = torch.cat([here, *state])
        return torch.autograd.functional.jacobian(after, joint)


def flow(loop: Loop) -> Arrays:
    """Return dL_s/ds_t, dL_s/dh_t and dL_s/dc_t, each (T, T, B, ...) by s and t, and Jacobians."""
    outputs, kept = loop.run(0)
    names = ["s", "h", "c"] if "c" in loop.names else ["s", "h"]
    found: Arrays = {}
    for name in names:
        found[f"flow_{name}"] = np.zeros((STEPS, STEPS, *kept[name][0].shape))
    for s in range(STEPS):
        loss = ((outputs - loop.targets)[s] ** 2).sum() / loop.targets.numel()
        parts = [kept[name][t] for name in names for t in range(s + 1)]
        gradients = torch.autograd.grad(loss, parts, retain_graph=True, allow_unused=True)
        for index, gradient in enumerate(gradients):
            if gradient is not None:
                name, t = names[index // (s + 1)], index % (s + 1)
                found[f"flow_{name}"][s, t] = gradient.numpy()
    before = [loop.given[f"{name}_l0"] for name in loop.names]
    if loop.initial == "learned":
        before = [loop.parameters[f"initial_{name}_l0"].expand(BATCH, -1) for name in loop.names]
    jacobians = []
    for t in range(STEPS):
        states = before if t == 0 else [kept[name][t - 1] for name in loop.names]
        one = [
            loop.jacobian(kept["s"][t][b].detach(), [part[b].detach() for part in states])
            for b in range(BATCH)
        ]
        jacobians.append(torch.stack(one))
    return found | {"jacobians": torch.stack(jacobians).numpy()}


def reference(cell: str, k1: int | None, k2: int | None, initial: str) -> Arrays:
    """Compute a case."""
    torch.manual_seed(1 + CASES.index((cell, k1, k2, initial)))
    loop = Loop(cell, initial)
    reach = STEPS if k2 is None else k2
    chunk = STEPS if k2 is None else (k1 or k2)
    signals: dict[str, np.ndarray] = {}
    total = 0.0
    for start in range(0, STEPS, chunk):
        stop = min(start + chunk, STEPS)
        outputs, kept = loop.run(max(0, stop - reach))
        squares = (outputs - loop.targets)[start:stop] ** 2
        loss = squares.sum() / loop.targets.numel()
        loss.backward()
        total += float(loss.detach())
        for name, parts in kept.items():
            for t, part in enumerate(parts):
                if part.grad is not None and max(0, stop - reach) <= t < stop:
                    sums = signals.setdefault(f"d{name}", np.zeros((STEPS, *part.shape)))
                    sums[t] += part.grad.numpy()
    arrays = {f"given.{name}": part.detach().numpy() for name, part in loop.parameters.items()}
    arrays |= {"given.inputs": loop.inputs.numpy(), "given.targets": loop.targets.numpy()}
    if initial == "given":
        arrays |= {f"state.{name}": part.numpy() for name, part in loop.given.items()}
    arrays |= {"expected.outputs": outputs.detach().numpy(), "expected.loss": np.array(total)}
    for name, parameter in loop.parameters.items():
        gradient = parameter.grad if parameter.grad is not None else torch.zeros_like(parameter)
        arrays[f"expected.{name}"] = gradient.numpy()
    if k2 is None:
        signals |= flow(loop)
    return arrays | {f"expected.{name}": signal for name, signal in signals.items()}


def references() -> dict[str, Arrays]:
    """Compute every case, by name."""
    torch.set_default_dtype(torch.float64)
    try:
        return {case_name(*case): reference(*case) for case in CASES}
    finally:
        torch.set_default_dtype(torch.float32)


def main() -> None:
    """Write the files beside this script."""
    for name, arrays in references().items():
        np.savez_compressed(HERE / f"{name}.npz", **arrays)


if __name__ == "__main__":
    main()
