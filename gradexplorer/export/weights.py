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

    ``weight_ih_l0`` and its like load into ``torch.nn.RNN`` or ``torch.nn.LSTM``,
    ``readout.weight`` and ``readout.bias`` into a ``torch.nn.Linear``; and an experiment may
    start from them.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    contiguous = {name: np.ascontiguousarray(values) for name, values in weights.items()}
    # One entry, because several would stand in another order each time.
    source = f"gradexplorer {program_version()}, after {updates} updates"
    write_bytes(path, save(contiguous, metadata={"source": source}))
