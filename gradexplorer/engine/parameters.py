"""Named arrays that live in one flat vector."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[np.floating]
Shapes = Mapping[str, tuple[int, ...]]


class Parameters(Mapping[str, Array]):
    """Named views of one flat vector, so that norms and updates are single operations.

    Parameters
    ----------
    shapes : mapping of str to tuple of int
        Names and shapes as in PyTorch's ``state_dict``.
    dtype : dtype
        ``float32`` or ``float64``.

    Attributes
    ----------
    flat : ndarray, shape (size,)
        All values; the views share its memory.
    """

    def __init__(self, shapes: Shapes, dtype: DTypeLike) -> None:
        self.shapes = dict(shapes)
        self.flat: Array = np.zeros(sum(map(prod, self.shapes.values())), dtype)
        self._views: dict[str, Array] = {}
        offset = 0
        for name, shape in self.shapes.items():
            self._views[name] = self.flat[offset : offset + prod(shape)].reshape(shape)
            offset += prod(shape)

    def __getitem__(self, name: str) -> Array:
        return self._views[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._views)

    def __len__(self) -> int:
        return len(self._views)

    def copies(self) -> dict[str, Array]:
        """Return copies of the arrays, by name."""
        return {name: view.copy() for name, view in self.items()}

    def name_at(self, index: int) -> str:
        """Return the name of the array that holds position ``index`` of the flat vector."""
        for name, shape in self.shapes.items():
            index -= prod(shape)
            if index < 0:
                return name
        raise IndexError(index)
