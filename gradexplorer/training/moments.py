"""What is kept of a run so that one can go back to it: moments and gradient profiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, NamedTuple

import numpy as np

from gradexplorer.training.checkpoint import Checkpoint
from gradexplorer.training.sample import EvenSample
from gradexplorer.training.snapshot import Evaluation, Values, WindowTrace

MOMENTS_BYTES = 200_000_000
_MOST_MOMENTS = 400
_PROFILES_BYTES = 24_000_000
_MOST_PROFILES = 600
_OBJECT = 200  # bytes, about, that an array takes beside its values


@dataclass(frozen=True, eq=False)
class Moment:
    """One update, with what every view shows of it and with what a run goes on from.

    Attributes
    ----------
    trace : WindowTrace
    checkpoint : Checkpoint or None
        After the update; ``None`` where the run diverged in it.
    evaluation : Evaluation or None
        The latest by then.
    """

    trace: WindowTrace
    checkpoint: Checkpoint | None
    evaluation: Evaluation | None = None

    @property
    def iteration(self) -> int:
        """The update."""
        return self.trace.iteration


class Profile(NamedTuple):
    """The mean over the batch of ||dL/dh_t|| at each of an update's steps."""

    iteration: int
    dh: Values


def sample_of_moments(most_bytes: int = MOMENTS_BYTES) -> EvenSample[Moment]:
    """Return an empty sample of moments of at most so many bytes."""
    return EvenSample(_MOST_MOMENTS, most_bytes, size_of)


def sample_of_profiles() -> EvenSample[Profile]:
    """Return an empty sample of gradient profiles."""
    return EvenSample(_MOST_PROFILES, _PROFILES_BYTES, size_of)


def profile_of(trace: WindowTrace) -> Profile:
    """Return what is kept of every trace."""
    return Profile(trace.iteration, trace.dh.mean)


def size_of(value: object) -> int:
    """Return about how many bytes the arrays in a value take, each counted once."""
    seen: dict[int, int] = {}
    _add_arrays(value, seen)
    return sum(seen.values())


def _add_arrays(value: object, seen: dict[int, int]) -> None:
    if isinstance(value, np.ndarray):
        seen[id(value)] = value.nbytes + _OBJECT
        return
    for part in _parts(value):
        _add_arrays(part, seen)


def _parts(value: Any) -> Iterable[object]:
    if isinstance(value, Mapping):
        return value.values()
    if isinstance(value, list | tuple):
        return value
    if is_dataclass(value):
        return [getattr(value, field.name) for field in fields(value)]
    return ()
