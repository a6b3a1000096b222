"""Learning-rate schedules: for each update a factor on the learning rate.

The first update has the number 0, so that ``torch.optim.lr_scheduler``, stepped after
each update, gives the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable

Schedule = Callable[[int], float]


def constant(_update: int) -> float:
    """Return 1 at every update."""
    return 1.0


def step(step_size: int, gamma: float) -> Schedule:
    """Multiply by ``gamma``, in [0, 1], after every ``step_size`` updates, as ``StepLR``."""
    return lambda update: gamma ** (update // step_size)


def cosine(t_max: int, min_factor: float) -> Schedule:
    """Fall from 1 to ``min_factor`` in ``t_max`` updates, and rise again, as ``CosineAnnealingLR``.

    References
    ----------
    Loshchilov & Hutter (2017), SGDR: stochastic gradient descent with warm restarts.
    """
    return lambda update: (
        min_factor + (1.0 - min_factor) * (1.0 + math.cos(math.pi * update / t_max)) / 2.0
    )


def warmed_up(total_iters: int, start_factor: float, after: Schedule) -> Schedule:
    """Rise in a line from ``start_factor`` to 1 in ``total_iters`` updates, then go on.

    As ``LinearLR``, and for what comes after it ``SequentialLR``: the schedule ``after``
    begins with its first update where the warm-up ends.
    """

    def factor(update: int) -> float:
        if update >= total_iters:
            return after(update - total_iters)
        return start_factor + (1.0 - start_factor) * update / total_iters

    return factor
