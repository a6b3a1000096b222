"""Arrays that begin where a cache line begins."""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import DTypeLike

from gradexplorer.engine.parameters import Array

_LINE = 64  # bytes; also the width of the widest vector registers


def empty(shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    """Return an array of arbitrary values; NumPy's own begin anywhere in a cache line."""
    size = prod(shape) * np.dtype(dtype).itemsize
    block = np.empty(size + _LINE, np.uint8)
    start = -block.ctypes.data % _LINE
    aligned: Array = block[start : start + size].view(dtype).reshape(shape)
    return aligned
