"""What people would use instead, on the same work: PyTorch and, where it is installed, JAX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

try:
    import torch

    torch.set_num_threads(1)
except ImportError:
    torch = None

try:
    import jax
    import jax.numpy as jnp
except ImportError:
    jax = None

Run = Callable[[], object]


def versions() -> str:
    """Name those that are there."""
    found = [f"torch {torch.__version__}"] if torch else []
    found += [f"jax {jax.__version__}"] if jax else []
    return ", ".join(found) or "none is installed"


def runs(cell: str, row: Any, inputs: int, outputs: int) -> dict[str, Run]:
    """Return everybody's forward and backward pass by name."""
    found: dict[str, Run] = {}
    if torch:
        found["torch layer"] = torch_layer(cell, row, inputs, outputs)
        found["torch loop"] = torch_loop(cell, row, inputs, outputs)
    if jax:
        found["jax scan"] = jax_scan(cell, row, inputs, outputs)
    return found


def torch_layer(cell: str, row: Any, inputs: int, outputs: int) -> Run:
    """Return torch.nn.RNN, LSTM or GRU, which does not give dL/dh_t."""
    kind = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell]
    layer, readout = kind(inputs, row.hidden), torch.nn.Linear(row.hidden, outputs)
    x, gradient = torch.randn(row.steps, row.batch, inputs), torch.full((row.batch, outputs), 1.0)

    def run() -> None:
        layer.zero_grad()
        readout.zero_grad()
        readout(layer(x)[0][-1]).backward(gradient)

    return run


def torch_loop(cell: str, row: Any, inputs: int, outputs: int) -> Run:
    """Return a loop over torch's cells with retain_grad, which does."""
    kind = {"rnn": torch.nn.RNNCell, "lstm": torch.nn.LSTMCell, "gru": torch.nn.GRUCell}[cell]
    step, readout = kind(inputs, row.hidden), torch.nn.Linear(row.hidden, outputs)
    x, gradient = torch.randn(row.steps, row.batch, inputs), torch.full((row.batch, outputs), 1.0)
    zero = torch.zeros(row.batch, row.hidden)

    def run() -> list[Any]:
        step.zero_grad()
        readout.zero_grad()
        state, hidden = (zero, zero) if cell == "lstm" else zero, []
        for x_t in x:
            state = step(x_t, state)
            for part in state if cell == "lstm" else (state,):
                part.retain_grad()
            hidden.append(state[0] if cell == "lstm" else state)
        readout(hidden[-1]).backward(gradient)
        return [h.grad for h in hidden]

    return run


def jax_scan(cell: str, row: Any, inputs: int, outputs: int) -> Run:
    """Return a jitted scan that gives dL/dh_t as the gradient of a zero added to every h_t."""
    gates, hidden = {"rnn": 1, "lstm": 4, "gru": 3}[cell], row.hidden
    keys = jax.random.split(jax.random.key(0), 4)
    bound = hidden**-0.5
    draw = jax.random.uniform
    weights = {
        "ih": draw(keys[0], (inputs, gates * hidden), minval=-bound, maxval=bound),
        "hh": draw(keys[1], (hidden, gates * hidden), minval=-bound, maxval=bound),
        "bias_ih": jnp.zeros(gates * hidden),
        "bias_hh": jnp.zeros(gates * hidden),
        "readout": draw(keys[2], (hidden, outputs), minval=-bound, maxval=bound),
    }
    x = jax.random.normal(keys[3], (row.steps, row.batch, inputs))
    added = jnp.zeros((row.steps, row.batch, hidden))
    zero = jnp.zeros((row.batch, hidden))

    def loss(weights: Any, added: Any) -> Any:
        def step(state: Any, given: Any) -> Any:
            x_t, added_t = given
            ai = x_t @ weights["ih"] + weights["bias_ih"]
            ah = state[0] @ weights["hh"] + weights["bias_hh"]
            h, c = _jax_cell(cell, ai, ah, *state)
            return (h + added_t, c), None

        (h, _), _ = jax.lax.scan(step, (zero, zero), (x, added))
        return (h @ weights["readout"]).sum() / row.batch

    gradients = jax.jit(jax.grad(loss, argnums=(0, 1)))
    return lambda: jax.block_until_ready(gradients(weights, added))


def _jax_cell(cell: str, ai: Any, ah: Any, h: Any, c: Any) -> tuple[Any, Any]:
    if cell == "rnn":
        return jnp.tanh(ai + ah), c
    if cell == "lstm":
        i, f, g, o = jnp.split(ai + ah, 4, axis=1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return jax.nn.sigmoid(o) * jnp.tanh(c), c
    (ri, zi, ni), (rh, zh, nh) = jnp.split(ai, 3, axis=1), jnp.split(ah, 3, axis=1)
    z = jax.nn.sigmoid(zi + zh)
    return (1 - z) * jnp.tanh(ni + jax.nn.sigmoid(ri + rh) * nh) + z * h, c
