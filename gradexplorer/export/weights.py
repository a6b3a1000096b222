"""Weights as safetensors, with PyTorch's names and shapes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from gradexplorer.export.summary import program_version
from gradexplorer.files import write_bytes


def write_weights(weights: Mapping[str, NDArray[np.floating]], path: Path, updates: int) -> None:
    """Write weights, and after how many updates they were taken, in one atomic replacement.

    ``weight_ih_l0`` and its like load into ``torch.nn.RNN``, ``LSTM`` or ``GRU``, which know
    nothing of a learned ``initial_h_l0``; ``readout.weight`` and ``readout.bias``, and each of
    a feedforward network's ``layers.0`` and so on, into a ``torch.nn.Linear``. An experiment
    may start from them all.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    contiguous = {name: np.ascontiguousarray(values) for name, values in weights.items()}
    # One entry, because several would stand in another order each time.
    source = f"gradexplorer {program_version()}, after {updates} updates"
    write_bytes(path, save(contiguous, metadata={"source": source}))
