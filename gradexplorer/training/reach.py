"""How strongly each loss of a sequence depends on each earlier input."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradexplorer.engine.layer import State
from gradexplorer.engine.losses import LossFunction
from gradexplorer.engine.networks import OpenNetwork
from gradexplorer.engine.norms import norms
from gradexplorer.engine.parameters import Array
from gradexplorer.engine.truncation import backward_plan

GROUP = 32


def gradient_reach(
    network: OpenNetwork,
    loss: LossFunction,
    inputs: NDArray[Any],
    targets: NDArray[Any],
    state: State | None = None,
) -> Array:
    """Return ||dL_s/dx_k|| for every two steps s and k of one sequence, (T, T).

    The sequence is run in a batch of copies, each of which bears the loss of one step alone,
    so one pass backward gives a row for each of them; what follows a loss has no part in it, 0.

    Parameters
    ----------
    network : Network
        A recurrent one; its last window and its gradients are overwritten.
    loss : callable
    inputs : ndarray, shape (T, D), or of int, shape (T,)
    targets : ndarray, shape (T, ...)
    state : mapping of str to ndarray, shape (1, H), optional
        Before the first step.
    """
    steps = len(inputs)
    reach = np.zeros((steps, steps))
    for stop in range(steps, 0, -GROUP):  # the longest first: its buffers serve the others
        start = max(0, stop - GROUP)
        copies = stop - start
        outputs = network.forward(
            np.repeat(inputs[:stop, None], copies, axis=1),
            slice(start, stop),
            state and {name: np.repeat(part, copies, axis=0) for name, part in state.items()},
        )
        mean = loss(outputs[:, :1], targets[start:stop, None])
        own = np.arange(copies)
        d_outputs = np.zeros_like(outputs)
        d_outputs[own, own] = mean.d_outputs[:, 0] * copies
        network.backward(d_outputs, backward_plan(stop, range(start, stop)))
        reach[start:stop, :stop] = norms(network.layers[0].d_inputs()).T
    return reach
