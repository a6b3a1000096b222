"""How a measurement tells how far it is, and is told to stop."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


class Cancelled(Exception):  # noqa: N818 - nothing went wrong
    """A measurement was told to stop."""


def ignore(_fraction: float) -> None:
    """Tell nobody."""


Tell = Callable[[float], None]
"""Called with the fraction that is done, in [0, 1]; it may raise `Cancelled`."""


def frozen(values: NDArray) -> NDArray:  # type: ignore[type-arg]
    """Return an array that can no longer be written to."""
    values.flags.writeable = False
    return values
