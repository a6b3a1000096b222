"""How much memory a network's buffers take, from the shapes alone."""

from __future__ import annotations

from typing import NamedTuple

# What is needed only on the way back is computed for so many steps at once that it stays cached.
CACHE_BYTES = 2**19
# A kept view saves 50 ns a step and takes some 150 bytes; long windows make them anew.
MOST_KEPT_VIEWS = 1000
_VIEW_BYTES = 150


class Footprint(NamedTuple):
    """What a layer keeps for each step and sequence, counted in vectors of H numbers.

    Attributes
    ----------
    gates : int
        G.
    kept : int
        From the forward pass, besides h.
    signals : int
        On the way back.
    factors : int
        On the way back, for as many steps as stay cached.
    d_inputs : int
        Vectors of D numbers, once dL/dx was asked for.
    views : int
        NumPy views kept for each step.
    """

    gates: int
    kept: int
    signals: int
    factors: int
    d_inputs: int
    views: int


class Window(NamedTuple):
    """The shape of a window.

    Attributes
    ----------
    steps, batch : int
        T and B.
    passes : int
        Of its `gradexplorer.engine.truncation.BackwardPlan`.
    """

    steps: int
    batch: int
    passes: int = 1


def chunk_of(gates: int, hidden_size: int, window: Window, itemsize: int) -> int:
    """Return for how many steps at once a layer computes the factors of its way back."""
    return max(1, min(window.steps, CACHE_BYTES // (window.batch * gates * hidden_size * itemsize)))


def layer_bytes(
    footprint: Footprint, input_size: int, hidden_size: int, window: Window, itemsize: int
) -> int:
    """Return the bytes of a layer's buffers for a window, dL/dx among them.

    Parameters
    ----------
    footprint : Footprint
    input_size, hidden_size : int
        D and H.
    window : Window
    itemsize : int
        Bytes of a number.
    """
    signals = footprint.signals * (2 if window.passes > 1 else 1)
    row = hidden_size * (1 + footprint.kept + signals) + input_size + 1
    row += footprint.d_inputs * input_size
    chunk = chunk_of(footprint.gates, hidden_size, window, itemsize)
    # One step more: the state before the first, and what a step works in.
    numbers = (window.steps + 1) * row + chunk * footprint.factors * hidden_size
    views = footprint.views * min(window.steps, MOST_KEPT_VIEWS) * _VIEW_BYTES
    return numbers * window.batch * itemsize + views
