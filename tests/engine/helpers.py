"""Small random problems, and what is expected of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from gradexplorer.engine.activations import ACTIVATIONS
from gradexplorer.engine.losses import LOSSES, Loss
from gradexplorer.engine.network import CELLS, RecurrentNetwork
from gradexplorer.engine.truncation import backward_plan

examples = settings(max_examples=120)


@dataclass(frozen=True)
class Case:
    """The sizes of a problem and the truncation it is solved under."""

    cell: str = "rnn"
    activation: str = "tanh"
    depth: int = 1
    loss: str = "mean_squared_error"
    steps: int = 6
    batch: int = 2
    inputs: int = 2
    hidden: int = 3
    outputs: int = 2
    loss_steps: tuple[int, ...] = (5,)
    k1: int | None = None
    k2: int | None = None
    has_state: bool = True
    learned: bool = False
    seed: int = 0


@st.composite
def cases(draw: st.DrawFn, *, truncated: bool) -> Case:
    """Draw a case, with k1 and k2 or without."""
    steps = draw(st.integers(1, 7), label="T")
    every = tuple(range(steps))
    subsets = st.sets(st.sampled_from(every), min_size=1).map(lambda chosen: tuple(sorted(chosen)))
    k2 = draw(st.integers(1, steps + 2), label="k2") if truncated else None
    cell = draw(st.sampled_from(sorted(CELLS)))
    return Case(
        cell=cell,
        activation=draw(st.sampled_from(sorted(ACTIVATIONS))) if cell == "rnn" else "tanh",
        depth=draw(st.sampled_from([1, 1, 2, 3]), label="depth"),
        loss=draw(st.sampled_from(sorted(LOSSES))),
        steps=steps,
        batch=draw(st.integers(1, 3), label="B"),
        inputs=draw(st.integers(1, 3), label="D"),
        hidden=draw(st.integers(1, 4), label="H"),
        outputs=draw(st.integers(1, 3), label="O"),
        loss_steps=draw(st.one_of(st.just(every[-1:]), st.just(every), subsets)),
        k1=None if k2 is None else draw(st.none() | st.integers(1, k2), label="k1"),
        k2=k2,
        has_state=draw(st.booleans()),
        learned=draw(st.booleans()),
        seed=draw(st.integers(0, 2**32 - 1)),
    )


class Problem:
    """A case's network with random weights and data, drawn in float64 whatever the precision."""

    def __init__(self, case: Case, dtype: type[np.floating] = np.float64) -> None:
        self.case = case
        generator = np.random.default_rng(case.seed)
        self.network = RecurrentNetwork(
            case.cell,
            case.inputs,
            case.hidden,
            case.outputs,
            np.dtype(dtype),
            depth=case.depth,
            activation=case.activation,
            learns_initial_state=case.learned,
        )
        flat = self.network.parameters.flat
        flat[...] = 0.8 * generator.standard_normal(flat.size)
        self.inputs = generator.standard_normal((case.steps, case.batch, case.inputs)).astype(dtype)
        shape = (len(case.loss_steps), case.batch)
        self.targets: Any = generator.integers(0, case.outputs, shape)
        if case.loss.endswith("mean_squared_error"):
            self.targets = generator.standard_normal((*shape, case.outputs)).astype(dtype)
        elif case.loss == "binary_cross_entropy":
            self.targets = generator.uniform(0.0, 1.0, (*shape, case.outputs)).astype(dtype)
        self.state = None
        if case.has_state:
            self.state = {
                name: generator.standard_normal((case.batch, case.hidden)).astype(dtype)
                for name in self.network.state_names
            }

    def forward(self) -> Loss:
        """Run the network and return the loss."""
        outputs = self.network.forward(self.inputs, np.array(self.case.loss_steps), self.state)
        return LOSSES[self.case.loss](outputs, self.targets)

    def run(self) -> Loss:
        """Run forward and backward under the case's truncation."""
        loss = self.forward()
        self.network.backward(loss.d_outputs, self.plan())
        return loss

    def plan(self):
        case = self.case
        return backward_plan(case.steps, case.loss_steps, case.k1, case.k2)

    def results(self) -> dict[str, np.ndarray]:
        """Return copies of all that the last run computed, by name."""
        network, case = self.network, self.case
        found = {**network.gradients.copies(), **network_norms(network)}
        for index, layer in enumerate(network.layers):
            for name in signal_names(case.cell):
                found[f"{name}_l{index}"] = network.signal(name, index).copy()
            for name in layer.state_names:
                found[f"{name}_l{index}"] = layer.states(name).copy()
        return found

    def one_sequence(self, index: int) -> Problem:
        """Return the problem of one sequence of the batch alone, with the same weights."""
        alone = Problem(replace(self.case, batch=1))
        alone.network.parameters.flat[...] = self.network.parameters.flat
        alone.inputs = self.inputs[:, [index]]
        alone.targets = self.targets[:, [index]]
        if self.state is not None:
            alone.state = {name: part[[index]] for name, part in self.state.items()}
        return alone


def signal_names(cell: str) -> list[str]:
    """Return what `RecurrentNetwork.signal` gives for a cell."""
    return ["dh", "flow_h", "from_above"] + ["dc", "flow_c", "dc_from_h"] * (cell == "lstm")


def network_norms(network: RecurrentNetwork) -> dict[str, np.ndarray]:
    """Return the norms of the last backward pass by name, a layer's with its number."""
    norms = network.gradient_norms()
    found = {f"norms.{name}": getattr(norms, name) for name in ("dy", "flow_y", "dx")}
    for index, layer in enumerate(norms.layers):
        for name, values in vars(layer).items():
            if values is not None:
                found[f"norms.{name}_l{index}"] = values
    return found


def reach(case: Case, loss_step: int) -> int:
    """Return the first step that a loss reaches, straight from the definition of (k1, k2)."""
    k2 = case.steps if case.k2 is None else case.k2
    k1 = k2 if case.k1 is None else case.k1
    chunk_end = min(k1 * (loss_step // k1 + 1), case.steps) - 1
    return max(0, chunk_end - k2 + 1)


def assert_same(actual, expected, tolerance: float = 1e-10) -> None:
    """Compare arrays with an error relative to the largest entry: cancelled ones have no digits."""
    scale = max(float(np.abs(expected).max(initial=0.0)), 1e-300)
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance * scale)


def assert_all_equal(actual: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    """Compare two results to the bit."""
    assert actual.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(actual[name], values, err_msg=name, strict=True)
