"""What was measured of a run on request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class Measured:
    """Measurements of one moment of a run.

    Attributes
    ----------
    iteration : int
        Updates that the measured weights had seen.
    batch : str
        Which sequences were measured, for a person.
    results : mapping
        Each result under its class.
    problems : mapping of class to str
        Why a measurement could not be made.
    """

    iteration: int
    batch: str = ""
    results: Mapping[type, Any] = field(default_factory=dict)
    problems: Mapping[type, str] = field(default_factory=dict)

    def get(self, kind: type[Result]) -> Result | None:
        """Return the result of a kind, if there is one."""
        result: Result | None = self.results.get(kind)
        return result
